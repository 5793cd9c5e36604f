"""What every list of the back office reads from its address: page, choices, dates, file wanted.

A number, amount or date that cannot be read is told beside its filter; of what would leave the
filter out, a file is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from cessio.kernel.errors import CessioError
from cessio.kernel.paging import PageRequest, page_request
from cessio.plumbing import formats
from cessio.web.page import FAULTS
from cessio.web.readers import amount, day, integer
from cessio.web.requests import AnyRequest
from cessio.web.rows import every_row, rows_before, together

__all__ = [
    "asked_amount", "asked_choice", "asked_day", "asked_number", "asked_page",
    "asked_sort", "asked_text", "every_row", "file_format", "in_order", "refuse_unread",
    "rows_before", "together", "typed_amount",
]  # fmt: skip

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
R = TypeVar("R")
#: More than any amount: what an unreadable one is taken for, so that it finds nothing.
BEYOND = 2**62


def asked_page(request: AnyRequest) -> PageRequest:
    """The page of ``?after=`` or ``?before=``. Raises ``CursorUnreadable``."""
    query = request.query_params
    return page_request(after=query.get("after"), before=query.get("before"))


def asked_text(request: AnyRequest, name: str) -> str | None:
    """What was typed into a filter, if anything."""
    found = request.query_params.get(name, "").strip()
    return found[:200] or None


def asked_sort(request: AnyRequest) -> str | None:
    """The column a list is asked to be sorted by, ``-`` before it for the other way round."""
    return request.query_params.get("sort") or None


def in_order(
    request: AnyRequest, rows: Iterable[R], orders: Mapping[str, Callable[[R], Any]]
) -> list[R]:
    """All rows of a short list, by the column asked for; as they are if none is."""
    sort = asked_sort(request) or ""
    order = orders.get(sort.removeprefix("-"))
    return list(rows) if order is None else sorted(rows, key=order, reverse=sort.startswith("-"))


def asked_choice(request: AnyRequest, name: str, kind: type[E]) -> E | None:
    """The member chosen in a filter; an unknown one is no choice."""
    try:
        return kind(request.query_params.get(name, ""))
    except ValueError:
        return None


def asked_number(request: AnyRequest, name: str) -> int | None:
    """The id in a filter; what is no id is told, and no choice."""
    return _read(request, name, integer(0, BEYOND))


def asked_amount(request: AnyRequest, name: str, *, most: bool = False) -> int | None:
    """The amount typed into a filter, ``most`` as an upper bound; an unreadable one finds nothing.

    ``asked_amount(request, "amount_to", most=True)``
    """
    nothing = -BEYOND if most else BEYOND
    return _read(request, name, amount(minimum_minor=None), unread=nothing)


def asked_day(request: AnyRequest, name: str) -> date | None:
    """The date of a filter; an unreadable one is told, and no filter."""
    return _read(request, name, day())


def refuse_unread(request: AnyRequest) -> None:
    """Refuse to act on everything that a filter finds when a part of it could not be read."""
    for error in request.scope["state"].get(FAULTS, {}).values():
        raise error


def _read(
    request: AnyRequest, name: str, reader: Callable[[str], T], *, unread: T | None = None
) -> T | None:
    typed = asked_text(request, name)
    try:
        return reader(typed) if typed else None
    except CessioError as error:
        if unread is None and file_format(request):
            raise
        request.scope["state"].setdefault(FAULTS, {})[name] = error
        return unread


def file_format(request: AnyRequest) -> str | None:
    """``csv`` or ``xlsx`` when the list is asked for as a file."""
    return request.query_params.get("format") or None


def typed_amount(minor: int, currency: str = "EUR") -> str:
    """An amount as a person would type it into a field."""
    return formats.typed_money(minor, currency)
