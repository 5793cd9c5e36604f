"""XML: the same attacks on every format that is XML, and values of bank files."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cessio.banking.formats.camt import read_camt
from cessio.banking.formats.pain002 import read_pain002
from cessio.screening.formats import read_list
from cessio.screening.rules import ListSource
from tests.banking.camt_samples import balance, entry, one
from tests.hostile.case import Case, case
from tests.screening.samples import EU

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
XML = (
    "xml_doctype",
    "xml_malformed",
    "xml_truncated",
    "xml_not_xml",
    "xml_encoding",
    "xml_empty",
    "xml_too_large",
)
PAIN = (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr>'
    "<MsgId>R-1</MsgId></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>PAY-1234.00</OrgnlMsgId>"
    "<GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"
)
CAMT = one(entry("1234.00"), balances=balance("OPBD", "0.00") + balance("CLBD", "1234.00")).decode()


@dataclass(frozen=True)
class Format:
    """A format: its reader, a sound document, where a value stands, and what reading it gives."""

    name: str
    reader: Callable[..., Any]
    sound: str
    value: str
    of: Callable[[Any], str]
    codes: tuple[str, ...]
    named: tuple[tuple[str, Any], ...] = ()

    def with_value(self, text: str) -> bytes:
        return self.sound.replace(self.value, text, 1).encode()

    def with_prolog(self, text: str) -> bytes:
        return (HEAD + text + self.body).encode()

    @property
    def body(self) -> str:
        return self.sound.partition("?>\n")[2] if self.sound.startswith("<?xml") else self.sound


_EU_BODY = EU.replace('number="512345678"', 'number="1234.00"')
FORMATS = (
    Format(
        "camt",
        read_camt,
        CAMT,
        "1234.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>",
        lambda read: str(read.statements[0].entries[0].amount_minor),
        ("statement_",),
    ),
    Format(
        "pain.002",
        read_pain002,
        PAIN,
        "PAY-1234.00",
        lambda read: str(read.original_message_id),
        ("bank_answer_",),
    ),
    Format(
        "list of the Union",
        read_list,
        _EU_BODY,
        "1234.00",
        lambda read: str(read.read.entries[1].identifiers[0]),
        ("list_",),
        (("source", ListSource.EU), ("dated_on", None)),
    ),
)

_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
PROLOGS = {
    "billion laughs": _LAUGHS,
    "quadratic entity": f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>',
    "external file": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "external address": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "empty subset": "<!DOCTYPE Document []>",
    "public": '<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x.dtd">',
    "doctype after a comment": "<!-- a --> <!DOCTYPE x>",
    "doctype after an instruction": "<?a b?>\n<!DOCTYPE x>",
    "doctype over lines": "<!DOCTYPE\n\tx\n>",
    "doctype in small letters": "<!doctype x>",
    "entity alone": '<!ENTITY a "b">',
    "declaration twice": HEAD,
    "comment unclosed": "<!-- a ",
    "instruction unclosed": "<?a b ",
    "text first": "hello ",
    "end tag first": "</x>",
}


def cases() -> Iterator[Case]:
    """Every attack on every format."""
    for form in FORMATS:
        known = (*XML, *_codes(form))
        yield from _whole(form, known)
        for name, prolog in PROLOGS.items():
            yield case(
                f"{form.name}: {name}",
                form.reader,
                form.with_prolog(prolog),
                *known,
                **dict(form.named),
            )
        yield from _encodings(form, known)
        yield from _bombs(form, known)
    for form in FORMATS[:2]:
        yield from _in_values(form)
    yield from _amounts()
    yield from _dates()


def _codes(form: Format) -> tuple[str, ...]:
    named = {
        "camt": (
            "statement_wrong_root",
            "statement_not_camt",
            "file_empty",
            "bank_file_wrong_root",
        ),
        "pain.002": ("bank_answer_wrong_root", "bank_answer_without_original"),
        "list of the Union": ("list_not_xml", "list_not_eu", "list_empty", "list_undated"),
    }
    return named[form.name]


def _whole(form: Format, known: tuple[str, ...]) -> Iterator[Case]:
    """What is not the document at all, or not all of it."""
    sound = form.sound.encode()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.xml", sound)
    wholes = {
        "nothing": b"",
        "blank": b" \n\t ",
        "a mark alone": codecs.BOM_UTF8,
        "zeros": b"\0" * 5000,
        "half": sound[: len(sound) // 2],
        "cut in the last tag": sound[:-3],
        "cut in a tag": sound[: sound.rindex(b"<") + 2],
        "a page": b"<html><body>hi</body></html>",
        "JSON": b'{"a": 1}',
        "gzip": gzip.compress(sound),
        "zip": zipped.getvalue(),
        "twice": sound + form.body.encode(),
        "garbage after": sound + b"garbage",
        "a PDF": b"%PDF-1.7\n%\xe2\xe3\n1 0 obj <</Type/Catalog>> endobj",
        "noise": bytes(range(256)),
        "an open comment after": sound + b"<!-- ",
        "a start tag after": sound + b"<x>",
    }
    for name, data in wholes.items():
        yield case(f"{form.name}: {name}", form.reader, data, *known, **dict(form.named))
    right = _as_sound(form)
    for name, data in {
        "sound": sound,
        "a comment after": sound + b"<!-- end -->",
        "zeros after": sound + b"\0\0\0",
        "a style sheet": form.with_prolog('<?xml-stylesheet href="x"?>'),
        "with a mark": codecs.BOM_UTF8 + sound,
    }.items():
        yield case(f"{form.name}: {name}", form.reader, data, right=right, **dict(form.named))


def _as_sound(form: Format) -> Callable[[Any], bool]:
    expected = form.of(form.reader(form.sound.encode(), **dict(form.named)))
    assert expected in ("123400", "PAY-1234.00", "1234.00")
    return lambda read: form.of(read) == expected


def _encodings(form: Format, known: tuple[str, ...]) -> Iterator[Case]:
    body, right, named = form.body, _as_sound(form), dict(form.named)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        yield case(
            f"{form.name}: {encoding}",
            form.reader,
            (HEAD + body).encode(encoding),
            right=right,
            **named,
        )
    lies = {
        "UTF-7": f'<?xml version="1.0" encoding="UTF-7"?>{body}'.encode(),
        "EBCDIC": f'<?xml version="1.0" encoding="cp037"?>{body}'.encode("cp037", "replace"),
        "an unknown encoding": f'<?xml version="1.0" encoding="x-none"?>{body}'.encode(),
        "UTF-32": (HEAD + body).encode("utf-32"),
        "UTF-16 cut in a character": (HEAD + body).encode("utf-16")[:-1],
        "UTF-16 with half a pair": codecs.BOM_UTF16_LE
        + body.encode("utf-16-le")[:400]
        + b"\x00\xd8",
        "UTF-16 doctype": (_LAUGHS + body).encode("utf-16"),
        "said UTF-16, is not": f'<?xml version="1.0" encoding="UTF-16"?>{body}'.encode(),
        "a long declaration": f'<?xml version="1.0" {" " * 400} encoding="UTF-7"?>{body}'.encode(),
        "UTF-7 doctype": f'<?xml version="1.0"{" " * 400}encoding="UTF-7"?>'
        f"+ADwAIQ-DOCTYPE x [+ADwAIQ-ENTITY"
        f' e "9"+AD4AXQA+-{body}'.encode(),
        "two encodings": f'<?xml version="1.0" encoding="UTF-8" encoding="UTF-7"?>{body}'.encode(),
        "an odd encoding": f'<?xml version="1.0" encoding="UTF-7:"?>{body}'.encode(),
        "invalid bytes": form.with_value("\x01").replace(b"\x01", b"\xff\xfe\xfd"),
        "a cut sequence": form.with_value("\x01").replace(b"\x01", b"\xe2\x82"),
        "an overlong slash": form.with_value("\x01").replace(b"\x01", b"\xc0\xaf"),
        "a surrogate": form.with_value("\x01").replace(b"\x01", b"\xed\xa0\x80"),
        "a NUL": form.with_value("12\x0034"),
        "a bell": form.with_value("12\x0734"),
        "NUL by number": form.with_value("12&#0;34"),
        "FFFF by number": form.with_value("&#xFFFF;"),
        "a character beyond": form.with_value("&#x110000;"),
        "no such entity": form.with_value("12&e;34"),
        "a bare ampersand": form.with_value("12&34"),
    }
    for name, data in lies.items():
        yield case(f"{form.name}: {name}", form.reader, data, *known, **named)


def _bombs(form: Format, known: tuple[str, ...]) -> Iterator[Case]:
    """Too much of something."""
    demanding = (*known, "file_too_demanding", "value_with_elements")
    start = form.body.index(">") + 1
    root, rest = form.body[:start], form.body[start:]
    inside: dict[str, Callable[[], str]] = {
        "deep": lambda: root + "<a>" * 100_000 + "</a>" * 100_000 + rest,
        "deep, of 300": lambda: root + "<a>" * 300 + "</a>" * 300 + rest,
        "a text of 12 MB": lambda: root + f"<a>{'x' * 12_000_000}</a>" + rest,
        "an attribute of 12 MB": lambda: root + f'<a b="{"x" * 12_000_000}"/>' + rest,
        "a name of 12 MB": lambda: root + f"<{'x' * 12_000_000}/>" + rest,
        "an attribute twice": lambda: root + '<a b="1" b="2"/>' + rest,
        "a prefix unknown": lambda: root + "<z:a/>" + rest,
        "wrongly nested": lambda: root + "<a><b></a></b>" + rest,
        "no end": lambda: root + "<a>" * 200_000,
        "a section unclosed": lambda: root + "<a><![CDATA[ " + rest,
        "a section's end alone": lambda: root + "<a>]]></a>" + rest,
    }
    for name, make in inside.items():
        yield case(
            f"{form.name}: {name}", form.reader, _bytes(make), *demanding, **dict(form.named)
        )
    right = _as_sound(form)
    many: dict[str, Callable[[], str]] = {
        "200,000 attributes": lambda: "<a " + " ".join(f'b{n}=""' for n in range(200_000)) + "/>",
        "100,000 prefixes": lambda: (
            "<a " + " ".join(f'xmlns:b{n}="u"' for n in range(100_000)) + "/>"
        ),
        "2 million elements": lambda: "<a/>" * 2_000_000,
        "a million comments": lambda: "<!---->" * 1_000_000,
        "an included file": lambda: (
            '<i:include xmlns:i="http://www.w3.org/2001/XInclude" '
            'href="file:///etc/passwd" parse="text"/>'
        ),
    }
    for name, made in many.items():
        yield case(
            f"{form.name}: {name}",
            form.reader,
            _bytes(lambda made=made: root + made() + rest),
            *demanding,
            right=right,
            **dict(form.named),
        )


def _bytes(make: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: make().encode()


def _in_values(form: Format) -> Iterator[Case]:
    """What hides in a value: read whole, or refused; never a part of it."""
    right = _as_sound(form)
    value = form.value.partition("<")[0]
    rest = form.value[len(value) :]
    half, more = value[:-4], value[-4:]
    whole = {
        "a comment within": f"{half}<!--x-->{more}",
        "an instruction within": f"{half}<?x y?>{more}",
        "a section within": f"{half}<![CDATA[{more}]]>",
        "by number": f"{half}&#{ord(more[0])};{more[1:]}",
        "by hexadecimal number": f"{half}&#x{ord(more[0]):x};{more[1:]}",
        "blanks around": f"\n\t {value} \n",
        "a comment first": f"<!-- 99 -->{value}",
        "a comment last": f"{value}<!-- 99 -->",
        "comments galore": "<!---->".join(value),
    }
    for name, text in whole.items():
        yield case(f"{form.name}: {name}", form.reader, form.with_value(text + rest), right=right)
    for name, text in {
        "an element within": f"{half}<x/>{more}",
        "an element around": f"<x>{value}</x>",
        "an element last": f"{value}<x>9</x>",
    }.items():
        yield case(
            f"{form.name}: {name}",
            form.reader,
            form.with_value(text + rest),
            "value_with_elements",
            "statement_value_missing",
        )


BAD_AMOUNTS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1_234.00",
    "1,234.00",
    "1 234.00",
    "1.234.00",
    "1e3",
    "0x10",
    "+1234.00",
    "-1234.00",
    "١٢٣٤.٠٠",
    "１２３４.００",
    "\u202e1234.00",
    "1234.00\u200f",
    "\u22121234",
    "1234.001",
    "9" * 30,
    "1" * 6000,
    "",
    " ",
    ".",
    "1234.00 EUR",
    "1234..00",
    "½",
    "1234,00",
)


def _amounts() -> Iterator[Case]:
    """Amounts that only some readers take for a number; whoever does reads another sum."""
    codes = (
        "amount_unreadable",
        "amount_missing",
        "amount_negative",
        "amount_too_large",
        "amount_too_precise",
        "amount_decimals",
        "statement_amount",
        "value_missing",
        "balance_broken",
        "amount_not_finite",
    )
    for text in BAD_AMOUNTS:
        data = FORMATS[0].with_value(text + FORMATS[0].value.partition("1234.00")[2])
        yield case(f"camt: the amount {text[:12]!r}", read_camt, data, *codes)


def _dates() -> Iterator[Case]:
    for text in (
        "2026-02-30",
        "2026-13-01",
        "0000-01-01",
        "10000-01-01",
        "٢٠٢٦-١١-١٦",
        "16/11/2026",
        "2026-W47-1",
        "20261116",
        "",
        "2026-11-16\u200f",
        "2026-11-16T25:00:00",
    ):
        data = CAMT.replace("<BookgDt><Dt>2026-11-16", f"<BookgDt><Dt>{text}", 1).encode()
        yield case(
            f"camt: the day {text!r}",
            read_camt,
            data,
            "date_unreadable",
            "date_missing",
            "entry_undated",
            right=_same_day,
        )


def _same_day(read: Any) -> bool:
    """The value date may stand in for a day that is left out; nothing else may."""
    return str(read.statements[0].entries[0].booked_on) in ("2026-11-16", "2026-11-17")
