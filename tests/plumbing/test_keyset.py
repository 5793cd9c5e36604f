"""A page in the order its reader chose, forwards and back, and the cursors it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import literal_column, select, values
from sqlalchemy.orm import Session
from sqlalchemy.sql import column
from sqlalchemy.types import BigInteger, Text

from cessio.kernel.paging import CursorUnreadable, Page, PageRequest, decode_cursor
from cessio.plumbing.keyset import sorted_page

ROWS = [(1, "b", 30), (2, "a", 10), (3, "b", 20), (4, "c", 20), (5, "a", 20)]


def page(session: Session, request: PageRequest, sort: str | None) -> Page[int]:
    rows = values(
        column("id", BigInteger), column("name", Text), column("minor", BigInteger), name="rows"
    ).data(ROWS)  # fmt: skip
    query: Any = select(rows.c.id, literal_column("1"))
    return sorted_page(
        session, query, request, sort=sort, default="-id", unique=rows.c.id,
        sorts={"id": rows.c.id, "name": rows.c.name, "minor": rows.c.minor},
        read=lambda row: int(row[0]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        (None, [5, 4, 3, 2, 1]), ("id", [1, 2, 3, 4, 5]), ("name", [2, 5, 1, 3, 4]),
        ("-name", [4, 3, 1, 5, 2]), ("minor", [2, 3, 4, 5, 1]), ("drop table", [5, 4, 3, 2, 1]),
    ],
)  # fmt: skip
def test_every_order_is_read_page_by_page_and_back(
    session: Session, sort: str | None, wanted: list[int]
) -> None:
    request, read, pages = PageRequest(2), [], []
    while True:
        found = page(session, request, sort)
        read += found.rows
        pages.append(found)
        if found.next is None:
            break
        request = PageRequest(2, after=decode_cursor(found.next))
    assert read == wanted
    before = pages[-1].previous
    assert before is not None
    back = page(session, PageRequest(2, before=decode_cursor(before)), sort)
    assert back.rows == pages[-2].rows


@pytest.mark.parametrize("key", [(), ("b",), ("b", "b"), (1, 2, 3), (None, 2)])
def test_the_key_of_another_order_is_refused(session: Session, key: Any) -> None:
    with pytest.raises(CursorUnreadable):
        page(session, PageRequest(2, after=key), "name")
