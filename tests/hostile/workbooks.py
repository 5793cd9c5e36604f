"""Spreadsheets: bombs, lies of the archive, and sheets that claim more than they hold."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from cessio.receivables.formats.tabular.confined import Packed, read_packed
from tests.hostile.case import Case, case

_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
    'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>number</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>amount</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>F-1</t></is></c><c r="B2"><v>12.5</v></c></row>'
)


def sheet(rows: str = ROWS, dimension: str = "A1:B2", prolog: str = "") -> str:
    """A sheet of these rows."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<worksheet {_NS}>'
        f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    )


def parts(
    first: str | bytes | None = None,
    *,
    strings: str | bytes | None = None,
    styles: str = "",
    properties: str = "",
) -> dict[str, str | bytes]:
    """The files of a workbook of one sheet."""
    rels = [("rId1", "worksheet", "worksheets/sheet1.xml")]
    found: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_NS} xmlns:r="{_RELS}">{properties}<sheets><sheet '
        'name="One" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": sheet() if first is None else first,
    }
    if strings is not None:
        rels.append(("rId2", "sharedStrings", "sharedStrings.xml"))
        found["xl/sharedStrings.xml"] = strings
    if styles:
        rels.append(("rId3", "styles", "styles.xml"))
        found["xl/styles.xml"] = f"<styleSheet {_NS}>{styles}</styleSheet>"
    found["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{_PACKAGE}">'
        + "".join(
            f'<Relationship Id="{name}" Type="{_RELS}/{kind}" Target="{target}"/>'
            for name, kind, target in rels
        )
        + "</Relationships>"
    )
    return found


def packed(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The archive of them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def cells(*expected: str) -> Callable[[Packed], bool]:
    """These cells, column by column of the second line, exactly."""
    return lambda read: [text.split("\0")[1] for text in read.cells] == [*expected]


CODES = (
    "file_damaged",
    "file_bomb",
    "file_encrypted",
    "file_no_lines",
    "file_too_many_columns",
    "file_too_many_lines",
    "file_too_demanding",
    "file_too_many_cells",
    "file_too_large",
)


def cases() -> Iterator[Case]:
    """All of them."""
    right = cells("F-1", "12.5")
    yield case("workbook: sound", read_packed, packed(parts()), right=right, sheet=None)
    for name, make in {**_bombs(), **_claims()}.items():
        yield case(f"workbook: {name}", read_packed, make, *CODES, right=_bounded, sheet=None)
    for name, make in _archives().items():
        yield case(f"workbook: {name}", read_packed, make, *CODES, right=right, sheet=None)
    for name, data in _broken().items():
        yield case(
            f"workbook: {name}",
            read_packed,
            data,
            *CODES,
            "file_unknown_format",
            "file_not_a_table",
            sheet=None,
        )
    yield from _values()


def _bounded(read: Packed) -> bool:
    """Read within its bounds, as many cells as lines, none of them cut."""
    return not any("987654" in text for text in read.cells) and all(
        text.count("\0") == max(0, len(read.lines) - 1) for text in read.cells
    )


def zeros(size: int) -> bytes:
    """A deflated stream of so many spaces, made of one block repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = b" " * 1_000_000
    return b"".join([*(packer.compress(piece) for _ in range(size // 1_000_000)), packer.flush()])


def raw_zip(entries: list[tuple[str, bytes, int, int]], *, told: int | None = None) -> bytes:
    """An archive of deflated streams: name, stream, CRC and size told of each."""
    out, directory = io.BytesIO(), io.BytesIO()
    for name, stream, crc, size in entries:
        place, raw = out.tell(), name.encode()
        shown = size if told is None else told
        head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(stream), shown, len(raw), 0)
        out.write(b"PK\x03\x04" + head + raw + stream)
        directory.write(
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + head
            + struct.pack("<HHHII", 0, 0, 0, 0, place)
            + raw
        )
    begin, body = out.tell(), directory.getvalue()
    count = len(entries)
    return (
        out.getvalue()
        + body
        + b"PK\x05\x06"
        + struct.pack("<HHHHIIH", 0, 0, count, count, len(body), begin, 0)
    )


def overlapping(count: int) -> bytes:
    """A directory whose every entry is the same bytes: they unpack as often as they are named."""
    stream = zeros(20_000_000)
    one = raw_zip([("a", stream, 0, 20_000_000)])
    cut = one.index(b"PK\x01\x02")
    entry = one[cut : one.index(b"PK\x05\x06")]
    body = b"".join(entry[:-1] + bytes([97 + n % 26]) for n in range(count))
    return (
        one[:cut]
        + body
        + b"PK\x05\x06"
        + struct.pack("<HHHHIIH", 0, 0, count, count, len(body), cut, 0)
    )


def _deflated(files: dict[str, str | bytes]) -> list[tuple[str, bytes, int, int]]:
    found = []
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        found.append((name, packer.compress(data) + packer.flush(), zlib.crc32(data), len(data)))
    return found


def _bombs() -> dict[str, Callable[[], bytes]]:
    shared = f'<sst {_NS} count="9" uniqueCount="9">'
    entity = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return {
        "a sheet of a gigabyte": lambda: raw_zip(
            [
                *_deflated({k: v for k, v in parts().items() if "sheet1" not in k}),
                ("xl/worksheets/sheet1.xml", zeros(1_000_000_000), 0, 1_000_000_000),
            ]
        ),
        "a sheet of a gigabyte that says 100": lambda: raw_zip(
            [
                *_deflated({k: v for k, v in parts().items() if "sheet1" not in k}),
                ("xl/worksheets/sheet1.xml", zeros(1_000_000_000), zlib.crc32(b" " * 100), 100),
            ]
        ),
        "a picture of a gigabyte": lambda: raw_zip(
            [*_deflated(parts()), ("xl/media/a.png", zeros(1_000_000_000), 0, 1_000_000_000)]
        ),
        "overlapping entries": lambda: overlapping(2_000),
        "65,000 overlapping entries": lambda: overlapping(65_000),
        "a bomb in a bomb": lambda: packed(
            {**parts(), "xl/a.zip": packed({"b.zip": packed({"c": b"\0" * 50_000_000})})}
        ),
        "3,000 parts": lambda: packed({**parts(), **{f"xl/a{n}.xml": "<a/>" for n in range(3000)}}),
        "a million shared strings": lambda: packed(
            parts(strings=shared + "<si><t>x</t></si>" * 1_000_000 + "</sst>")
        ),
        "a shared string of 300 MB": lambda: packed(
            parts(
                sheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'),
                strings=shared.encode() + b"<si><t>" + b"x" * 300_000_000 + b"</t></si></sst>",
            )
        ),
        "a shared string of 1 MB said 100,000 times": lambda: packed(
            parts(
                sheet(
                    "".join(
                        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>'
                        for n in range(1, 100_000)
                    )
                ),
                strings=f"{shared}<si><t>{'x' * 1_000_000}</t></si></sst>",
            )
        ),
        "strings that claim to be 4 billion": lambda: packed(
            parts(strings=f'<sst {_NS} count="4294967295" uniqueCount="4294967295"></sst>')
        ),
        "laughs in the sheet": lambda: packed(parts(sheet(prolog=entity).replace("F-1", "&b;"))),
        "laughs in the strings": lambda: packed(parts(strings=entity + shared + "</sst>")),
        "a file outside in the sheet": lambda: packed(
            parts(
                sheet(prolog='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>').replace(
                    "F-1", "&e;"
                )
            )
        ),
        "a sheet that goes on behind its size": lambda: _longer_than_told(),
        "a sheet in UTF-16": lambda: packed(
            parts(
                sheet(ROWS.replace("12.5", "12<!--x-->.5"))
                .replace("UTF-8", "UTF-16")
                .encode("utf-16")
            )
        ),
        "a deep sheet": lambda: packed(parts(sheet("<a>" * 200_000))),
        "an attribute of 100 MB": lambda: packed(parts(sheet(f'<row r="{"1" * 100_000_000}"/>'))),
    }


def _longer_than_told() -> bytes:
    """A sheet whose directory tells of its first part alone, with the right sum of that part."""
    first = sheet(ROWS).partition("</sheetData>")[0].encode()
    evil = ROWS.replace("12.5", "987654<!--x-->.5").replace('"A2"', '"A3"').replace('"B2"', '"B3"')
    rest = evil.partition("</row>")[2].encode() + b"</sheetData></worksheet>"
    (entry,) = _deflated({"xl/worksheets/sheet1.xml": first + rest})
    others = _deflated({k: v for k, v in parts().items() if "sheet1" not in k})
    return raw_zip([*others, (entry[0], entry[1], zlib.crc32(first), len(first))])


def _claims() -> dict[str, Callable[[], bytes]]:
    """Few cells that stand far apart, or a sheet that says it is large."""
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    wide = "".join(f'<c r="{_column(n)}1"><v>{n}</v></c>' for n in range(16_384))
    return {
        "a sheet that says it is whole": lambda: packed(parts(sheet(dimension="A1:XFD1048576"))),
        "a dimension backwards": lambda: packed(parts(sheet(dimension="XFD1048576:A1"))),
        "a dimension that is none": lambda: packed(parts(sheet(dimension="hello"))),
        "a dimension beyond": lambda: packed(parts(sheet(dimension="A1:ZZZZZZ99999999999"))),
        "a cell at the end": lambda: packed(parts(sheet(ROWS + far, "A1:XFD1048576"))),
        "a cell at the end, unsaid": lambda: packed(parts(sheet(ROWS + far))),
        "a cell at the last line": lambda: packed(
            parts(sheet(ROWS + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'))
        ),
        "a cell beyond the end": lambda: packed(
            parts(sheet(ROWS + '<row r="9999999999"><c r="A9999999999"><v>1</v></c></row>'))
        ),
        "a cell at line zero": lambda: packed(
            parts(sheet('<row r="0"><c r="A0"><v>1</v></c></row>'))
        ),
        "a cell of no place": lambda: packed(
            parts(sheet('<row r="1"><c r="!"><v>1</v></c></row>'))
        ),
        "16,384 columns": lambda: packed(parts(sheet(f'<row r="1">{wide}</row>'))),
        "a million empty lines": lambda: packed(
            parts(sheet("".join(f'<row r="{n}"/>' for n in range(1, 1_000_001))))
        ),
        "200,000 lines of 2": lambda: packed(
            parts(
                sheet(
                    "".join(
                        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>1</v></c></row>'
                        for n in range(1, 200_001)
                    )
                )
            )
        ),
        "300 columns by 20,000": lambda: packed(
            parts(
                sheet(
                    "".join(
                        f'<row r="{n}"><c r="KN{n}"><v>1</v></c></row>' for n in range(1, 20_001)
                    )
                )
            )
        ),
        "an ODS that repeats": lambda: _ods(
            '<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
            'table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p>'
            "</table:table-cell></table:table-row>"
        ),
        "an ODS that repeats 4 billion times": lambda: _ods(
            '<table:table-row table:number-rows-repeated="4294967295"><table:table-cell '
            'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
        ),
        "an ODS with laughs": lambda: _ods("", '<!DOCTYPE x [<!ENTITY a "ha">]>'),
    }


def _column(n: int) -> str:
    name = ""
    n += 1
    while n:
        n, rest = divmod(n - 1, 26)
        name = chr(65 + rest) + name
    return name


def _ods(rows: str, prolog: str = "") -> bytes:
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?>{prolog}<office:document-content xmlns:office="{urn}:office:1.0" '
        f'xmlns:table="{urn}:table:1.0" xmlns:text="{urn}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="One">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": "<m/>",
        }
    )


def _archives() -> dict[str, Callable[[], bytes]]:
    """Names and flags that would harm who unpacks to a disk: nothing here does."""
    sound = packed(parts())

    def named(name: str, *, mode: int = 0) -> bytes:
        buffer = io.BytesIO(sound)
        with zipfile.ZipFile(buffer, "a") as archive:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, "/etc/passwd")
        return buffer.getvalue()

    at = sound.index(b"PK\x01\x02")
    return {
        "a name that climbs": lambda: named("../../../../tmp/cessio-was-here"),
        "a name from the root": lambda: named("/tmp/cessio-was-here"),
        "a name of Windows": lambda: named("..\\..\\a.exe"),
        "a link": lambda: named("xl/link", mode=0o120777),
        "a device": lambda: named("xl/dev", mode=0o20666),
        "a name of 60,000": lambda: named("x" * 60_000),
        "an empty name": lambda: named(""),
        "a sheet twice": lambda: named("xl/worksheets/sheet1.xml"),
        "encrypted": lambda: sound[: at + 8] + b"\x01" + sound[at + 9 :],
        "of an unknown method": lambda: sound[: at + 10] + b"\x63" + sound[at + 11 :],
        "stored": lambda: packed(parts(), zipfile.ZIP_STORED),
        "bzip2": lambda: packed(parts(), zipfile.ZIP_BZIP2),
        "LZMA": lambda: packed(parts(), zipfile.ZIP_LZMA),
        "a comment": lambda: sound[:-2] + b"\xff\xff" + b"x" * 65_535,
        "bytes before": lambda: b"PK\x03\x04" + sound,
        "bytes after": lambda: sound + b"hello",
        "sizes of zero": lambda: raw_zip(_deflated(parts()), told=0),
        "sizes of 4 GB": lambda: raw_zip(_deflated(parts()), told=0xFFFFFFFE),
    }


def _broken() -> dict[str, bytes]:
    sound, ole = packed(parts()), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    without = dict(parts())
    del without["xl/workbook.xml"]
    return {
        "a stream of no known kind": raw_zip([("xl/workbook.xml", b"\x07" * 40, 0, 40)]),
        "a stream that leads back too far": raw_zip([("a.xml", b"\x4b\x04\x7a\x7a", 0, 40)]),
        "another packing, damaged": _damaged(packed(parts(), zipfile.ZIP_LZMA)),
        "a head alone": b"PK\x03\x04",
        "an empty archive": b"PK\x05\x06" + b"\0" * 18,
        "half": sound[: len(sound) // 2],
        "no directory": sound[: sound.index(b"PK\x01\x02")],
        "no workbook": packed(without),
        "another archive": packed({"a.txt": "hello"}),
        "a Word file": packed({"word/document.xml": "<a/>"}),
        "an old file's head": ole,
        "an old file of noise": ole + bytes(range(256)) * 200,
        "an old file of ones": ole + b"\xff" * 100_000,
        "an old file of zeros": ole + b"\0" * 100_000,
        "a locked workbook": ole + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") * 40,
        "no sheet": packed(parts("")),
        "a sheet of noise": packed(parts(bytes(range(256)))),
        "a sheet cut": packed(parts(sheet()[:-60])),
        "a sheet that is a page": packed(parts("<html/>")),
        "no line": packed(parts(sheet(""))),
    }


def _damaged(archive: bytes) -> bytes:
    """The archive with the first bytes of each stream overwritten."""
    found, place = bytearray(archive), archive.find(b"PK\x03\x04")
    while place >= 0:
        start = place + 30 + archive[place + 26] + archive[place + 28]
        found[start + 9 : start + 20] = b"\xff" * 11
        place = archive.find(b"PK\x03\x04", start)
    return bytes(found)


def _values() -> Iterator[Case]:
    """What a cell says: its value as stored, whole, or nothing."""

    def of(inner: str, **more: Any) -> bytes:
        rows = ROWS.replace('<c r="B2"><v>12.5</v></c>', inner)
        return packed(parts(sheet(rows), **more))

    strings = (
        f'<sst {_NS}><si><t>a</t></si><si><r><t xml:space="preserve">rich </t></r>'
        "<r><t>text</t></r></si></sst>"
    )
    yield from (
        case(f"workbook: {name}", read_packed, data, *CODES, right=right, sheet=None)
        for name, data, right in (
            ("a formula with its value", of('<c r="B2"><f>1+1</f><v>2</v></c>'), cells("F-1", "2")),
            (
                "a command as a formula",
                of('<c r="B2"><f>CMD|"/C calc"!A0</f><v>7</v></c>'),
                cells("F-1", "7"),
            ),
            (
                "a formula without value",
                of('<c r="B2"><f>1+1</f></c><c r="C2"><v>3</v></c>'),
                cells("F-1", "", "3"),
            ),
            ("an error", of('<c r="B2" t="e"><v>#REF!</v></c><c r="C2"><v>3</v></c>'), _no_number),
            (
                "rich text",
                of('<c r="B2" t="s"><v>1</v></c>', strings=strings),
                cells("F-1", "rich text"),
            ),
            (
                "a string that is not there",
                of('<c r="B2" t="s"><v>99</v></c>', strings=strings),
                _no_number,
            ),
            (
                "a string before the first",
                of('<c r="B2" t="s"><v>-1</v></c>', strings=strings),
                _no_number,
            ),
            ("a number in words", of('<c r="B2"><v>twelve</v></c>'), _no_number),
            ("NaN", of('<c r="B2"><v>NaN</v></c>'), _no_number),
            ("an infinity", of('<c r="B2"><v>1e999</v></c>'), _no_number),
            ("a comment in a value", of('<c r="B2"><v>12<!--x-->.5</v></c>'), _whole),
            ("a section in a value", of('<c r="B2"><v>12<![CDATA[.5]]></v></c>'), _whole),
            ("an element in a value", of('<c r="B2"><v>12<x/>.5</v></c>'), _whole),
            ("an entity in a value", of('<c r="B2"><v>12&#46;5</v></c>'), _whole),
            (
                "an entity in a result",
                of('<c r="B2" t="str"><f>A1</f><v>A &amp; B</v></c>'),
                cells("F-1", "A & B"),
            ),
            (
                "an entity in a place",
                of('<c r="B2" t="s"><v>&#49;</v></c>', strings=strings),
                _no_number,
            ),
            (
                "a comment in a text",
                of('<c r="B2" t="inlineStr"><is><t>12<!--x-->.5</t></is></c>'),
                _whole,
            ),
            (
                "a section in a text",
                of('<c r="B2" t="inlineStr"><is><t>12<![CDATA[.5]]></t></is></c>'),
                _whole,
            ),
            (
                "an entity in a text",
                of('<c r="B2" t="inlineStr"><is><t>12&#46;5</t></is></c>'),
                _whole,
            ),
            ("a cell twice", of('<c r="B2"><v>1</v></c><c r="B2"><v>2</v></c>'), cells("F-1", "2")),
            (
                "cells in disorder",
                of('<c r="C2"><v>3</v></c><c r="B2"><v>2</v></c>'),
                cells("F-1", "2", "3"),
            ),
            ("a cell without a place", of("<c><v>12.5</v></c>"), cells("F-1", "12.5")),
        )
    )


def _no_number(read: Packed) -> bool:
    """The cell gives no number that nobody wrote."""
    second = read.cells[1].split("\0")[1] if len(read.cells) > 1 else ""
    return not second.replace(".", "").replace("-", "").isdigit()


def _whole(read: Packed) -> bool:
    """The cell is read whole or not at all; a part of it would be another amount."""
    return len(read.cells) < 2 or read.cells[1].split("\0")[1] in ("12.5", "")
