"""From a table and a mapping of its columns to the lines of a remittance, column by column."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cessio.kernel.errors import Invalid
from cessio.kernel.money import digits_of
from cessio.plumbing.deferred import deferred
from cessio.receivables.formats.tabular.header import Field, Header, plain
from cessio.receivables.formats.tabular.records import FileRefused, Records
from cessio.receivables.formats.tabular.values import (
    DateOrder,
    Decimals,
    decimals_of,
    read_amounts,
    read_dates,
)
from cessio.receivables.rules import DocumentKind, number_key
from cessio.receivables.rules.identities import read_siren, read_vat_number

if TYPE_CHECKING:
    import polars as pl
else:
    pl = deferred("polars")


AMOUNTS = (Field.AMOUNT, Field.NET, Field.VAT, Field.DEBIT, Field.CREDIT)
DATES = (Field.ISSUE_DATE, Field.DUE_DATE)
_TEXTS = (Field.NUMBER, Field.DEBTOR_NAME, Field.ORDER_REF, Field.ORIGINAL_NUMBER, Field.CURRENCY)
_TOTAL = r"(?i)^\W*(?:sous[- ]?|grand |general |sub[- ]?)?tota(?:l|ux)\b"
_LONGEST = 200


#: What may be the same on every line of a file.
CONSTANTS = frozenset(
    {Field.KIND, Field.DEBTOR_SIREN, Field.DEBTOR_VAT, Field.DEBTOR_NAME, Field.ISSUE_DATE,
     Field.DUE_DATE, Field.CURRENCY, Field.ORDER_REF}
)  # fmt: skip


class MappingInvalid(Invalid):
    """A mapping names a column that is not there, one column twice, or too little."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column holds what, and how the file writes dates and decimals.

    Columns are counted from 0. ``decimals`` None: each column of amounts tells by itself.
    ``header_line`` None: the file has no header, and its first record is a document.
    ``constants`` are what every line says of a field that has no column, as a file would write it.
    """

    columns: dict[Field, int]
    date_order: DateOrder = DateOrder.DMY
    decimals: Decimals | None = None
    sheet: str | None = None
    header_line: int | None = None
    constants: dict[Field, str] = field(default_factory=dict)

    @property
    def told(self) -> set[Field]:
        """Fields that have a column or a constant."""
        return {*self.columns, *self.constants}

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "columns": {name.value: column for name, column in self.columns.items()},
            "date_order": self.date_order.value,
            "decimals": self.decimals.value if self.decimals else None,
            "sheet": self.sheet, "header_line": self.header_line,
            "constants": {name.value: value for name, value in self.constants.items()},
        }  # fmt: skip

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Mapping:
        """From JSON of ours."""
        decimals = stored.get("decimals")
        return cls(
            {Field(name): column for name, column in stored["columns"].items()},
            DateOrder(stored["date_order"]), Decimals(decimals) if decimals else None,
            stored.get("sheet"), stored.get("header_line"),
            {Field(name): value for name, value in (stored.get("constants") or {}).items()},
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell about the file as a whole."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        return {"code": self.code, **self.params}


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines ready to be staged (columns of ``bulk.lines.COLUMNS``), and notes on the file."""

    frame: pl.DataFrame
    notes: tuple[Note, ...]


def missing(told: Collection[Field]) -> tuple[str, ...]:
    """What a mapping lacks to read documents: names of fields, or of groups of them."""
    lacks = []
    if Field.NUMBER not in told:
        lacks.append("number")
    if not {Field.DEBTOR_SIREN, Field.DEBTOR_VAT, Field.DEBTOR_NAME} & set(told):
        lacks.append("debtor")
    if Field.ISSUE_DATE not in told:
        lacks.append("issue_date")
    of_amounts = ({Field.AMOUNT}, {Field.NET, Field.VAT}, {Field.DEBIT, Field.CREDIT})
    if not any(group <= set(told) for group in of_amounts):
        lacks.append("amount")
    return tuple(lacks)


def check_mapping(mapping: Mapping, columns: int) -> None:
    """Raise ``MappingInvalid`` unless the mapping can read a table of so many columns."""
    used = list(mapping.columns.values())
    if any(not 0 <= column < columns for column in used) or len(set(used)) < len(used):
        raise MappingInvalid(
            "mapping_columns", "a column is named that is not in the file, or twice"
        )
    if strange := set(mapping.constants) - CONSTANTS:
        raise MappingInvalid(
            "mapping_constant",
            "{field} is not the same on every line",
            field=sorted(strange)[0].value,
        )
    if lacks := missing(mapping.told):
        raise MappingInvalid(
            "mapping_incomplete", "no column is named for: {fields}", field=lacks[0],
            fields=", ".join(lacks),
        )  # fmt: skip


def read_lines(records: Records, header: Header, mapping: Mapping, *, currency: str) -> Lines:
    """The documents of a table. Amounts are signed: an invoice above zero, a credit note below."""
    check_mapping(mapping, records.columns)
    cells = {name.value: f"c{column}" for name, column in mapping.columns.items()}
    begin = mapping.header_line or 0
    body = records.frame.filter(pl.col("line") > begin)
    if body.is_empty():
        raise FileRefused("file_no_lines", "the file has no line")
    wanted = body.select(
        "line", _extra(records.columns, header, mapping),
        *(pl.col(cell).alias(name) for name, cell in cells.items()),
        pl.concat_str(
            [pl.col(f"c{n}") for n in range(min(records.columns, 8))], separator=" ",
            ignore_nulls=True,
        ).alias("first_cells"),
    )  # fmt: skip
    kept, notes = _without_totals(wanted, mapping, header)
    same = [pl.lit(value).alias(name.value) for name, value in mapping.constants.items()
            if name not in mapping.columns]  # fmt: skip
    typed = _amounts(_dates(kept.with_columns(same), mapping), mapping, digits_of(currency))
    told = _kinds(_identities(_texts(typed)))
    return Lines(_staged(told), tuple(notes))


def _extra(columns: int, header: Header, mapping: Mapping) -> pl.Expr:
    """Whether a record has something beyond the named columns: its fields are shifted."""
    last = max([n for n, name in enumerate(header.names) if name] + list(mapping.columns.values()))
    beyond = [pl.col(f"c{n}").is_not_null() for n in range(last + 1, columns)]
    return (pl.any_horizontal(beyond) if beyond else pl.lit(False)).alias("shifted")


def _without_totals(
    frame: pl.DataFrame, mapping: Mapping, header: Header
) -> tuple[pl.DataFrame, list[Note]]:
    """Drop lines of totals (no number, or one that says total) and headers repeated below."""
    number = pl.col(Field.NUMBER.value)
    absent = [
        pl.col(name.value).is_null() for name in (*DATES, Field.DEBTOR_SIREN)
        if name in mapping.columns
    ]  # fmt: skip
    blank = pl.all_horizontal(absent) if absent else pl.lit(True)
    said = pl.col("first_cells").str.contains(_TOTAL)
    total = number.str.contains(_TOTAL) | (number.is_null() & said)
    is_total = total.fill_null(False) & blank
    repeated = pl.lit(False)
    if header.line is not None:
        name = header.names[mapping.columns[Field.NUMBER]]
        repeated = (number == name).fill_null(False)
    marked = frame.with_columns(is_total.alias("is_total"), repeated.alias("is_header"))
    notes = [
        Note(code, {"lines": marked.filter(pl.col(flag))["line"].head(20).to_list()})
        for code, flag in (("totals_left_out", "is_total"), ("headers_left_out", "is_header"))
        if marked[flag].any()
    ]
    return marked.filter(~pl.col("is_total") & ~pl.col("is_header")), notes


def _dates(frame: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    for name in DATES:
        values = _cells(frame, name)
        on, fault = read_dates(values, mapping.date_order)
        frame = frame.with_columns(on.alias(f"{name}_date"), fault.alias(f"{name}_fault"))
    return frame


def _cells(frame: pl.DataFrame, name: Field) -> pl.Series:
    """What the file says in a column, nothing where it has no such column."""
    if name.value in frame.columns:
        return frame[name.value]
    return pl.Series(name.value, [None], dtype=pl.String).new_from_index(0, frame.height)


def _amounts(frame: pl.DataFrame, mapping: Mapping, digits: int) -> pl.DataFrame:
    """``amount_minor`` and ``vat_minor``: gross, or net and VAT, or debit less credit."""
    for name in AMOUNTS:
        values = _cells(frame, name)
        minor, fault = _read_amounts(values, mapping, digits)
        frame = frame.with_columns(
            values, minor.alias(f"{name}_minor"), fault.alias(f"{name}_fault")
        )
    has = mapping.columns.keys()
    if Field.AMOUNT in has:
        return frame
    if {Field.NET, Field.VAT} <= has:
        return frame.with_columns(
            (pl.col("net_minor") + pl.col("vat_minor")).alias("amount_minor"),
            pl.coalesce("net_fault", "vat_fault").alias("amount_fault"),
        )
    debit, credit = pl.col("debit_minor"), pl.col("credit_minor").abs()
    either = pl.any_horizontal(pl.col("debit", "credit").is_not_null())
    return frame.with_columns(
        pl.when(either).then(debit.fill_null(0) - credit.fill_null(0)).alias("amount_minor"),
        pl.coalesce("debit_fault", "credit_fault").alias("amount_fault"),
    )


def _read_amounts(values: pl.Series, mapping: Mapping, digits: int) -> tuple[pl.Series, pl.Series]:
    if values.null_count() == len(values):
        return values.cast(pl.Int64), values
    if mapping.decimals is not None:
        return read_amounts(values, mapping.decimals, digits)
    found, torn = decimals_of(values)
    return read_amounts(values, found, digits, torn=torn)


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts without control characters, single-spaced; one cut short is a fault of its line."""
    frame = frame.with_columns(_clean(_cells(frame, name)) for name in _TEXTS)
    long = [pl.col(name.value).str.len_chars() > _LONGEST for name in _TEXTS]
    frame = frame.with_columns(
        pl.any_horizontal(long).fill_null(False).alias("too_long"),
        *(pl.col(name.value).str.slice(0, _LONGEST) for name in _TEXTS),
    )
    number, original = Field.NUMBER.value, Field.ORIGINAL_NUMBER.value
    return frame.with_columns(
        _keys(frame[number]).alias("number_key"),
        _keys(frame[original]).alias("original_key"),
        pl.col(Field.CURRENCY.value).str.to_uppercase().str.replace(r"^€$", "EUR")
        .str.replace(r"^EUROS?$", "EUR").str.replace(r"^\$$", "USD").str.replace(r"^£$", "GBP")
        .alias("currency"),
    )  # fmt: skip


def _clean(values: pl.Series) -> pl.Series:
    if values.str.contains(r"[\x00-\x1f\x7f\u00a0\u202f\p{Cf}]|  ").any():
        values = values.str.replace_all(r"\p{Cf}+", "")
        values = values.str.replace_all(r"[\s\x00-\x1f\x7f]+", " ").str.strip_chars(" ")
    return values


def _keys(numbers: pl.Series) -> pl.Series:
    """``number_key`` of each; plain ASCII at column speed, the rest by the rule itself."""
    ascii_only = numbers.str.len_bytes() == numbers.str.len_chars()
    squeezed = numbers.str.to_lowercase().str.replace_all(r"[^a-z0-9]", "")
    stripped = squeezed.str.strip_chars_start("0")
    fast = pl.select(
        pl.when(stripped == "").then(squeezed.str.slice(0, 1)).otherwise(stripped).alias("key")
    )["key"]
    if ascii_only.fill_null(True).all():
        return fast
    known = {text: number_key(text) for text in numbers.filter(~ascii_only).unique().to_list()}
    slow = numbers.replace_strict(known, default=None, return_dtype=pl.String)
    return pl.select(pl.when(ascii_only).then(fast).otherwise(slow).alias("key"))["key"]


def _identities(frame: pl.DataFrame) -> pl.DataFrame:
    """SIREN and VAT numbers checked once each, however many lines name them."""
    readers: tuple[tuple[Field, str, Callable[[str], str | None]], ...] = (
        (Field.DEBTOR_SIREN, "siren_invalid", read_siren),
        (Field.DEBTOR_VAT, "vat_number_invalid", read_vat_number),
    )
    for name, code, read in readers:
        given = _cells(frame, name)
        known = {text: read(text) for text in given.drop_nulls().unique().to_list()}
        found = given.replace_strict(known, default=None, return_dtype=pl.String)
        frame = frame.with_columns(
            given, found.alias(f"{name.value}_read"),
            pl.when(given.is_not_null() & found.is_null()).then(pl.lit(code))
            .alias(f"{name.value}_fault"),
        )  # fmt: skip
    french = pl.col("debtor_vat_read").str.extract(r"^FR..([0-9]{9})$")
    return frame.with_columns(pl.coalesce("debtor_siren_read", french).alias("debtor_siren_read"))


_CREDIT = "avoir avoirs credit av cn c remboursement refund 381 396 261 262 502 503"
_INVOICE = "facture factures fact fac fa f invoice inv debit d acompte 380 389 393 501 386 500"
_CREDIT_WORDS, _INVOICE_WORDS = frozenset(_CREDIT.split()), frozenset(_INVOICE.split())


@lru_cache(maxsize=4096)
def read_kind(text: str) -> DocumentKind | None:
    """The kind that a word or a UNTDID 1001 code says; ``None`` if it says neither."""
    words = set(plain(text).split())
    if words & _CREDIT_WORDS:
        return DocumentKind.CREDIT_NOTE
    return DocumentKind.INVOICE if words & _INVOICE_WORDS else None


def _kinds(frame: pl.DataFrame) -> pl.DataFrame:
    """Kinds from the column that says them, amounts signed after them; minus is a credit note."""
    given = _cells(frame, Field.KIND)
    known = {text: read_kind(text) for text in given.drop_nulls().unique().to_list()}
    stated = given.replace_strict(known, default=None, return_dtype=pl.String)
    is_credit = (stated == DocumentKind.CREDIT_NOTE.value).fill_null(False) | (
        frame["amount_minor"] < 0
    ).fill_null(False)
    frame = frame.with_columns(
        given.alias("stated_kind"),
        (given.is_not_null() & stated.is_null()).alias("kind_unknown"),
        is_credit.alias("is_credit"),
    )
    credit, size = pl.col("is_credit"), pl.col("amount_minor", "vat_minor")
    return frame.with_columns(
        pl.when("kind_unknown").then(pl.lit("kind_unreadable")).alias("kind_fault"),
        pl.when(credit).then(pl.lit("credit_note")).otherwise(pl.lit("invoice")).alias("kind"),
        pl.when(credit).then(-size.abs()).otherwise(size).name.keep(),
    )


#: Where a fault comes from: its column, the field it is told of, the columns of what was written.
_NAMED = tuple(name.value for name in _TEXTS)
_FAULTS = (
    ("amount_fault", "amount_minor", ("amount", "net", "vat", "debit", "credit")),
    ("vat_fault", "vat_minor", ("vat",)),
    ("issue_date_fault", "issue_date", ("issue_date",)),
    ("due_date_fault", "due_date", ("due_date",)),
    ("debtor_siren_fault", "debtor_siren", ("debtor_siren",)),
    ("debtor_vat_fault", "debtor_vat", ("debtor_vat",)),
    ("kind_fault", "kind", ("stated_kind",)),
    ("number_fault", "number", ("number",)),
    ("long_fault", "number", _NAMED),
    ("shifted_fault", "line", ("first_cells",)),
)


def _staged(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.with_columns(
        pl.when(pl.col("number").str.contains("\ufffd"))
        .then(pl.lit("text_unreadable"))
        .alias("number_fault"),
        pl.when(pl.col("shifted")).then(pl.lit("fields_shifted")).alias("shifted_fault"),
        pl.when("too_long").then(pl.lit("text_too_long")).alias("long_fault"),
    )
    told = [
        pl.concat_str(pl.lit('{"code": "'), pl.col(column), pl.lit(f'", "field": "{name}"}}'))
        for column, name, _ in _FAULTS
    ]
    faults = pl.concat_str(told, separator=", ", ignore_nulls=True)
    frame = frame.with_columns(
        pl.when(faults != "").then(pl.concat_str(pl.lit("["), faults, pl.lit("]"))).alias("faults")
    )
    return frame.with_columns(_raw(frame)).select(
        "line", "kind", "number", "number_key", pl.lit(None, pl.Int64).alias("debtor_id"),
        pl.col("debtor_siren_read").alias("debtor_siren"),
        pl.col("debtor_vat_read").alias("debtor_vat"), "debtor_name",
        pl.col("issue_date_date").alias("issue_date"), pl.col("due_date_date").alias("due_date"),
        "amount_minor", "vat_minor", "currency", "order_ref", "original_number", "original_key",
        "faults", "raw",
    )  # fmt: skip


def _raw(frame: pl.DataFrame) -> pl.Series:
    """What was written in the faulty fields, as JSON; null for lines without a fault."""
    faulty = frame.with_row_index("place").filter(pl.col("faults").is_not_null())
    texts: list[str | None] = [None] * frame.height
    for row in faulty.iter_rows(named=True):
        written = {
            source: row[source][:_LONGEST]
            for column, _, sources in _FAULTS if row[column] is not None
            for source in sources if row[source] is not None
        }  # fmt: skip
        texts[row["place"]] = json.dumps(written, ensure_ascii=False) if written else None
    return pl.Series("raw", texts, dtype=pl.String)
