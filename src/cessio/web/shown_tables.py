"""A table of a page as a file: read off the page itself, so that it is exactly what is shown.

Lists that go on over several pages make their files themselves, with all their lines
(``web/exports``). Every other table is taken from here: amounts, dates and rates are written as
what they are, whatever language the page is in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, Literal

from litestar import Request, Response

from cessio.kernel.errors import CessioError, NotFound
from cessio.plumbing.tables import Column, Kind
from cessio.web import page as pages
from cessio.web import readers
from cessio.web.exports import export

_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "use", "rect", "path", "line"})
#: What of a cell is no text of it: explanations, buttons, fields.
_SILENT = frozenset({"svg", "form", "select", "script", "style", "textarea"})
_SILENT_CLASSES = frozenset({"explain", "sr-only", "no-print"})
_NOTHING = frozenset({"", "–", "—"})
_DATE = re.compile(r"\d{2}/\d{2}/\d{4}")

Cell = tuple[str, bool]


@dataclass
class Table:
    """A table as read: heads, lines, and the lines of its foot; a cell knows if it is a number."""

    heads: list[str] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    foot: list[list[Cell]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads the one table that carries a number (``data-n``)."""

    def __init__(self, number: str) -> None:
        super().__init__(convert_charrefs=True)
        self.number = number
        self.caption = ""
        self.table = Table()
        self.section: Literal["", "thead", "tbody", "tfoot"] = ""
        self._inside = self._done = False
        self._silent: list[str] = []
        self._text: list[str] | None = None
        self._numeric, self._span = False, 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "table" and found.get("data-n") == self.number:
            self._inside = True
        if not self._inside or self._done or tag in _VOID:
            return
        classes = set(found.get("class", "").split())
        if self._silent or self._is_silent(tag, classes):
            self._silent.append(tag)
        elif tag in ("thead", "tbody", "tfoot"):
            self.section = tag  # type: ignore[assignment]
        elif tag == "tr" and self.section in ("tbody", "tfoot"):
            lines = self.table.rows if self.section == "tbody" else self.table.foot
            lines.append([])
        elif tag in ("th", "td"):
            self._text, self._numeric = [], "num" in classes
            self._span = int(found.get("colspan") or 1)
        elif "sub" in classes and self._text:
            self._text.append(" · ")

    @staticmethod
    def _is_silent(tag: str, classes: set[str]) -> bool:
        return (
            tag in _SILENT
            or bool(classes & _SILENT_CLASSES)
            or (tag == "button" and "term" not in classes)
            or (tag == "a" and "btn" in classes)
        )

    def handle_endtag(self, tag: str) -> None:
        if not self._inside or self._done or tag in _VOID:
            return
        if self._silent:
            self._silent.pop()
        elif tag == "table":
            self._done = True
        elif tag in ("th", "td") and self._text is not None:
            self._keep(" ".join("".join(self._text).split()))
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._silent and not self._done:
            self._text.append(data)

    def _keep(self, text: str) -> None:
        if self.section == "thead":
            self.table.heads += [text, *[""] * (self._span - 1)]
            return
        lines = self.table.rows if self.section == "tbody" else self.table.foot
        if lines:
            lines[-1] += [(text, self._numeric), *[("", False)] * (self._span - 1)]


def answer(request: Request[Any, Any, Any], file_format: str, html: str) -> Response[bytes]:
    """The table of ``?table=`` (the first if none is named) as a file. Raises ``NotFound``."""
    page = pages.current()
    number = page.arg("table", "1")
    table = read(html, number)
    table.heads = table.heads or [""] * max((len(line) for line in table.rows), default=0)
    if page.at is None or not table.heads:
        raise NotFound("table_not_found", "There is no such table on this page")
    kept = [place for place, head in enumerate(table.heads) if head or _filled(table, place)]
    columns = [_column(table, place) for place in kept]
    rows = [_values(line, kept, columns) for line in table.rows if len(line) == len(table.heads)]
    totals = _values(table.foot[0], kept, columns) if _sums(table) else None
    caption = page.tables[int(number) - 1] if number.isdecimal() and page.tables else number
    name = page.path.removeprefix("/backoffice").strip("/").replace("/", "-") or "today"
    name = name if number == "1" else f"{name}-{number}"
    return export(request, file_format, name, columns, rows, at=page.at, title=caption,
                  totals=totals)  # fmt: skip


def read(html: str, number: str) -> Table:
    """The table of that number; one without heads if there is none."""
    reader = _Reader(number)
    reader.feed(html)
    return reader.table


def _filled(table: Table, place: int) -> bool:
    return any(len(line) > place and line[place][0] for line in table.rows)


def _sums(table: Table) -> bool:
    return bool(table.foot) and len(table.foot[0]) == len(table.heads)


def _column(table: Table, place: int) -> Column:
    cells = [line[place] for line in table.rows if len(line) == len(table.heads)]
    cells += [line[place] for line in table.foot if len(line) == len(table.heads)]
    said = [cell for cell in cells if cell[0] not in _NOTHING]
    for kind, read_cell in _KINDS.items():
        if said and all(read_cell(cell) is not None for cell in said):
            return Column(table.heads[place], kind)
    return Column(table.heads[place])


def _values(line: Sequence[Cell], kept: list[int], columns: list[Column]) -> list[Any]:
    cells = [line[place] for place in kept]
    return [
        None if cell[0] in _NOTHING
        else _KINDS[column.kind](cell) if column.kind in _KINDS else cell[0]
        for column, cell in zip(columns, cells, strict=True)
    ]  # fmt: skip


def _money(cell: Cell) -> int | None:
    if "€" not in cell[0]:
        return None
    value = _read(readers.decimal(digits=2), cell[0].replace("€", ""))
    return None if value is None else int(value * 100)


def _rate(cell: Cell) -> Decimal | None:
    if not cell[0].endswith("%"):
        return None
    value = _read(readers.decimal(digits=6), cell[0].removesuffix("%"))
    return None if value is None else Decimal(value) / 100


def _number(cell: Cell) -> Decimal | None:
    return _read(readers.decimal(), cell[0]) if cell[1] else None


def _day(cell: Cell) -> date | None:
    return _read(readers.day(), cell[0]) if _DATE.fullmatch(cell[0]) else None


def _read(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except CessioError:
        return None


_KINDS: dict[Kind, Callable[[Cell], Any]] = {
    "money": _money, "rate": _rate, "number": _number, "date": _day,
}  # fmt: skip
