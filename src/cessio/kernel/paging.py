"""Keyset paging: a page is asked for by the key of the row it comes after, never by number.

A query orders by a unique key (the sort columns, then the id), takes ``limit + 1`` rows past the
cursor and hands them to ``page_of``. The cost does not grow with the depth of the page.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from cessio.kernel.errors import Invalid

T = TypeVar("T")

#: Values of a row's sort key, in the order of its ORDER BY.
Key = tuple[int | str | bool | date | datetime | Decimal | None, ...]

DEFAULT_LIMIT = 50
MAX_LIMIT = 500


class CursorUnreadable(Invalid):
    """A page was asked for with a cursor that we did not give."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Rows after a key, or before one (read backwards), at most ``limit`` of them."""

    limit: int = DEFAULT_LIMIT
    after: Key | None = None
    before: Key | None = None

    @property
    def backwards(self) -> bool:
        """Whether the query must order descending and take what precedes ``before``."""
        return self.before is not None

    @property
    def key(self) -> Key | None:
        """The key the rows lie beyond, in the direction of reading."""
        return self.before if self.before is not None else self.after

    @property
    def fetch(self) -> int:
        """Rows to read: one more than shown tells whether there is another page."""
        return self.limit + 1


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in display order, and the cursors of the pages on both sides if there are any."""

    rows: tuple[T, ...]
    next: str | None = None
    previous: str | None = None


def page_request(
    *, limit: int | str | None = None, after: str | None = None, before: str | None = None
) -> PageRequest:
    """A request from untrusted parameters; the limit is clamped. Raises ``CursorUnreadable``."""
    text = str(limit) if limit is not None else ""
    wanted = int(text) if text.isdecimal() and len(text) < 10 else DEFAULT_LIMIT
    return PageRequest(
        min(max(1, wanted), MAX_LIMIT),
        decode_cursor(after) if after else None,
        decode_cursor(before) if before else None,
    )


def page_of(fetched: Sequence[T], request: PageRequest, key: Callable[[T], Key]) -> Page[T]:
    """The page of rows fetched in the direction of reading, up to ``request.fetch`` of them."""
    more = len(fetched) > request.limit
    rows = list(fetched[: request.limit])
    if request.backwards:
        rows.reverse()
    if not rows:
        return Page(())
    has_next = request.backwards or more
    has_previous = more if request.backwards else request.after is not None
    return Page(
        tuple(rows),
        encode_cursor(key(rows[-1])) if has_next else None,
        encode_cursor(key(rows[0])) if has_previous else None,
    )


def encode_cursor(key: Key) -> str:
    """A key as opaque URL-safe text."""
    text = json.dumps([_tagged(value) for value in key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> Key:
    """The key behind a cursor. Raises ``CursorUnreadable`` for anything we did not encode."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw)
        return tuple(_untagged(tag, value) for tag, value in values)
    except (binascii.Error, ValueError, TypeError, ArithmeticError, RecursionError):
        raise CursorUnreadable("cursor_unreadable", "this page link is not valid") from None


def _tagged(value: Any) -> tuple[str, Any]:
    match value:
        case datetime():
            return "at", value.isoformat()
        case date():
            return "on", value.isoformat()
        case Decimal():
            return "rate", str(value)
        case None | bool() | int() | str():
            return "", value
    raise TypeError(f"{type(value).__name__} cannot be part of a page key")


def _untagged(tag: str, value: Any) -> int | str | bool | date | datetime | Decimal | None:
    readers: dict[str, Callable[[Any], date | datetime | Decimal]] = {
        "at": datetime.fromisoformat, "on": date.fromisoformat, "rate": Decimal,
    }  # fmt: skip
    if tag:
        return readers[tag](value) if tag in readers else _refuse()
    return value if isinstance(value, bool | int | str | None) else _refuse()


def _refuse() -> Any:
    raise ValueError("not a value of a page key")
