"""A table of texts with the line each record began on, and the limits of what is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cessio.kernel.errors import Invalid
from cessio.plumbing.deferred import deferred

if TYPE_CHECKING:
    import polars as pl
else:
    pl = deferred("polars")


MAX_BYTES = 64 * 1024 * 1024
MAX_RECORDS = 1_000_000
MAX_COLUMNS = 300
#: Records in which a header is looked for.
HEADER_WITHIN = 40


class FileRefused(Invalid):
    """The file is not a table we read; ``code`` says why, ``line`` where if it is one place.

    Codes: ``file_empty``, ``file_too_large``, ``file_too_many_lines``, ``file_too_many_columns``,
    ``file_too_many_cells``, ``file_not_a_table``, ``file_unknown_format``, ``file_damaged``,
    ``file_bomb``, ``file_encrypted``, ``file_quote_open``, ``file_no_lines``.
    """


@dataclass(frozen=True, slots=True)
class Records:
    """Records of a file or sheet, all texts.

    ``frame`` has ``line`` (where the record began, from 1), ``width`` (how many fields it had)
    and ``c0``, ``c1``…; a field that was not there is null, as is an empty one.
    """

    frame: pl.DataFrame
    columns: int
    sheet: str | None = None

    def head(self) -> list[tuple[int, list[str]]]:
        """The first records as plain texts, with their lines, to look for a header in."""
        names = [f"c{n}" for n in range(self.columns)]
        rows = self.frame.head(HEADER_WITHIN).select("line", *names).rows()
        return [(row[0], ["" if cell is None else cell for cell in row[1:]]) for row in rows]


def refuse_size(data: bytes) -> None:
    """Raise ``FileRefused`` for nothing or too much."""
    if not data.strip():
        raise FileRefused("file_empty", "the file is empty")
    if len(data) > MAX_BYTES:
        raise FileRefused(
            "file_too_large", "the file is larger than {most} MB", most=MAX_BYTES // 1024**2
        )


def refuse_shape(records: int, columns: int) -> None:
    """Raise ``FileRefused`` for more records or columns than are read."""
    if records > MAX_RECORDS:
        raise FileRefused(
            "file_too_many_lines", "the file has more than {most} lines", most=MAX_RECORDS
        )
    if columns > MAX_COLUMNS:
        raise FileRefused(
            "file_too_many_columns", "the file has more than {most} columns", most=MAX_COLUMNS
        )
