"""What every list of the back office reads from its address: page, choices, dates, file wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from cessio.kernel.errors import CessioError
from cessio.kernel.money import digits_of
from cessio.kernel.paging import MAX_LIMIT, Page, PageRequest, decode_cursor, page_request
from cessio.plumbing import formats
from cessio.web.readers import day
from cessio.web.requests import AnyRequest

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

#: A file of a list stops here; more is asked for with a narrower filter.
FILE_ROWS = 100_000


def asked_page(request: AnyRequest) -> PageRequest:
    """The page of ``?after=`` or ``?before=``. Raises ``CursorUnreadable``."""
    query = request.query_params
    return page_request(after=query.get("after"), before=query.get("before"))


def asked_text(request: AnyRequest, name: str) -> str | None:
    """What was typed into a filter, if anything."""
    found = request.query_params.get(name, "").strip()
    return found[:200] or None


def asked_choice(request: AnyRequest, name: str, kind: type[E]) -> E | None:
    """The member chosen in a filter; an unknown one is no choice."""
    try:
        return kind(request.query_params.get(name, ""))
    except ValueError:
        return None


def asked_number(request: AnyRequest, name: str) -> int | None:
    """The id in a filter; what is no id is no choice."""
    found = request.query_params.get(name, "")
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 19 else None


def asked_day(request: AnyRequest, name: str) -> date | None:
    """The date of a filter; an unreadable one is no filter."""
    try:
        return day()(request.query_params.get(name, ""))
    except CessioError:
        return None


def file_format(request: AnyRequest) -> str | None:
    """``csv`` or ``xlsx`` when the list is asked for as a file."""
    return request.query_params.get("format") or None


def typed_amount(minor: int, currency: str = "EUR") -> str:
    """An amount as a person would type it into a field."""
    digits = digits_of(currency)
    return formats.number(Decimal(minor).scaleb(-digits), digits)


def every_row(fetch: Callable[[PageRequest], Page[T]], *, most: int = FILE_ROWS) -> Iterator[T]:
    """All rows of a list, page by page, for a file."""
    request, given = PageRequest(MAX_LIMIT), 0
    while given < most:
        page = fetch(request)
        yield from page.rows
        given += len(page.rows)
        if page.next is None:
            return
        request = PageRequest(MAX_LIMIT, after=decode_cursor(page.next))
