"""All the rows of a list, for a file: read a page at a time, as the file leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from cessio.kernel.paging import MAX_LIMIT, Page, PageRequest, decode_cursor

#: The first two pages of a file are short, so that its first bytes leave at once; the next are
#: long, so that a list whose order no index has is not sorted again for every few rows.
LONG = 5_000
T = TypeVar("T")
R = TypeVar("R")


def every_row(
    fetch: Callable[[PageRequest], Page[T]], *, most: int | None = None
) -> Iterator[T]:  # fmt: skip
    """All rows of a list, page by page; ``most`` of them where a list is no file."""
    request, given = PageRequest(MAX_LIMIT), 0
    while most is None or given < most:
        page = fetch(request)
        yield from page.rows
        given += len(page.rows)
        if page.next is None:
            return
        limit = MAX_LIMIT if given <= MAX_LIMIT else LONG
        request = PageRequest(limit, after=decode_cursor(page.next))


def rows_before(
    fetch: Callable[[int | None, int], Sequence[T]], id_of: Callable[[T], int]
) -> Iterator[T]:
    """The same of a list read latest first: ``fetch`` takes the id to go on before and a limit.

    Of a list read onwards too, where that is the id to go on after.
    """
    before, limit, given = None, MAX_LIMIT, 0
    while rows := fetch(before, limit):
        yield from rows
        given += len(rows)
        if len(rows) < limit:
            return
        before, limit = id_of(rows[-1]), MAX_LIMIT if given <= MAX_LIMIT else LONG


def together(rows: Iterable[T], cells: Callable[[Sequence[T]], Iterable[R]]) -> Iterator[R]:
    """The cells of rows, a page's at a time: what is looked up for them is looked up together."""
    left = iter(rows)
    while held := list(islice(left, MAX_LIMIT)):
        yield from cells(held)


def page_after(
    rows: Sequence[T], key: Callable[[T], int], after: int | None, *, most: int
) -> tuple[list[T], int | None]:
    """The rows that follow the one of a key, and the key of the last of them if more follow."""
    places = {key(row): place for place, row in enumerate(rows, start=1)}
    first = places.get(after, 0) if after is not None else 0
    shown = list(rows[first : first + most])
    return shown, key(shown[-1]) if first + most < len(rows) else None
