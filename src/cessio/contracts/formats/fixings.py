"""CSV files of index fixings, as central banks and benchmark administrators publish them.

One value a line: a date, a percentage, and where the file has them an index and a source.
Separator, encoding, decimal sign and the order of the columns are the file's own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from io import StringIO

from cessio.contracts.rules import IndexName
from cessio.kernel.errors import CessioError, Invalid
from cessio.kernel.rates import parse_percent
from cessio.plumbing import confined

#: Headings we know, by column; compared in lower case. TIME_PERIOD and OBS_VALUE are SDMX (ECB).
HEADINGS: Mapping[str, frozenset[str]] = {
    "date": frozenset({"date", "fixed_on", "time_period", "jour", "date de valeur"}),
    "rate": frozenset({"rate", "taux", "value", "valeur", "obs_value", "%"}),
    "index": frozenset({"index", "indice", "index_name", "référence", "reference"}),
    "source": frozenset({"source", "origine", "publication"}),
}

MAX_LINES = 20_000
#: Of a source.
MOST_LETTERS = 200
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")


@dataclass(frozen=True, slots=True)
class FixingLine:
    """One value read; ``line`` is its line in the file, from 1. ``rate`` is a fraction."""

    line: int
    index: IndexName
    fixed_on: date
    rate: Decimal
    source: str


def one_fixing(fixed_on: date, rate: Decimal) -> bytes:
    """The file of one value; its index and source are told beside it."""
    return f"date;rate\n{fixed_on.isoformat()};{(rate * 100).normalize():f}\n".encode()


@lru_cache(maxsize=16)
def receive_fixings(
    content: bytes, *, index: IndexName | None, source: str | None
) -> tuple[tuple[FixingLine, ...], tuple[Invalid, ...]]:
    """``read_fixings`` of a file that somebody sent, kept while its request is looked at."""
    lines, faults = confined.read(read_fixings, content, index=index, source=source)
    return tuple(lines), tuple(faults)


def read_fixings(
    content: bytes, *, index: IndexName | None = None, source: str | None = None
) -> tuple[list[FixingLine], list[Invalid]]:
    """The lines of a file and every fault of it; ``index`` and ``source`` fill missing columns."""
    rows = _rows(_text(content))
    try:
        return _read(rows, index, source)
    except Invalid as fault:
        return [], [fault]


def _read(
    rows: Iterator[tuple[int, list[str]]], index: IndexName | None, source: str | None
) -> tuple[list[FixingLine], list[Invalid]]:
    heading = next(rows, None)
    if heading is None:
        return [], [Invalid("file_empty", "the file is empty", field="file")]
    columns = _columns(heading[1])
    faults = list(_heading_faults(columns, index, source))
    faults += _repeated(heading[1])
    if faults:
        return [], faults
    lines: list[FixingLine] = []
    seen: dict[tuple[IndexName, date], int] = {}
    for number, cells in rows:
        if number > MAX_LINES:
            return [], [Invalid("file_too_long", "the file has more than {most} lines",
                                field="file", most=MAX_LINES)]  # fmt: skip
        if len(cells) > len(heading[1]):
            faults.append(at_line(number, Invalid("cells_too_many", "the line has more cells than"
                                                  " the first")))  # fmt: skip
            continue
        read, found = _line(number, cells, columns, index, source)
        faults += found
        if read is None:
            continue
        first = seen.setdefault((read.index, read.fixed_on), number)
        if first != number:
            faults.append(
                at_line(
                    number,
                    Invalid("fixing_twice", "this date was given on line {first}", first=first),
                )
            )
        lines.append(read)
    if not lines and not faults:
        faults.append(Invalid("file_empty", "the file has no value", field="file"))
    return lines, faults


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    separator = max(";\t,", key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            if any("\n" in cell or "\r" in cell for cell in cells):
                raise at_line(reader.line_num, _quoted("a cell over several lines"))
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise at_line(reader.line_num, _quoted(error)) from None


def _quoted(why: object) -> Invalid:
    return Invalid("cells_unreadable", "the line is not sound CSV ({why})", why=str(why))


def _columns(heading: Sequence[str]) -> dict[str, int]:
    names = [cell.casefold() for cell in heading]
    found = {}
    for column, known in HEADINGS.items():
        places = [place for place, name in enumerate(names) if name in known]
        if places:
            found[column] = places[0]
    return found


def _heading_faults(
    columns: Mapping[str, int], index: IndexName | None, source: str | None
) -> Iterator[Invalid]:
    given = {"date": None, "rate": None, "index": index, "source": source}
    for column, value in given.items():
        if column not in columns and value is None:
            yield Invalid("column_missing", "the file has no column {column}", field="file",
                          column=column)  # fmt: skip


def _repeated(heading: Sequence[str]) -> Iterator[Invalid]:
    names = [cell.casefold() for cell in heading]
    for column, known in HEADINGS.items():
        if sum(name in known for name in names) > 1:
            yield Invalid("column_repeated", "the file has the column {column} twice",
                          field="file", column=column)  # fmt: skip


def _line(
    number: int, cells: Sequence[str], columns: Mapping[str, int],
    index: IndexName | None, source: str | None,
) -> tuple[FixingLine | None, list[Invalid]]:  # fmt: skip
    def cell(column: str) -> str:
        place = columns.get(column)
        return cells[place] if place is not None and place < len(cells) else ""

    faults: list[Invalid] = []
    fixed_on = _date(cell("date"))
    if fixed_on is None:
        faults.append(
            at_line(
                number, Invalid("date_unreadable", "{text!r} is not a date", text=cell("date")[:40])
            )
        )
    rate = _percent(cell("rate"))
    if rate is None:
        faults.append(
            at_line(
                number,
                Invalid("rate_unreadable", "{text!r} is not a percentage", text=cell("rate")[:40]),
            )
        )
    named = _index(cell("index")) if "index" in columns else index
    if named is None:
        faults.append(
            at_line(
                number,
                Invalid(
                    "index_unknown", "{text!r} is not an index kept here", text=cell("index")[:40]
                ),
            )
        )
    published = cell("source") or source or ""
    if len(published) > MOST_LETTERS:
        faults.append(at_line(number, Invalid("source_too_long", "the source has more than {most}"
                                              " characters", most=MOST_LETTERS)))  # fmt: skip
    if fixed_on is None or rate is None or named is None or len(published) > MOST_LETTERS:
        return None, faults
    return FixingLine(number, named, fixed_on, rate, published), faults


def _date(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _percent(text: str) -> Decimal | None:
    compact = text.removesuffix("%").strip().replace("\N{MINUS SIGN}", "-").replace(",", ".")
    try:
        return parse_percent(compact)
    except CessioError:
        return None


def _index(text: str) -> IndexName | None:
    key = "".join(c for c in text.casefold().replace("€", "e") if c.isalnum())
    names = {name.value.replace("_", ""): name for name in IndexName}
    return names.get(key)


def at_line(line: int, fault: Invalid) -> Invalid:
    """A fault of one line of a file."""
    return Invalid("line_at_fault", "line {line}: {problem}", field=f"line {line}", line=line,
                   problem=fault)  # fmt: skip
