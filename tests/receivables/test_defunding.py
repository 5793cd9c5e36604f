"""A dispute that lasts too long: its whole invoice is no longer funded, until it ends well."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio.contracts.rules import IneligibleReason
from cessio.funding import queries as funding
from cessio.kernel.errors import Invalid
from cessio.receivables import operations, queries
from cessio.receivables.operations.defunding import defund_late_disputes, put_off
from cessio.receivables.queries import Deadline, DisputeFilter
from cessio.receivables.rules import DisputeOutcome, DisputeReason

JOB = "job:disputes.day"


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    made = open_book(session, now, dispute_days_before_defunding=30, blanket_cover_minor=10_000_00)
    assigned(session, made, now, invoice(made, "F-1", 1_000_00, on=date(2026, 9, 20), days=45))
    return made


def disputed(session: Session, book: Book, now: datetime) -> int:
    """Durand contests 100 € of F-1, which was due on 4 November."""
    found = session.execute(text("SELECT id FROM receivable WHERE number = 'F-1'")).scalar_one()
    return operations.open_dispute(
        session, receivable_id=found, reason=DisputeReason.PRICE, amount_minor=100_00, by=book.by,
        at=now,
    )  # fmt: skip


def drawable(session: Session, book: Book, on: date) -> int:
    return funding.availability(session, contract_id=book.alpha, on=on).available_minor


def defunded(session: Session, on: date, now: datetime) -> int:
    return defund_late_disputes(session, on=on, by=JOB, at=now)


def test_the_deadline_is_that_of_the_terms_when_the_dispute_opens(
    session: Session, book: Book, now: datetime
) -> None:
    disputed(session, book, now)
    [row] = queries.disputes_due(session, on=date(2026, 12, 17), within_days=0)
    assert row.defunds_on == date(2026, 12, 17)  # 30 days after the 16th of November are over
    assert not queries.disputes_due(session, on=date(2026, 12, 16), within_days=0)
    wanted = DisputeFilter(on=date(2026, 12, 17), deadline=Deadline.PASSED)
    assert [one.count for one in queries.dispute_totals(session, wanted)] == [1]
    near = DisputeFilter(on=date(2026, 12, 12), deadline=Deadline.NEAR)
    assert queries.dispute_totals(session, near)[0].amount_minor == 100_00


def test_at_the_deadline_the_whole_invoice_is_withheld_once(
    session: Session, book: Book, now: datetime
) -> None:
    dispute = disputed(session, book, now)
    last, day = date(2026, 12, 16), date(2026, 12, 17)
    assert defunded(session, last, now) == 0
    before = drawable(session, book, day)
    later = now + timedelta(days=31)
    assert defunded(session, day, later) == 1
    assert drawable(session, book, day) < before
    assert defunded(session, day, later) == 0
    withheld = queries.ReceivableFilter(on=day, withheld=IneligibleReason.DEFUNDED)
    assert queries.found_totals(session, withheld).count == 1
    operations.end_dispute(session, dispute_id=dispute, outcome=DisputeOutcome.UNFOUNDED,
                           by=book.by, at=later + timedelta(hours=1))  # fmt: skip
    assert queries.found_totals(session, withheld).count == 0


def test_a_dispute_that_ends_badly_leaves_the_invoice_unfunded(
    session: Session, book: Book, now: datetime
) -> None:
    dispute = disputed(session, book, now)
    day, later = date(2026, 12, 17), now + timedelta(days=31)
    defunded(session, day, later)
    operations.end_dispute(session, dispute_id=dispute, outcome=DisputeOutcome.FOUNDED,
                           by=book.by, at=later + timedelta(hours=1))  # fmt: skip
    withheld = queries.ReceivableFilter(on=day, withheld=IneligibleReason.DEFUNDED)
    assert queries.found_totals(session, withheld).count == 1


def test_what_a_person_lifted_is_not_withheld_again(
    session: Session, book: Book, now: datetime
) -> None:
    disputed(session, book, now)
    day, later = date(2026, 12, 17), now + timedelta(days=31)
    defunded(session, day, later)
    hold = session.execute(text("SELECT id FROM hold WHERE reason = 'defunded'")).scalar_one()
    operations.lift_hold(session, hold_id=hold, by=book.by, at=later + timedelta(hours=2))
    assert defunded(session, day + timedelta(days=1), later + timedelta(days=1)) == 0


def test_more_time_moves_the_deadline_and_gives_the_funding_back(
    session: Session, book: Book, now: datetime
) -> None:
    dispute = disputed(session, book, now)
    day, later = date(2026, 12, 17), now + timedelta(days=31)
    defunded(session, day, later)
    with pytest.raises(Invalid, match="later day"):
        put_off(session, dispute_id=dispute, until=day, reason="more talks", on=day, by=book.by,
                at=later)  # fmt: skip
    put_off(session, dispute_id=dispute, until=date(2027, 1, 10), reason="more talks", on=day,
            by=book.by, at=later)  # fmt: skip
    assert defunded(session, day, later) == 0
    assert defunded(session, date(2027, 1, 10), now + timedelta(days=56)) == 1
