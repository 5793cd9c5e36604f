"""A closed day is sealed: nothing is added to it, and a change of an old entry is seen."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import closing, contracts
from cessio.closing import close_day, settle_until
from cessio.contracts.rules import IndexName

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
