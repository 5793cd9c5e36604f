"""What every list of the back office reads from its address: page, choices, dates, file wanted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from cessio.kernel.errors import CessioError
from cessio.kernel.money import digits_of
from cessio.kernel.paging import PageRequest, page_request
from cessio.plumbing import formats
from cessio.web.readers import amount, day
from cessio.web.requests import AnyRequest
from cessio.web.rows import FILE_ROWS, every_row

__all__ = [
    "FILE_ROWS", "asked_amount", "asked_choice", "asked_day", "asked_number", "asked_page",
    "asked_text", "every_row", "file_format", "typed_amount",
]  # fmt: skip

E = TypeVar("E", bound=StrEnum)
#: An amount that nothing has.
NOTHING = 0


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


def asked_amount(request: AnyRequest, name: str) -> int | None:
    """The amount typed into a filter; an unreadable one finds nothing."""
    typed = asked_text(request, name)
    try:
        return amount(minimum_minor=None)(typed) if typed else None
    except CessioError:
        return NOTHING


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
