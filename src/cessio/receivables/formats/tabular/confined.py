"""A table read in a process that can do no harm, and brought back as texts of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cessio.plumbing import confined
from cessio.plumbing.deferred import deferred
from cessio.receivables.formats.tabular.header import find_header
from cessio.receivables.formats.tabular.proposing import Table, read_table
from cessio.receivables.formats.tabular.records import FileRefused, Records

if TYPE_CHECKING:
    import polars as pl
else:
    pl = deferred("polars")


#: Between cells; no cell holds it.
_BETWEEN = "\0"
#: A million documents of twenty columns.
MAX_CELLS = 20_000_000


class Packed(Struct, frozen=True):
    """Records as data: of each, its line and width; of each column, its cells in one text."""

    lines: list[int]
    widths: list[int]
    cells: list[str]
    sheet: str | None


def receive_table(data: bytes, *, sheet: str | None = None) -> Table:
    """``read_table`` of a file that somebody sent. Raises ``FileRefused``, ``Unreadable``."""
    return unpacked(confined.read(read_packed, data, sheet=sheet))


def read_packed(data: bytes, *, sheet: str | None) -> Packed:
    """``read_table``, as it crosses. Raises ``FileRefused``."""
    table = read_table(data, sheet=sheet)
    frame, columns = table.records.frame, table.records.columns
    if frame.is_empty():
        raise FileRefused("file_no_lines", "the file has no line")
    if frame.height * columns > MAX_CELLS:
        raise FileRefused(
            "file_too_many_cells", "the file has more than {most} cells", most=MAX_CELLS
        )
    return Packed(
        frame["line"].to_list(), frame["width"].to_list(),
        [_together(frame[f"c{n}"]) for n in range(columns)],
        table.records.sheet,
    )  # fmt: skip


def unpacked(packed: Packed) -> Table:
    """The table again."""
    height, columns = len(packed.lines), len(packed.cells)
    cells = {f"c{n}": _apart(text, height) for n, text in enumerate(packed.cells)}
    frame = pl.DataFrame(
        {"line": packed.lines, "width": packed.widths, **cells},
        schema_overrides={"line": pl.Int64, "width": pl.Int64},
    )
    records = Records(frame, columns, packed.sheet)
    return Table(records, find_header(records.head(), columns))


def _together(cells: pl.Series) -> str:
    joined = cells.fill_null("").str.replace_all(_BETWEEN, "\ufffd", literal=True)
    text: str = joined.str.join(_BETWEEN).item()
    return text


def _apart(text: str, height: int) -> pl.Series:
    """Its cells; the empty ones null. Raises ``FileRefused`` if they are not as many as lines."""
    cells = pl.Series([text], dtype=pl.String).str.split(_BETWEEN).explode()
    if len(cells) != height:
        raise FileRefused("file_damaged", "the spreadsheet can not be opened: {reason}",
                          reason="its columns are not of one length")  # fmt: skip
    return cells.set(cells == "", None)
