import base64
import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.kernel.paging import (
    CursorUnreadable,
    PageRequest,
    decode_cursor,
    encode_cursor,
    page_of,
    page_request,
)

keys = st.lists(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(), st.dates(),
        st.datetimes(timezones=st.just(UTC)), st.decimals(allow_nan=False, allow_infinity=False),
    ),
    max_size=4,
).map(tuple)  # fmt: skip


@given(keys)
def test_a_key_survives_its_cursor(key):
    assert decode_cursor(encode_cursor(key)) == key


def test_a_cursor_keeps_dates_and_instants_apart():
    key = (date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), Decimal("0.10"))
    assert [type(value) for value in decode_cursor(encode_cursor(key))] == [date, datetime, Decimal]


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")))
def test_any_other_text_is_refused_or_read_but_never_crashes(text):
    with contextlib.suppress(CursorUnreadable):
        assert isinstance(decode_cursor(text), tuple)


@pytest.mark.parametrize("key", [(1.5,), ([1],)])
def test_floats_and_lists_are_no_keys(key):
    with pytest.raises(TypeError):
        encode_cursor(key)


def test_smuggled_values_are_refused():
    for raw in (b'[["",1.5]]', b'[["",{}]]', b'[["x","1"]]', b'{"a":1}', b"[1]", b'[["on","x"]]'):
        with pytest.raises(CursorUnreadable):
            decode_cursor(base64.urlsafe_b64encode(raw).decode())


def walk(numbers: list[int], limit: int) -> list[list[int]]:
    pages, request = [], PageRequest(limit)
    while True:
        after = request.after[0] if request.after else None
        fetched = [n for n in numbers if after is None or n > after][: request.fetch]
        page = page_of(fetched, request, lambda n: (n,))
        pages.append(list(page.rows))
        if page.next is None:
            return pages
        request = PageRequest(limit, after=decode_cursor(page.next))


@given(st.integers(0, 30), st.integers(1, 8))
def test_walking_forward_shows_every_row_once(count, limit):
    pages = walk(list(range(count)), limit)
    assert [n for page in pages for n in page] == list(range(count))
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1] or count == 0


def test_going_back_shows_the_page_before_in_display_order():
    numbers = list(range(10))
    request = PageRequest(3, before=(6,))
    fetched = [n for n in reversed(numbers) if n < 6][: request.fetch]
    page = page_of(fetched, request, lambda n: (n,))
    assert page.rows == (3, 4, 5)
    assert decode_cursor(page.previous) == (3,)
    assert decode_cursor(page.next) == (5,)


def test_first_page_has_no_previous_and_an_empty_one_has_neither():
    assert page_of([1], PageRequest(3), lambda n: (n,)).previous is None
    assert page_of([], PageRequest(3, after=(9,)), lambda n: (n,)).next is None


def test_parameters_from_outside_are_clamped():
    assert page_request(limit="10000").limit == 500
    assert page_request(limit="0").limit == 1
    assert page_request(limit="x").limit == 50
    assert page_request().limit == 50
    request = page_request(after=encode_cursor((1,)))
    assert (request.key, request.backwards, request.fetch) == ((1,), False, 51)
    assert page_request(before=encode_cursor((1,))).backwards
