"""CSV that machines read back exactly and that no spreadsheet runs.

Amounts with all their decimals and no grouping, ISO dates, CRLF lines. A text that a spreadsheet
would take for a formula gets a leading apostrophe. Two dialects: ``standard`` (comma, point) and
``french_excel`` (byte-order mark, semicolon, decimal comma), which opens right by a double click.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from cessio.plumbing.tables import Column, exact

Dialect = Literal["standard", "french_excel"]

#: What a double click opens right in the reader's spreadsheet.
DIALECTS: dict[str, Dialect] = {"fr": "french_excel", "en": "standard"}

#: First characters that start a formula, a command or hide one; the wide forms fool some readers.
DANGEROUS = frozenset("=+-@\t\r\n\0＝＋－＠")
CHUNK_ROWS = 500


def neutral(text: str) -> str:
    """The text, made harmless to spreadsheets (an apostrophe in front when it could run)."""
    return f"'{text}" if text[:1] in DANGEROUS and text else text


def write_csv(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], dialect: Dialect = "standard"
) -> bytes:
    """The whole file."""
    return b"".join(csv_chunks(columns, rows, dialect))


def csv_chunks(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], dialect: Dialect = "standard"
) -> Generator[bytes]:
    """The file in pieces, for books that do not fit in memory."""
    french = dialect == "french_excel"
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if french else ",", lineterminator="\r\n")
    if french:
        buffer.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer.writerow([neutral(column.head) for column in columns])
    point = "," if french else "."
    for count, row in enumerate(rows, start=1):
        writer.writerow([
            _cell(exact(column, value), point) for column, value in zip(columns, row, strict=True)
        ])  # fmt: skip
        if count % CHUNK_ROWS == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return piece


def _cell(value: str | Decimal | date | datetime | None, point: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", point)
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
