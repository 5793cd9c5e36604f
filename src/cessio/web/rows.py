"""All the rows of a list, for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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


def rows_before(
    fetch: Callable[[int | None, int], Sequence[T]], id_of: Callable[[T], int], *,
    most: int = FILE_ROWS,
) -> Iterator[T]:  # fmt: skip
    """The same of a list read latest first: ``fetch`` takes the id to go on before and a limit."""
    before, given = None, 0
    while given < most:
        rows = fetch(before, MAX_LIMIT)
        yield from rows
        given += len(rows)
        if len(rows) < MAX_LIMIT:
            return
        before = id_of(rows[-1])


def page_after(
    rows: Sequence[T], key: Callable[[T], int], after: int | None, *, most: int
) -> tuple[list[T], int | None]:
    """The rows that follow the one of a key, and the key of the last of them if more follow."""
    places = {key(row): place for place, row in enumerate(rows, start=1)}
    first = places.get(after, 0) if after is not None else 0
    shown = list(rows[first : first + most])
    return shown, key(shown[-1]) if first + most < len(rows) else None
