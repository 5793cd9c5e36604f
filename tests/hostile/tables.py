"""Delimited text: tables, fixings and lists, and the cells of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from cessio.contracts.formats.fixings import read_fixings
from cessio.contracts.rules import IndexName
from cessio.receivables.formats import tabular
from cessio.receivables.formats.tabular.confined import Packed, read_packed, unpacked
from cessio.screening.formats import read_list
from cessio.screening.rules import ListSource
from tests.hostile.case import Case, case

HEAD = "N° facture;Date facture;Échéance;SIREN;Raison sociale;Montant TTC\r\n"
LINE = "F-{n};02/11/2026;17/12/2026;456780014;Durand;{amount}\r\n"
TODAY = date(2026, 11, 16)
FIXINGS = "date;rate;index;source\n2026-11-02;2,10;EURIBOR_3M;ECB\n2026-11-03;2,11;EURIBOR_3M;ECB\n"


def table(*amounts: str) -> str:
    """A remittance with these amounts."""
    return HEAD + "".join(LINE.format(n=n, amount=text) for n, text in enumerate(amounts, start=1))


def lines(packed: Packed) -> list[dict[str, Any]]:
    """What a remittance takes of it."""
    found = unpacked(packed)
    mapping = tabular.propose(found, french=True, today=TODAY).mapping
    read = tabular.read_lines(found.records, found.header, mapping, currency="EUR")
    return read.frame.to_dicts()


def count(expected: int) -> Callable[[Packed], bool]:
    """So many records, whatever is in them."""
    return lambda packed: len(packed.lines) == expected


def faulty(column: str) -> Callable[[Packed], bool]:
    """The second of three lines is told as faulty and has no value; the others are whole."""

    def right(packed: Packed) -> bool:
        first, second, third = lines(packed)
        return (
            first[column] is not None
            and third[column] is not None
            and not first["faults"]
            and second[column] is None
            and bool(second["faults"])
        )

    return right


def amounts(*expected: int) -> Callable[[Packed], bool]:
    """These amounts and no fault of any."""
    return lambda packed: (
        [one["amount_minor"] for one in lines(packed)] == [*expected]
        and not any(one["faults"] for one in lines(packed))
    )


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _shapes()
    yield from _texts()
    yield from _cells()
    yield from _big()
    yield from _fixings()
    yield from _lists()


def _shapes() -> Iterator[Case]:
    good = table("1,00", "2,00", "3,00")
    shapes: dict[str, tuple[str, int]] = {
        "line feeds alone": (good.replace("\r\n", "\n"), 4),
        "carriage returns alone": (good.replace("\r\n", "\r"), 4),
        "mixed ends": (good.replace("\r\n", "\n", 2), 4),
        "no last end": (good.rstrip(), 4),
        "blank lines": (good.replace("\r\n", "\r\n\r\n\r\n"), 4),
        "a vertical tab in a name": (good.replace("Durand", "Dur\x0band"), 4),
        "a form feed in a name": (good.replace("Durand", "Dur\x0cand"), 4),
        "a file separator in a name": (good.replace("Durand", "Dur\x1cand"), 4),
        "a next line in a name": (good.replace("Durand", "Dur\x85and"), 4),
        "a line separator in a name": (good.replace("Durand", "Dur\u2028and"), 4),
        "a unit separator in a name": (good.replace("Durand", "Dur\x1fand"), 4),
        "a NUL in a name": (good.replace("Durand", "Dur\0and"), 4),
        "marks of direction": (good.replace("Durand", "\u202eDurand\u202c"), 4),
        "a quoted line end": (good.replace("Durand", '"Dur\r\nand"'), 4),
        "quoted quotes": (good.replace("Durand", '"Dur""and"'), 4),
        "a hint": ("sep=;\r\n" + good, 4),
        "a hint in capitals": ("SEP=;\n" + good, 4),
        "a hint of a quote": ('sep="\r\n' + good, 5),
        "a hint of a line end": ("sep=\n" + good, 5),
        "a hint of a letter": ("sep=1\r\n" + good, 5),
        "two quotes for two lines": (good.replace("Durand", '"Durand', 2), 4),
        "a sum behind": (good + ";;;;TOTAL;6,00\r\n", 5),
        "300 columns": (good.replace("3,00\r\n", "3,00" + ";x" * 294 + "\r\n"), 4),
    }
    for name, (text, expected) in shapes.items():
        yield case(f"table: {name}", read_packed, text.encode(), right=count(expected), sheet=None)
    refused = {
        "nothing": "",
        "blanks": " \r\n \t\r\n",
        "one word": "hello",
        "no separator": "a\nb\nc\n" * 50,
        "a page": "<html><body>hi</body></html>",
        "a quote never closed": good.replace("Durand", '"Durand', 1)
        + "F-9;02/11/2026;17/12/2026;456780014;Durand;1,00\r\n" * 200,
        "a quote closed at the end alone": good.replace("Durand", '"Durand', 1)
        + "F-9;02/11/2026;17/12/2026;456780014;Durand;1,00\r\n" * 100
        + '"',
        "a quote open at the end": good + 'F-4;02/11/2026;17/12/2026;456780014;"Durand;4,00\r\n',
        "301 columns": good.replace("3,00\r\n", "3,00" + ";x" * 295 + "\r\n"),
        "100,000 columns": ";".join(f"c{n}" for n in range(100_000)) + "\n" + ";" * 99_999 + "\n",
        "separators alone": ";;;;\n" * 100,
        "a document": "%PDF-1.7 \n1;2;3\n",
    }
    codes = (
        "file_empty",
        "file_not_a_table",
        "file_quote_open",
        "file_too_many_columns",
        "file_no_lines",
        "file_unknown_format",
    )
    for name, text in refused.items():
        yield case(f"table: {name}", read_packed, text.encode(), *codes, sheet=None)


def _texts() -> Iterator[Case]:
    """Encodings: every line comes, and a character that was lost shows."""
    good = table("1,00", "2,00")
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"):
        yield case(
            f"table: {encoding}", read_packed, good.encode(encoding), right=count(3), sheet=None
        )
    raw = good.encode()
    odd = {
        "half a character": raw.replace(b"Durand", b"Dur\xc3and"),
        "a lone surrogate": raw.replace(b"Durand", b"\xed\xa0\x80"),
        "UTF-16 of odd length": good.encode("utf-16") + b"\x0a",
        "UTF-7": raw.replace(b"Durand", b"+ADwAcwBjAHIAaQBwAHQAPg-"),
        "noise in a cell": raw.replace(b"Durand", bytes(n for n in range(128, 256))),
    }
    for name, data in odd.items():
        more = 4 if "odd length" in name else 3  # what is left of it is a record that shows
        yield case(
            f"table: {name}", read_packed, data, "file_not_a_table", right=count(more), sheet=None
        )


BAD_AMOUNTS = (
    "NaN",
    "nan",
    "Infinity",
    "-inf",
    "1_000",
    "1e3",
    "0x10",
    "١٢٣٫٤٥",
    "１２３",
    "1.2.3",
    "1,23,4",
    "--1",
    "=1+1",
    "+CMD|' /C calc'!A0",
    "9" * 25,
    "9" * 5000,
    "12\u202e34",
    "½",
    "1,234.5,6",
    "12 34",
    "1,005",
    "un euro",
)
BAD_DAYS = (
    "31/02/2026",
    "00/00/0000",
    "99999",
    "2026-13-01",
    "٠٢/١١/٢٠٢٦",
    "=TODAY()",
    "02/11/20260",
    "32/01/2026",
    "NaN",
    "-1",
    "1/1/1",
)


def _cells() -> Iterator[Case]:
    for text in BAD_AMOUNTS:
        data = table("1,00", text, "3,00").encode()
        yield case(
            f"table: the amount {text[:20]!r} of {len(text)}",
            read_packed,
            data,
            right=faulty("amount_minor"),
            sheet=None,
        )
    for text in BAD_DAYS:
        good = table("1,00", "2,00", "3,00").replace("F-2;02/11/2026", f"F-2;{text}")
        yield case(
            f"table: the day {text!r}",
            read_packed,
            good.encode(),
            right=faulty("issue_date"),
            sheet=None,
        )
    sound = {"1 234,50 €": 123450, "(1,00)": -100, "1,00-": -100, "\u22121,00": -100}
    for text, minor in sound.items():
        yield case(
            f"table: the amount {text!r} as meant",
            read_packed,
            table("2,00", text).encode(),
            right=amounts(200, minor),
            sheet=None,
        )
    yield case(
        "table: a number of 300 characters",
        read_packed,
        table("1,00").replace("F-1", "F" * 300).encode(),
        right=lambda packed: "too_long" in str(lines(packed)[0]["faults"]),
        sheet=None,
    )
    yield case(
        "table: a name of 300 characters",
        read_packed,
        table("1,00").replace("Durand", "D" * 300).encode(),
        right=lambda packed: "too_long" in str(lines(packed)[0]["faults"]),
        sheet=None,
    )


def _big() -> Iterator[Case]:
    """Too much of something, in what the web takes and beyond."""
    codes = (
        "file_too_large",
        "file_too_demanding",
        "file_too_many_lines",
        "file_too_many_columns",
        "file_not_a_table",
        "file_quote_open",
        "file_too_many_cells",
        "file_no_lines",
    )
    makes: dict[str, Callable[[], bytes]] = {
        "one line of 39 MB": lambda: b"x" * 39_000_000,
        "one cell of 39 MB": lambda: b"a;b\n" + b"x" * 39_000_000 + b";1\n",
        "one quoted cell of 39 MB": lambda: b'a;b\n"' + b"x" * 39_000_000 + b'";1\n',
        "39 MB of separators": lambda: b";" * 39_000_000,
        "39 MB of line ends": lambda: b"\n" * 39_000_000,
        "39 MB of short lines": lambda: b";\n" * 19_500_000,
        "39 MB of quotes": lambda: b'"' * 39_000_000,
        "39 MB of quoted nothing": lambda: b'"";""\n' * 6_500_000,
        "39 MB of zeros": lambda: b"\0" * 39_000_000,
        "100 MB": lambda: b"a;b\n" * 25_000_000,
        "300 columns by 100,000": lambda: (b";".join([b"x"] * 300) + b"\n") * 60_000,
        "a wide last line": lambda: b"a;b\n" * 200_000 + b";" * 299 + b"\n",
        "30 MB of blanks": lambda: b"a;" + b" " * 30_000_000 + b"\n1;2\n",
    }
    for name, make in makes.items():
        yield case(
            f"table: {name}", read_packed, make, *codes, "file_empty", right=_anything, sheet=None
        )
    yield case(
        "table: 200,000 lines",
        read_packed,
        lambda: table(*["1,00"] * 200_000).encode(),
        right=count(200_001),
        sheet=None,
    )


def _anything(packed: Packed) -> bool:
    """Read within its bounds, as many cells as lines."""
    return all(text.count("\0") == max(0, len(packed.lines) - 1) for text in packed.cells)


def _fixings() -> Iterator[Case]:
    named = {"index": None, "source": None}
    right = _fixed(2)
    yield case("fixings: sound", read_fixings, FIXINGS.encode(), right=right, **named)
    yield case(
        "fixings: with a mark", read_fixings, FIXINGS.encode("utf-8-sig"), right=right, **named
    )
    told: dict[str, str] = {
        "a quote never closed": FIXINGS.replace("ECB", '"ECB', 1),
        "a quote closed much later": FIXINGS.replace("ECB", '"ECB', 1).rstrip() + '"\n',
        "a day twice": FIXINGS + "2026-11-03;2,12;EURIBOR_3M;ECB\n",
        "a rate NaN": FIXINGS.replace("2,10", "NaN"),
        "a rate infinite": FIXINGS.replace("2,10", "inf"),
        "a rate in Arabic": FIXINGS.replace("2,10", "٢٫١"),
        "a rate 1_0": FIXINGS.replace("2,10", "1_0"),
        "a rate 1e1": FIXINGS.replace("2,10", "1e1"),
        "a rate of 5,000 digits": FIXINGS.replace("2,10", "1" * 5000),
        "a rate full width": FIXINGS.replace("2,10", "２,１０"),
        "no such day": FIXINGS.replace("2026-11-02", "2026-02-30"),
        "a day in Arabic": FIXINGS.replace("2026-11-02", "٢٠٢٦-١١-٠٢"),
        "no head": "2026-11-02;2,10;EURIBOR_3M;ECB\n",
        "nothing": "",
        "blank": "\n\n \n",
        "a head alone": "date;rate;index;source\n",
        "a column twice": "date;rate;rate;index;source\n2026-11-02;2,10;9,99;EURIBOR_3M;ECB\n",
        "a cell too many": FIXINGS.replace("ECB", "ECB;9,99", 1),
        "20,001 lines": FIXINGS + "2026-11-03;2,11;EURIBOR_3M;ECB\n" * 20_001,
        "a cell of 2 MB": FIXINGS.replace("ECB", "E" * 2_000_000, 1),
    }
    for name, text in told.items():
        yield case(f"fixings: {name}", read_fixings, text.encode(), right=_told, **named)
    for name, sign in (
        ("a vertical tab", "\x0b"),
        ("a next line", "\x85"),
        ("a NUL", "\0"),
        ("a line separator", "\u2028"),
    ):
        yield case(
            f"fixings: {name} in a source",
            read_fixings,
            FIXINGS.replace("ECB", f"E{sign}CB", 1).encode(),
            right=_fixed_or_told(2),
            **named,
        )
    yield case("fixings: noise", read_fixings, bytes(range(256)) * 40, right=_told, **named)
    yield case(
        "fixings: 39 MB of line ends",
        read_fixings,
        lambda: b"\n" * 39_000_000,
        "file_too_large",
        "file_too_demanding",
        right=_told,
        **named,
    )


def _fixed(expected: int) -> Callable[[Any], bool]:
    return lambda read: (
        not read[1]
        and len(read[0]) == expected
        and all(line.index is IndexName.EURIBOR_3M and line.source == "ECB" for line in read[0])
    )


def _fixed_or_told(expected: int) -> Callable[[Any], bool]:
    return lambda read: bool(read[1]) or len(read[0]) == expected


def _told(read: Any) -> bool:
    return bool(read[1])


def _lists() -> Iterator[Case]:
    """Lists of sanctions as a plain table: whoever is left out would be paid."""
    codes = tuple(
        f"list_{what}"
        for what in (
            "no_reference",
            "no_name",
            "long_names",
            "twice",
            "not_text",
            "no_column",
            "odd_columns",
            "cells",
            "kind",
            "quotes",
            "empty",
            "undated",
            "too_large",
        )
    )
    own = "reference;name;aliases\nR-1;Ivan;Vania\nR-2;Boris;\n"
    named = {"source": ListSource.OWN, "dated_on": TODAY}
    texts: dict[str, bytes] = {
        "nothing": b"",
        "a head alone": b"reference;name\n",
        "no head": b"R-1;Ivan\n",
        "a quote never closed": own.replace("Vania", '"Vania').encode(),
        "a quote closed late": (own.replace("Vania", '"Vania') + '"\n').encode(),
        "a quote in a cell": own.replace("Vania", 'Va"nia"x').replace(";Va", ';"Va').encode(),
        "a reference twice": (own + "R-1;Igor;\n").encode(),
        "a cell too many": (own + "R-3;A;B;C\n").encode(),
        "a cell too few": (own + "R-3\n").encode(),
        "no name": (own + "R-3;;\n").encode(),
        "a name unseen": (own + "R-3;\u200b\u202e;\n").encode(),
        "not UTF-8": own.encode() + b"R-3;\xff;\n",
        "a column unknown": own.replace("aliases", "alias").encode(),
        "a column twice": own.replace("aliases", "name").encode(),
        "a name of 501 letters": (own + f"R-3;{'x' * 501};\n").encode(),
        "501 names": (own + f"R-3;x;{'|'.join(f'n{n}' for n in range(501))}\n").encode(),
        "a cell of 200 kB": (own + f"R-3;{'x' * 200_000};\n").encode(),
    }
    for name, data in texts.items():
        yield case(f"own list: {name}", read_list, data, *codes, **named)
    for name, sign in (
        ("a NUL", "\0"),
        ("a next line", "\x85"),
        ("a line separator", "\u2028"),
        ("a carriage return", "\r"),
    ):
        yield case(
            f"own list: {name} in a name",
            read_list,
            own.replace("Ivan", f"I{sign}van").encode(),
            *codes,
            right=lambda read: len(read.read.entries) == 2,
            **named,
        )
    yield case(
        "own list: 39 MB of quotes",
        read_list,
        lambda: b"reference;name\n" + b'"' * 39_000_000,
        *codes,
        "file_too_demanding",
        **named,
    )
    yield case(
        "own list: 39 MB of line ends",
        read_list,
        lambda: b"reference;name\n" + b"\n" * 39_000_000,
        *codes,
        "file_too_demanding",
        **named,
    )
