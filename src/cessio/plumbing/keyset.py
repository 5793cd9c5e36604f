"""A page of a query in the order its reader chose: by one column, then by what is unique.

``sorts`` are the columns a list is sorted by, under the names of the address (``?sort=-amount``).
No column may be null: a null has no place in a key (``func.coalesce``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import Session

from cessio.kernel.paging import CursorUnreadable, Key, Page, PageRequest, page_of

T = TypeVar("T")


def sorted_page(
    session: Session, query: Select[*tuple[Any, ...]], request: PageRequest, *,
    sort: str | None, sorts: Mapping[str, Any], default: str, unique: Any,
    read: Callable[[Any], T],
) -> Page[T]:  # fmt: skip
    """The page of rows as ``read`` makes them; ``-`` before a name turns its order round.

    A name that is no column's is the default: lists are asked for by addresses that people write.
    """
    chosen = sort if sort is not None and sort.removeprefix("-") in sorts else default
    column = sorts[chosen.removeprefix("-")]
    columns = (unique,) if column is unique else (column, unique)
    upwards = chosen.startswith("-") is request.backwards
    if request.key is not None:
        here, there = tuple_(*columns), tuple_(*_fitting(request.key, columns))
        query = query.where(here > there if upwards else here < there)
    ordered = [one.asc() if upwards else one.desc() for one in columns]
    named = [one.label(f"sort_key_{place}") for place, one in enumerate(columns)]
    keyed = query.add_columns(*named).order_by(None).order_by(*ordered).limit(request.fetch)
    width = len(columns)
    found = [(read(tuple(row)[:-width]), tuple(row)[-width:]) for row in session.execute(keyed)]
    page = page_of(found, request, lambda pair: pair[1])
    return Page(tuple(row for row, _key in page.rows), page.next, page.previous)


def _fitting(key: Key, columns: tuple[Any, ...]) -> Key:
    """The key, if it is one of these columns: another order's is no place in this one."""
    kinds = [column.type.python_type for column in columns]
    if len(key) != len(kinds) or not all(map(isinstance, key, kinds)):
        raise CursorUnreadable("cursor_unreadable", "this page link is not valid")
    return key
