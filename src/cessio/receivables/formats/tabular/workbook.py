"""Spreadsheets (XLSX, XLS, ODS) as records, after their unpacked size was measured."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from cessio.plumbing.deferred import deferred
from cessio.receivables.formats.tabular.records import (
    MAX_COLUMNS,
    FileRefused,
    Records,
    refuse_shape,
)

if TYPE_CHECKING:
    import fastexcel
    import polars as pl
else:
    fastexcel = deferred("fastexcel")
    pl = deferred("polars")


_MAX_UNPACKED = 400 * 1024 * 1024
_MAX_RATIO = 150
_RATIO_FROM = 8 * 1024 * 1024
_MAX_PARTS = 2_000
_MAX_SHEETS = 30
_CHUNK = 1024 * 1024

#: In a sheet: a value with an element in it, one with an entity, the start of a cell, one of text.
_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^<>]*)?>[^<]*<(?!/)")
_ENTITY = re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^<>]*)?>[^<&]*&")
_CELL = re.compile(rb"<(?:[\w.-]+:)?c(?:\s[^<>]*)?>")
_TEXT_CELL = re.compile(rb"""\st\s*=\s*["'](?:str|d)["']""")

#: What unpacking raises of an archive that is damaged, or packed in a way we do not know.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, EOFError, OSError,
    ValueError,
)  # fmt: skip

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin like a spreadsheet file."""
    return data.startswith((_ZIP, _OLE))


def read_sheets(data: bytes) -> Iterator[Records]:
    """The records of each visible sheet that has any. Raises ``FileRefused``."""
    if data.startswith(_ZIP):
        refuse_bomb(data)
    try:
        reader = fastexcel.read_excel(data)
        names = reader.sheet_names[:_MAX_SHEETS]
    except Exception as error:
        raise _damaged(error) from None
    for name in names:
        records = _sheet(reader, name)
        if records is not None:
            yield records


def refuse_bomb(data: bytes) -> None:
    """Unpack everything once, counting, before anyone keeps it in memory."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & 1 for part in parts):
                raise FileRefused("file_encrypted", "the file is protected by a password")
            if len(parts) > _MAX_PARTS or _unpacked(archive, parts) > _limit(data):
                raise FileRefused("file_bomb", "the file unpacks to far more than its size")
    except _DAMAGED as error:
        raise _damaged(error) from None


def _limit(data: bytes) -> int:
    return min(_MAX_UNPACKED, max(_RATIO_FROM, len(data) * _MAX_RATIO))


def _unpacked(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> int:
    """Bytes really unpacked, at most a little over the limit; what the directory says may lie."""
    total = 0
    for part in parts:
        if total + part.file_size > _MAX_UNPACKED:
            return total + part.file_size
        pieces = []
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                pieces.append(chunk)
                total += len(chunk)
                if total > _MAX_UNPACKED:
                    return total
        _refuse_cut_values(b"".join(pieces))
    return total


def _refuse_cut_values(content: bytes) -> None:
    """Refuse a sheet with a number that the reader would cut short.

    It reads ``<v>12<!--x-->.50</v>`` and ``<v>12&#46;50</v>`` as 12 (measured); no program that
    writes spreadsheets writes either.
    """
    if b"sheetData" not in content:
        return
    whole = content.rstrip().endswith(b"worksheet>")  # it ends where the archive says it does
    if not whole or b"<!" in content or content.find(b"<?", 1) > 0 or _ELEMENT.search(content):
        raise _damaged(ValueError("a sheet holds what no program writes"))
    for found in _ENTITY.finditer(content):
        opened = _CELL.findall(content[max(0, found.start() - 20_000) : found.start() + 1])
        if not opened or not _TEXT_CELL.search(opened[-1]):
            raise _damaged(ValueError("a number is written in another way than by digits"))


def _sheet(reader: fastexcel.ExcelReader, name: str) -> Records | None:
    try:
        sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        width = sheet.width
        if width == 0:
            return None
        refuse_shape(sheet.total_height, width)
        frame = sheet.to_polars()
    except FileRefused:
        raise
    except Exception as error:
        raise _damaged(error) from None
    cells = [f"c{n}" for n in range(min(width, MAX_COLUMNS))]
    frame.columns = cells
    frame = frame.with_columns(pl.col(cells).cast(pl.String).str.strip_chars(" \t\r\n\u00a0\u202f"))
    frame = frame.with_columns(
        pl.when(pl.col(cells) != "").then(pl.col(cells)).otherwise(None).name.keep()
    )
    frame = frame.with_row_index("line", offset=1).select(
        pl.col("line").cast(pl.Int64), pl.lit(width, pl.Int64).alias("width"), *cells
    )
    frame = frame.filter(~pl.all_horizontal(pl.col(cells).is_null()))
    return Records(frame, width, name) if frame.height else None


def _damaged(error: Exception) -> FileRefused:
    return FileRefused(
        "file_damaged", "the spreadsheet can not be opened: {reason}",
        reason=str(error).partition("\n")[0][:120],
    )  # fmt: skip
