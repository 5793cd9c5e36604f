"""A closed day is sealed: nothing is added to it, and a change of an old entry is seen."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import cash, closing, contracts
from cessio.closing import close_day, settle_until
from cessio.contracts.rules import IndexName
from cessio.funding import queries as funding
from cessio.kernel.calendar import business_date
from cessio.limits import NewLimit
from cessio.receivables.operations import open_dispute
from cessio.receivables.operations.limits import decide_limit
from cessio.receivables.rules import DisputeReason
from cessio.reporting.queries.loan_tape import loan_tape
from cessio.statements import queries as statements

JOB = "job:closing.daily"


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    opened = open_book(session, now - timedelta(days=30))
    contracts.record_fixing(
        session, index=IndexName.EURIBOR_3M, fixed_on=date(2026, 1, 2), rate=Decimal("0.02"),
        source="test", by="system:setup", at=now - timedelta(days=20),
    )  # fmt: skip
    return opened


def _close(session: Session, on: date, at: datetime) -> closing.Closed:
    settle_until(session, on=on, by=JOB, at=at)
    return close_day(session, on=on, by=JOB, at=at)


def test_a_day_is_closed_once_with_its_figures_and_seal(
    session: Session, book: Book, now: datetime, today: date
) -> None:
    assigned(session, book, now, invoice(book, "A1", 1_200_000))
    next_day = now + timedelta(days=1)
    closed = _close(session, today, next_day)
    assert closed.entry_count > 0
    assert not closed.again
    kept = closing.closed_days(session)[0]
    assert kept.seal.sha256 == closed.sha256
    reference = next(iter(kept.figures["availability"]))
    assert kept.figures["availability"][reference]["outstanding_minor"] == 1_200_000
    assert sum(kept.figures["trial_balance"].values()) == 0
    again = _close(session, today, next_day + timedelta(days=3))
    assert (again.sha256, again.again) == (closed.sha256, True)
    assert closing.verify(session) == []


def test_nothing_is_recorded_on_a_closed_day(
    session: Session, book: Book, now: datetime, today: date
) -> None:
    _close(session, today, now + timedelta(days=1))
    with pytest.raises(IntegrityError, match="closed up to 2026-11-16"), session.begin_nested():
        assigned(session, book, now, invoice(book, "LATE", 100_000))
    assigned(session, book, now + timedelta(days=1), invoice(book, "NEXT", 100_000))


def test_a_day_that_is_not_over_does_not_close(
    session: Session, book: Book, now: datetime, today: date
) -> None:
    settle_until(session, on=today, by=JOB, at=now)
    with pytest.raises(closing.DayNotOver, match="is not over"):
        close_day(session, on=today, by=JOB, at=now)


def test_a_day_that_was_not_settled_does_not_close(
    session: Session, book: Book, now: datetime, today: date
) -> None:
    with pytest.raises(closing.NotSettled):
        close_day(session, on=today, by=JOB, at=now + timedelta(days=1))


def test_days_close_in_order_and_a_later_one_covers_those_between(
    session: Session, book: Book, now: datetime, today: date
) -> None:
    first = _close(session, today, now + timedelta(days=1))
    assigned(session, book, now + timedelta(days=2), invoice(book, "B1", 500_000))
    later = today + timedelta(days=3)
    settled = settle_until(session, on=later, by=JOB, at=now + timedelta(days=4))
    assert [day for day, _ in settled] == [today + timedelta(days=n) for n in (1, 2, 3)]
    second = close_day(session, on=later, by=JOB, at=now + timedelta(days=4))
    assert second.entry_count > 0
    assert second.sha256 != first.sha256
    with pytest.raises(closing.DayNotOver, match="covers it"):
        close_day(session, on=today + timedelta(days=1), by=JOB, at=now + timedelta(days=5))


def test_the_database_takes_no_day_before_the_last_closed_one(
    session: Session, book: Book, now: datetime, today: date
) -> None:
    _close(session, today, now + timedelta(days=1))
    copied = text(
        "INSERT INTO closed_day SELECT CAST(:day AS date), transaction_count, entry_count,"
        " last_entry_id, debit_minor, sha256, figures, closed_at, closed_by FROM closed_day"
        " WHERE day = :closed"
    )  # fmt: skip
    earlier = {"day": today - timedelta(days=1), "closed": today}
    with pytest.raises(IntegrityError, match="covers it"), session.begin_nested():
        session.execute(copied, earlier)
    session.execute(copied, {"day": today + timedelta(days=1), "closed": today})


def test_an_answer_as_of_a_past_day_is_what_was_answered_that_evening(
    session: Session, book: Book, now: datetime, today: date
) -> None:
    """Whatever was corrected since: a payment taken back, a dispute, a limit, a credit note."""
    assigned(session, book, now, invoice(book, "A1", 900_000), invoice(book, "A2", 300_000))
    ids = {row[0]: row[1] for row in session.execute(text("SELECT number, id FROM receivable"))}
    paid = cash.record_direct_payment(session, receivable_id=ids["A2"], amount_minor=100_000,
                                      paid_on=today, by=book.by, at=now)  # fmt: skip

    def evening(at: datetime) -> tuple[object, ...]:
        day = None if business_date(at) == today else today
        tape = loan_tape(session, on=today, is_past=day is not None)
        book_then = funding.availability(session, contract_id=book.alpha, on=business_date(at),
                                         as_of=day)  # fmt: skip
        account = statements.contract_statement(session, contract_id=book.alpha,
                                                from_on=today, to_on=today)  # fmt: skip
        return book_then, tape.sha256, tape.lines, account.sha256

    then = evening(now)
    _close(session, today, now + timedelta(days=1))
    later = now + timedelta(days=1, hours=1)
    cash.undo_application(session, application_id=paid, reason="Wrong", by=book.by, at=later)
    open_dispute(session, receivable_id=ids["A1"], reason=DisputeReason.PRICE, by=book.by,
                 at=later)  # fmt: skip
    decide_limit(session, by=book.by, at=later, limit=NewLimit(
        contract_id=book.alpha, debtor_id=book.people.durand.id, amount_minor=100_00))  # fmt: skip
    assigned(session, book, later, invoice(book, "C1", -50_000, original_number="A1"))
    assert evening(later) == then
    live = funding.availability(session, contract_id=book.alpha, on=business_date(later))
    assert live != then[0]


def test_a_changed_entry_breaks_the_seal(
    session: Session, book: Book, now: datetime, today: date
) -> None:
    assigned(session, book, now, invoice(book, "A1", 1_200_000))
    _close(session, today, now + timedelta(days=1))
    session.execute(text("ALTER TABLE ledger_transaction DISABLE TRIGGER USER"))
    session.execute(text("UPDATE ledger_transaction SET recorded_by = 'person:999' WHERE id = 1"
                         " OR id = (SELECT min(id) FROM ledger_transaction)"))  # fmt: skip
    session.execute(text("ALTER TABLE ledger_transaction ENABLE TRIGGER USER"))
    found = closing.verify(session)
    assert [finding.rule for finding in found] == ["closed_day_is_sealed"]
    assert "2026-11-16" in found[0].subject


def test_a_closed_day_is_never_changed(
    session: Session, book: Book, now: datetime, today: date
) -> None:
    _close(session, today, now + timedelta(days=1))
    for statement in ("UPDATE closed_day SET closed_by = 'x'", "DELETE FROM closed_day"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement))
