"""What is said to be released as debtors pay is what is there once they have paid."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio.contracts.rules import AdvanceMode
from cessio.funding.queries import Receipt, availability, availability_after, releases
from cessio.receivables.models import Receivable
from cessio.receivables.operations import open_dispute
from cessio.receivables.rules import DisputeReason

SOON, LATER = timedelta(days=10), timedelta(days=17)
TERMS: dict[str, Any] = {"blanket_cover_minor": 1_000_00, "value_days_in": 0}


def sold(session: Session, now: datetime, today: date, **terms: Any) -> Book:
    """Two debtors, one above its limit; one invoice is due soon, two later, one much later."""
    book = open_book(session, now, **{**TERMS, **terms})
    assigned(
        session, book, now, invoice(book, "F-1", 800_00, on=today, days=5),
        invoice(book, "F-2", 900_00, on=today, days=15),
        invoice(book, "F-3", 300_00, on=today, days=15, debtor="mercier"),
        invoice(book, "F-4", 400_00, on=today, days=60, debtor="mercier"),
    )  # fmt: skip
    return book


def receivable(session: Session, number: str) -> Receivable:
    return session.scalars(select(Receivable).where(Receivable.number == number)).one()


def paid(session: Session, book: Book, today: date, *numbers: str) -> int:
    """What can be drawn once these invoices are paid, by the code of the matching desk."""
    ones = [receivable(session, number) for number in numbers]
    receipts = [Receipt(book.alpha, one.debtor_id, one.id, one.open_minor) for one in ones]
    return availability_after(session, receipts=receipts, on=today)[book.alpha][1].payable_now_minor


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"concentration_rate": Decimal("0.6"), "reserve_dilution_rate": Decimal("0.05")},
        {"advance_mode": AdvanceMode.PERCENTAGE, "advance_rate": Decimal("0.85"),
         "retention_rate": Decimal(0)},
    ],
)  # fmt: skip
def test_what_is_released_is_there_once_it_is_paid(
    session: Session, now: datetime, today: date, terms: dict[str, Any]
) -> None:
    book = sold(session, now, today, retention_release_allowed=False, **terms)
    first, then = releases(
        session, contract_id=book.alpha, on=today, until=[today + SOON, today + LATER]
    )
    payable = availability(session, contract_id=book.alpha, on=today).payable_now_minor
    assert (first.paid_minor, then.paid_minor) == (800_00, 2_000_00)
    assert first.payable_minor == paid(session, book, today, "F-1")
    assert then.payable_minor == paid(session, book, today, "F-1", "F-2", "F-3")
    for one in (first, then):
        assert one.released_minor == one.payable_minor - payable > 0
        assert one.fund_minor == 0


def test_contested_invoices_are_not_counted_on(
    session: Session, now: datetime, today: date
) -> None:
    book = sold(session, now, today)
    open_dispute(
        session, receivable_id=receivable(session, "F-1").id, reason=DisputeReason.PRICE,
        by=book.people.jules.by, at=now,
    )  # fmt: skip
    [one] = releases(session, contract_id=book.alpha, on=today, until=[today + SOON])
    assert (one.paid_minor, one.released_minor) == (0, 0)


def test_the_fund_gives_back_at_the_months_end_what_is_beyond_its_target(
    session: Session, now: datetime, today: date
) -> None:
    book = sold(session, now, today, retention_rate=Decimal("0.1"))
    before, after = releases(
        session, contract_id=book.alpha, on=today, until=[today + SOON, today + LATER]
    )
    # The month ends between the two: 10 % of the 1 600 left by then, the fund holds 240.
    assert (before.fund_minor, after.fund_minor) == (0, 80_00)


def test_what_is_paid_today_counts_from_its_value_date(
    session: Session, now: datetime, today: date
) -> None:
    book = open_book(session, now, **{**TERMS, "value_days_in": 2})
    assigned(session, book, now, invoice(book, "F-1", 800_00, on=today - timedelta(days=30),
                                         days=20))  # fmt: skip
    days = [today + timedelta(days=n) for n in range(4)]
    found = releases(session, contract_id=book.alpha, on=today, until=days)
    assert [one.paid_minor for one in found] == [0, 0, 800_00, 800_00]
