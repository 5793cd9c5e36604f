"""XLSX with typed cells: amounts are numbers with exact cents, dates are dates, texts are texts.

Nothing typed by a person becomes a formula or a link. The second sheet says what the table is:
title, as-of date, filters, who took it and when.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from cessio.kernel.money import digits_of
from cessio.plumbing.deferred import deferred
from cessio.plumbing.tables import Column, TooManyRows, exact

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = deferred("xlsxwriter")


MAX_ROWS = 1_048_575
MAX_TEXT = 32_767
_WIDTHS = {"text": 28, "money": 16, "number": 12, "rate": 10, "date": 12, "datetime": 17}
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}


def write_xlsx(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    title: str,
    at: datetime,
    about: Mapping[str, str] | None = None,
    totals: Sequence[Any] | None = None,
) -> bytes:
    """The workbook as bytes, the same for the same arguments; ``at`` is its creation time.

    ``totals`` is one more row, in bold, its ``None`` cells empty. Raises ``TooManyRows``.
    """
    buffer = io.BytesIO()
    make_xlsx(buffer, columns, rows, title=title, at=at, about=about, totals=totals)
    return buffer.getvalue()


def refuse_too_many(count: int) -> None:
    """Raise ``TooManyRows`` for more lines than a sheet has under its head."""
    if count > MAX_ROWS - 1:
        raise TooManyRows(
            "sheet_full", "a sheet holds {most} lines: ask for a CSV, which holds them all",
            most=MAX_ROWS,
        )  # fmt: skip


def make_xlsx(
    file: IO[bytes],
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    title: str,
    at: datetime,
    about: Mapping[str, str] | None = None,
    totals: Sequence[Any] | None = None,
) -> None:
    """The same into a file: lines wait on disk until it is whole, not in memory."""
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties({"title": title, "created": at.replace(tzinfo=None)})
        sheet = book.add_worksheet(_sheet_name(title))
        _heads(book, sheet, columns)
        formats = [_format(book, column) for column in columns]
        last = 0
        for last, row in enumerate(rows, start=1):
            refuse_too_many(last)
            _line(sheet, last, columns, row, formats)
        if totals is not None:
            bold = [_format(book, column, total=True) for column in columns]
            said = [
                Column(column.head) if isinstance(value, str) else column
                for column, value in zip(columns, totals, strict=True)
            ]
            _line(sheet, last + 1, said, totals, bold)
        if columns:
            sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
        _about(book, title, about or {})


def _sheet_name(title: str) -> str:
    kept = "".join(" " if char in "[]:*?/\\" else char for char in title).strip("' ")
    return kept[:31] or "Cessio"


def _heads(book: Any, sheet: Any, columns: Sequence[Column]) -> None:
    for index, column in enumerate(columns):
        style = book.add_format({
            "bold": True, "bottom": 1, "bottom_color": "#0D5B4A", "font_color": "#46534E",
            "align": "left" if column.kind == "text" else "right", "text_wrap": True,
            "valign": "bottom",
        })  # fmt: skip
        sheet.write_string(0, index, column.head, style)
        sheet.set_column(index, index, max(_WIDTHS[column.kind], min(len(column.head) + 2, 40)))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")


def _format(book: Any, column: Column, *, total: bool = False) -> Any:
    look: dict[str, Any] = {"bold": True, "top": 1} if total else {}
    if column.kind == "money":
        digits = digits_of(column.currency)
        plain = "#,##0" + ("." + "0" * digits if digits else "")
        look["num_format"] = f"{plain};[Red]-{plain}"
    elif column.kind == "rate":
        look["num_format"] = "0.00####%"
    elif column.kind == "date":
        look |= {"num_format": "dd/mm/yyyy", "align": "right"}
    elif column.kind == "datetime":
        look |= {"num_format": "dd/mm/yyyy hh:mm", "align": "right"}
    return book.add_format(look)


def _line(
    sheet: Any, line: int, columns: Sequence[Column], row: Sequence[Any], formats: Sequence[Any]
) -> None:
    for index, (column, value) in enumerate(zip(columns, row, strict=True)):
        cell = exact(column, value)
        if cell is None:
            sheet.write_blank(line, index, None, formats[index])
        elif isinstance(cell, str):
            sheet.write_string(line, index, cell[:MAX_TEXT], formats[index])
        elif isinstance(cell, Decimal):
            sheet.write_number(line, index, cell, formats[index])
        elif isinstance(cell, date | datetime):
            sheet.write_datetime(line, index, cell, formats[index])


def _about(book: Any, title: str, about: Mapping[str, str]) -> None:
    sheet = book.add_worksheet("Cessio")
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 60)
    sheet.write_string(0, 0, title, bold)
    for line, (name, value) in enumerate(about.items(), start=2):
        sheet.write_string(line, 0, name)
        sheet.write_string(line, 1, value)
