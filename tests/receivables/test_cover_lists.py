"""Cover by pages: in the order invoices come under it, and the limits of the book."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio.cash import record_direct_payment
from cessio.contracts.rules import CoverOrderKey
from cessio.kernel.paging import PageRequest, decode_cursor
from cessio.limits import NewLimit
from cessio.receivables.operations.disputes import open_dispute
from cessio.receivables.operations.limits import decide_limit
from cessio.receivables.queries import behaviour
from cessio.receivables.queries.cover import debtor_cover
from cessio.receivables.queries.cover_lists import (
    CoverPlace,
    LimitFilter,
    book_limit_totals,
    book_limits,
    cover_page,
    cover_place,
)
from cessio.receivables.rules import DisputeReason

ON = date(2026, 11, 16)


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    """Durand owes five invoices that its limit covers in part, Mercier one."""
    book = open_book(session, now)
    limit = NewLimit(contract_id=book.alpha, debtor_id=book.people.durand.id,
                     amount_minor=1_000_00)  # fmt: skip
    decide_limit(session, limit=limit, by=book.people.chloe.by, at=now)
    assigned(
        session, book, now,
        *(invoice(book, f"F-{number}", 300_00, days=60 - 7 * (number % 3)) for number in range(5)),
        invoice(book, "M-1", 500_00, debtor="mercier"),
    )  # fmt: skip
    return book


def test_pages_in_cover_order_say_what_the_whole_says(session: Session, book: Book) -> None:
    durand = book.people.durand.id
    whole = debtor_cover(session, contract_id=book.alpha, debtor_id=durand, on=ON)
    request, seen = PageRequest(2), []
    while True:
        found = cover_page(session, request, contract_id=book.alpha, debtor_id=durand, on=ON)
        seen += [(one.number, one.covered_minor, one.queued_minor) for one in found.invoices.rows]
        if found.invoices.next is None:
            break
        request = PageRequest(2, after=decode_cursor(found.invoices.next))
    assert seen == [(one.number, one.covered_minor, one.queued_minor) for one in whole.invoices]
    totals = found.totals
    assert (totals.covered_minor, totals.queued_minor) == (1_000_00, 500_00)
    assert (totals.invoice_count, totals.open_minor, totals.disputed_minor) == (5, 1_500_00, 0)
    assert found.invoices.previous is not None
    back = PageRequest(2, before=decode_cursor(found.invoices.previous))
    before = cover_page(session, back, contract_id=book.alpha, debtor_id=durand, on=ON)
    assert [one.number for one in before.invoices.rows] == [name for name, *_ in seen[2:4]]


def test_an_invoice_knows_its_place_in_the_order_of_cover(
    session: Session, book: Book, now: datetime
) -> None:
    durand = book.people.durand.id
    whole = debtor_cover(session, contract_id=book.alpha, debtor_id=durand, on=ON).invoices
    open_dispute(session, receivable_id=whole[1].receivable_id, reason=DisputeReason.PRICE,
                 amount_minor=100_00, by=book.people.alice.by, at=now)  # fmt: skip
    enough = NewLimit(contract_id=book.alpha, debtor_id=book.people.mercier.id,
                      amount_minor=1_000_00)  # fmt: skip
    decide_limit(session, limit=enough, by=book.people.chloe.by, at=now)
    queues = [debtor_cover(session, contract_id=book.alpha, debtor_id=debtor, on=ON).invoices
              for debtor in (durand, book.people.mercier.id)]  # fmt: skip
    assert [any(one.queued_minor for one in whole) for whole in queues] == [True, False]
    for whole in queues:
        for place, one in enumerate(whole, start=1):
            ahead = whole[: place - 1]
            found = cover_place(
                session, receivable_id=one.receivable_id, order=CoverOrderKey.DUE_DATE
            )
            assert found == CoverPlace(
                place, len(whole), sum(each.covered_minor for each in ahead),
                sum(each.queued_minor for each in ahead), one.covered_minor, one.queued_minor,
            )  # fmt: skip


def test_the_limits_of_the_book_by_name_or_with_most_waiting_first(
    session: Session, book: Book
) -> None:
    def names(wanted: LimitFilter) -> list[str]:
        found, request = [], PageRequest(1)
        while True:
            page = book_limits(session, request, wanted)
            found += [row.debtor_name for row, _key in page.rows]
            if page.next is None:
                return found
            request = PageRequest(1, after=decode_cursor(page.next))

    durand, mercier = book.people.durand.firm.name, book.people.mercier.firm.name
    assert names(LimitFilter()) == sorted([durand, mercier])
    by_waiting = {durand: 500_00, mercier: 500_00}
    assert set(names(LimitFilter(most_waiting_first=True))) == set(by_waiting)
    assert names(LimitFilter(words=mercier[:6].lower())) == [mercier]
    (sums,) = book_limit_totals(session, LimitFilter())
    assert (sums.count, sums.limit_minor, sums.queued_minor) == (2, 1_000_00, 1_000_00)


def test_shares_paid_within_30_60_and_90_days_of_the_due_date(
    session: Session, book: Book, now: datetime
) -> None:
    durand = book.people.durand.id
    assigned(session, book, now, invoice(book, "OLD", 1_000_00, on=date(2026, 3, 2), days=30))
    due = date(2026, 4, 1)
    old = next(
        one for one in debtor_cover(session, contract_id=book.alpha, debtor_id=durand,
                                    on=ON).invoices if one.number == "OLD"
    )  # fmt: skip
    for minor, days in ((400_00, 20), (350_00, 50), (150_00, 85)):
        record_direct_payment(
            session, receivable_id=old.receivable_id, amount_minor=minor,
            paid_on=due + timedelta(days=days), by=book.people.alice.by,
            at=now - (ON - due - timedelta(days=days)),
        )  # fmt: skip
    found = behaviour.payment_behaviour(session, debtor_id=durand, since=date(2026, 1, 1))
    march = next(one for one in found.cohorts if one.month == date(2026, 3, 1))
    paid = (march.paid_30_minor, march.paid_60_minor, march.paid_90_minor)
    assert paid == (400_00, 750_00, 900_00), "40 / 75 / 90 % (domain.md, section 9)"
    assert march.is_final(90, ON)
    assert sum(one.paid_minor for one in found.months) == 900_00
