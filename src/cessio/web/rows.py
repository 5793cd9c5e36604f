"""All the rows of a list, for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from cessio.kernel.paging import MAX_LIMIT, Page, PageRequest, decode_cursor

T = TypeVar("T")

#: A file of a list stops here; more is asked for with a narrower filter.
FILE_ROWS = 100_000


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
