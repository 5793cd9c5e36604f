"""Proposing what each column of a file is, and saying how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cessio.plumbing.deferred import deferred
from cessio.receivables.formats.tabular.delimited import read_delimited
from cessio.receivables.formats.tabular.header import (
    Field,
    Header,
    find_header,
    names_hash,
    plain,
)
from cessio.receivables.formats.tabular.reading import (
    AMOUNTS,
    DATES,
    Mapping,
    Note,
    missing,
)
from cessio.receivables.formats.tabular.records import FileRefused, Records, refuse_size
from cessio.receivables.formats.tabular.values import (
    DateOrder,
    Decimals,
    date_order_of,
    decimals_of,
    read_dates,
)
from cessio.receivables.formats.tabular.workbook import is_workbook, read_sheets

if TYPE_CHECKING:
    import polars as pl
else:
    pl = deferred("polars")


#: Below it a column is shown to the client before it is used.
SURE = Decimal("0.75")
_SAMPLES = 3
_BALANCES = frozenset({"balance", "solde", "solde progressif", "running balance"})
_PDF = b"%PDF"


@dataclass(frozen=True, slots=True)
class Table:
    """The records of a file, of its best sheet, and the line that names its columns."""

    records: Records
    header: Header

    def hashes(self) -> dict[bytes, int]:
        """What a mapping may be remembered by: each line that could name the columns."""
        return {names_hash(cells): line for line, cells in reversed(self.records.head())}

    def with_header(self, line: int | None) -> Table:
        """The table with another line naming its columns."""
        if line == self.header.line:
            return self
        names = dict(self.records.head()).get(line or 0)
        if names is None:
            names = [f"Column {n + 1}" for n in range(self.records.columns)]
        return Table(self.records, Header(line, tuple(names), {}, self.header.is_french))


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the mapping screen shows it."""

    index: int
    name: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, how sure each of its columns is, and what is missing or should be asked.

    ``sure`` when nothing needs a person: the file can be read at once.
    """

    mapping: Mapping
    confidence: dict[Field, Decimal]
    columns: tuple[Column, ...]
    missing: tuple[str, ...]
    notes: tuple[Note, ...]
    sure: bool

    def stored(self) -> dict[str, Any]:
        """As JSON, for the mapping screen."""
        return {
            "mapping": self.mapping.stored(),
            "confidence": {name.value: str(sure) for name, sure in self.confidence.items()},
            "columns": [
                {"index": c.index, "name": c.name, "samples": list(c.samples)} for c in self.columns
            ],
            "missing": list(self.missing),
            "notes": [note.stored() for note in self.notes],
            "sure": self.sure,
        }


def read_table(data: bytes, *, sheet: str | None = None) -> Table:
    """The table in a file, whatever its kind.

    Of several sheets the one named, else the one most like receivables. Raises ``FileRefused``.
    """
    refuse_size(data)
    if data.startswith(_PDF):
        raise FileRefused("file_unknown_format", "this is a PDF; send a CSV or a spreadsheet")
    sheets = list(read_sheets(data)) if is_workbook(data) else [read_delimited(data)]
    tables = [Table(sheet, find_header(sheet.head(), sheet.columns)) for sheet in sheets]
    named = [table for table in tables if sheet is not None and table.records.sheet == sheet]
    if not tables:
        raise FileRefused("file_no_lines", "the file has no line")
    return max(named or tables, key=lambda table: table.header.score)


def propose(table: Table, *, french: bool, today: date) -> Proposal:
    """What each column of a table is. ``french``: whose dates are day first when nothing tells."""
    header, records = table.header, table.records
    columns = {name: column for name, (column, _) in header.found.items()}
    if columns.keys() >= {Field.DEBIT, Field.CREDIT} and _is_balance(header, columns):
        del columns[Field.AMOUNT]
    confidence = {name: header.found[name][1] for name in columns}
    body = records.frame.filter(pl.col("line") > (header.line or 0))
    order, date_notes, order_sure = _date_order(
        body, columns, french=french or header.is_french, today=today
    )
    decimals, amount_notes = _decimals(body, columns)
    lacks = missing(columns)
    mapping = Mapping(columns, order, decimals, records.sheet, header.line)
    unsure = [name for name, sure in confidence.items() if sure < SURE]
    identified = {Field.DEBTOR_SIREN, Field.DEBTOR_VAT} & columns.keys()
    plain_amount = Field.AMOUNT in columns or {Field.NET, Field.VAT} <= columns.keys()
    return Proposal(
        mapping, confidence, _columns(table, body), lacks, (*date_notes, *amount_notes),
        sure=not lacks and not unsure and order_sure and header.line is not None
        and bool(identified) and plain_amount,
    )  # fmt: skip


def _is_balance(header: Header, columns: dict[Field, int]) -> bool:
    """Whether the amount found is the running balance beside a debit and a credit."""
    column = columns.get(Field.AMOUNT)
    return column is not None and plain(header.names[column]) in _BALANCES


def _columns(table: Table, body: pl.DataFrame) -> tuple[Column, ...]:
    names = table.header.names
    return tuple(
        Column(
            n, names[n] if n < len(names) else "",
            tuple(body[f"c{n}"].drop_nulls().head(_SAMPLES).to_list()),
        )
        for n in range(table.records.columns)
    )  # fmt: skip


def _date_order(
    body: pl.DataFrame, columns: dict[Field, int], *, french: bool, today: date
) -> tuple[DateOrder, list[Note], bool]:
    """One order for all dates of a file: by their values, else by what makes sense, else asked."""
    given = [body[f"c{columns[name]}"] for name in DATES if name in columns]
    found = [date_order_of(values) for values in given]
    notes = [
        Note("dates_contradict", {"field": name.value})
        for name, (_, torn) in zip([n for n in DATES if n in columns], found, strict=True)
        if torn
    ]
    orders = {order for order, _ in found if order is not None and order is not DateOrder.YMD}
    if len(orders) == 1:
        return orders.pop(), notes, not notes
    if len(orders) > 1:
        return DateOrder.DMY, [*notes, Note("dates_contradict")], False
    if all(order is DateOrder.YMD for order, _ in found):
        return DateOrder.DMY, notes, not notes
    faults = {order: _absurd(given, order, today) for order in (DateOrder.DMY, DateOrder.MDY)}
    if faults[DateOrder.DMY] == 0 < faults[DateOrder.MDY]:
        return DateOrder.DMY, notes, True
    if faults[DateOrder.MDY] == 0 < faults[DateOrder.DMY]:
        return DateOrder.MDY, [*notes, Note("dates_month_first")], True
    return DateOrder.DMY, [*notes, Note("dates_ambiguous")], french


def _absurd(given: Sequence[pl.Series], order: DateOrder, today: date) -> int:
    """How many lines an order would make due before issue, or issued in the future."""
    read = [read_dates(values, order)[0] for values in given]
    absurd = (read[0] > today).fill_null(False)
    if len(read) == 2:
        absurd = absurd | (read[1] < read[0]).fill_null(False)
    return int(absurd.sum())


def _decimals(body: pl.DataFrame, columns: dict[Field, int]) -> tuple[Decimals | None, list[Note]]:
    """The decimal sign of a file, if all its columns of amounts agree; else each for itself."""
    found = {name: decimals_of(body[f"c{columns[name]}"]) for name in AMOUNTS if name in columns}
    notes = [
        Note("amounts_contradict", {"field": name.value})
        for name, (_, torn) in found.items() if torn
    ]  # fmt: skip
    for name, (sign, _) in found.items():
        grouped = body[f"c{columns[name]}"].drop_nulls().str.contains(r"[0-9][.,][0-9]").any()
        if sign is None and grouped:
            notes.append(Note("amounts_grouped", {"field": name.value}))
    signs = {sign for sign, _ in found.values() if sign is not None}
    torn = any(torn for _, torn in found.values())
    return (signs.pop() if len(signs) == 1 and not torn else None), notes
