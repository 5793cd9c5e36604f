"""Delimited text (CSV and its cousins) as records: encoding, separator and quotes found out."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from io import StringIO
from itertools import chain
from typing import TYPE_CHECKING, Any

from cessio.plumbing.deferred import deferred
from cessio.receivables.formats.tabular.records import (
    MAX_BYTES,
    MAX_COLUMNS,
    FileRefused,
    Records,
    refuse_shape,
)

if TYPE_CHECKING:
    import polars as pl
else:
    pl = deferred("polars")


SEPARATORS = (";", "\t", ",", "|")
#: A quoted field of more lines than this is a quote that was never closed.
_MAX_LINES_OF_RECORD = 50
_SAMPLE_LINES = 60
csv.field_size_limit(MAX_BYTES)  # a field is cut later, never refused by the reader
_BREAK = re.compile(r"\r\n|\n|\r")
_HINT = re.compile(r"sep=([^\w\"'\s]|\t)\r?\n?", re.IGNORECASE)
#: A line after the last: no text has it, as undecodable bytes become U+FFFD.
_END = ["\uffff"]


def read_delimited(data: bytes) -> Records:
    """The records of a delimited text. Raises ``FileRefused``."""
    text = decode(data)
    hint = _HINT.match(text)
    sample = _BREAK.split(text[:200_000], maxsplit=_SAMPLE_LINES)[:_SAMPLE_LINES]
    if max(line.count(sep) for line in sample for sep in SEPARATORS) >= MAX_COLUMNS:
        refuse_shape(0, MAX_COLUMNS + 1)
    separator = hint[1] if hint else _separator(sample)
    records = _quoted(text, separator) if '"' in text else _plain(text, separator)
    if hint is not None:
        records = Records(records.frame.filter(pl.col("line") > 1), records.columns)
    return records


def decode(data: bytes) -> str:
    """The text of bytes in UTF-8, UTF-16 or Windows-1252; undecodable bytes become U+FFFD."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):  # fmt: skip
        if data.startswith(mark):
            return _without_nul(data.decode(encoding, errors="replace"))
    head = data[:4096]
    if len(head) > 3 and head[1::2].count(0) > len(head) // 4:
        return _without_nul(data.decode("utf-16-le", errors="replace"))
    if len(head) > 3 and head[::2].count(0) > len(head) // 4:
        return _without_nul(data.decode("utf-16-be", errors="replace"))
    try:
        return _without_nul(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _without_nul(data.decode("cp1252", errors="replace"))


def _without_nul(text: str) -> str:
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _separator(sample: list[str]) -> str:
    """The separator that cuts most lines into the same number of fields, at least two."""
    scores = {separator: _regularity(sample, separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: scores[separator])
    if scores[best] == (0, 0):
        raise FileRefused(
            "file_not_a_table",
            "no separator (semicolon, tab, comma or bar) cuts the lines into columns",
        )
    return best


def _regularity(sample: list[str], separator: str) -> tuple[int, int]:
    widths = Counter(
        len(row) for line in sample if line.strip()
        for row in csv.reader([line], delimiter=separator)
    )  # fmt: skip
    widths.pop(1, None)
    return max(((count, width) for width, count in widths.items()), default=(0, 0))


def _plain(text: str, separator: str) -> Records:
    """Without a quote every physical line is a record: cut by polars."""
    lines = pl.Series("line", text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    cuts = lines.str.count_matches(separator, literal=True)
    most: Any = cuts.max()
    width = int(most or 0) + 1
    refuse_shape(len(lines), width)
    cells = lines.str.split_exact(separator, width - 1).struct.unnest()
    cells.columns = [f"c{n}" for n in range(width)]
    numbered = cells.with_columns(
        pl.Series("line", range(1, len(lines) + 1), dtype=pl.Int64),
        (cuts.cast(pl.Int64) + 1).alias("width"),
    )
    return _kept(numbered.select("line", "width", *cells.columns), width)


def _quoted(text: str, separator: str) -> Records:
    """With quotes, by the standard reader, which tells where each record began."""
    reader = csv.reader(chain(StringIO(text, newline=""), _END), delimiter=separator)
    swallowed = re.compile(rf"[\r\n][^\r\n]*{re.escape(separator)}.*{re.escape(separator)}", re.S)
    rows: list[list[str]] = []
    begins: list[int] = []
    begin = 1
    for row in reader:
        if reader.line_num > begin and (
            reader.line_num - begin > _MAX_LINES_OF_RECORD
            or any(swallowed.search(cell) for cell in row)
        ):
            raise _quote_open(begin)
        rows.append(row)
        begins.append(begin)
        begin = reader.line_num + 1
    if rows.pop() != _END:  # it is within a quoted field: the text ended before the field did
        raise _quote_open(begins[-1])
    begins.pop()
    widths = [len(row) for row in rows]
    width = max(widths, default=0)
    refuse_shape(len(rows), width)
    columns = {f"c{n}": [row[n] if n < len(row) else None for row in rows] for n in range(width)}
    frame = pl.DataFrame(
        {"line": begins, "width": widths, **columns},
        schema_overrides=dict.fromkeys(columns, pl.String),
    )
    return _kept(frame, width)


def _quote_open(line: int) -> FileRefused:
    return FileRefused(
        "file_quote_open", "a quote opened on line {line} is never closed", line=line
    )


def _kept(frame: pl.DataFrame, width: int) -> Records:
    """Texts stripped, empty ones null, blank records gone."""
    cells = [f"c{n}" for n in range(width)]
    stripped = frame.with_columns(pl.col(cells).str.strip_chars(" \t\u00a0\u202f\ufeff"))
    nulled = stripped.with_columns(
        pl.when(pl.col(cells) != "").then(pl.col(cells)).otherwise(None).name.keep()
    )
    return Records(nulled.filter(~pl.all_horizontal(pl.col(cells).is_null())), width)
