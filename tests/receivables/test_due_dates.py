"""A due date moves with its trace, its effect on cover, and a second person where it goes far."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book
from tests.receivables.test_credit_notes import receivable
from tests.receivables.test_disputes import covered

from cessio import approvals, audit
from cessio.funding import queries as funding
from cessio.kernel.errors import Forbidden, Invalid
from cessio.receivables import queries
from cessio.receivables.operations import due_dates as operations
from cessio.receivables.operations.due_dates import DueDateDecided, DueDateMoved, DueDateWaits
from cessio.receivables.queries import due_dates
from cessio.receivables.queries.cover import debtor_cover
from cessio.receivables.rules.due_dates import DueDateReason, NotMovable, needs_second

FIRST = date(2026, 11, 2) + timedelta(days=45)  # when an invoice of the book is due


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    """Two invoices of 80.00 under a limit of 100.00; F-1 is covered first."""
    made = open_book(session, now, blanket_cover_minor=100_00)
    assigned(session, made, now, invoice(made, "F-1", 80_00), invoice(made, "F-2", 80_00, days=50))
    return made


def move(session: Session, book: Book, now: datetime, number: str, to_on: date,
         **more: Any) -> DueDateMoved:  # fmt: skip
    facts: dict[str, Any] = {"reason": DueDateReason.AGREED, "comment": "Their mail of today.",
                             "by": book.people.alice.by, "at": now, **more}  # fmt: skip
    return operations.move_due_date(
        session, receivable_id=receivable(session, number)[0], to_on=to_on, **facts
    )


def seen(session: Session, change_id: int) -> bytes:
    return operations.due_date_hash(due_dates.due_date_change(session, change_id))


def test_days_are_counted_from_the_day_it_was_assigned_with_and_earlier_is_alone() -> None:
    def second(to_on: date, from_on: date = FIRST) -> bool:
        return needs_second(first_due_on=FIRST, from_on=from_on, to_on=to_on, alone_days=15)

    assert not second(FIRST + timedelta(days=15))
    assert second(FIRST + timedelta(days=16))
    assert second(FIRST + timedelta(days=16), FIRST + timedelta(days=14)), "in two steps"
    assert not second(FIRST + timedelta(days=16), FIRST + timedelta(days=40)), "back a little"


def test_cover_follows_the_new_order_and_the_life_tells_who_and_why(
    session: Session, book: Book, now: datetime
) -> None:
    assert covered(session) == {"F-1": 80_00, "F-2": 20_00}
    done = move(session, book, now, "F-1", FIRST + timedelta(days=10))
    assert not done.waits
    assert covered(session) == {"F-1": 20_00, "F-2": 80_00}
    number = receivable(session, "F-1")[0]
    view = queries.receivable(session, number)
    assert view.row.due_date == FIRST + timedelta(days=10)
    (told,) = [one for one in view.life if one.what == "DUE_DATE"]
    assert (told.by, told.note, told.due) == (
        book.people.alice.by, "Their mail of today.", (FIRST, FIRST + timedelta(days=10))
    )  # fmt: skip
    (event,) = [one for one in audit.history(session, "receivable", number)
                if one.verb == "receivable.due_date"]  # fmt: skip
    assert event.why == "Their mail of today."
    move(session, book, now, "F-1", FIRST, reason=DueDateReason.OTHER, comment="Taken back.")
    assert covered(session) == {"F-1": 80_00, "F-2": 20_00}


def test_beyond_the_houses_days_a_second_person_agrees_to_exactly_that(
    session: Session, book: Book, now: datetime
) -> None:
    alice, chloe = book.people.alice.by, book.people.chloe.by
    operations.set_due_date_policy(session, alone_days=5, by=book.people.eva.by, at=now)
    done = move(session, book, now, "F-1", FIRST + timedelta(days=6))
    assert done.waits
    assert covered(session) == {"F-1": 80_00, "F-2": 20_00}
    with pytest.raises(DueDateWaits):
        move(session, book, now, "F-1", FIRST + timedelta(days=1))
    decision = {"change_id": done.change_id, "seen_hash": seen(session, done.change_id), "at": now}
    with pytest.raises(Forbidden):
        operations.approve_due_date(session, by=alice, **decision)
    operations.approve_due_date(session, by=chloe, **decision)
    assert covered(session) == {"F-1": 20_00, "F-2": 80_00}
    assert due_dates.due_date_change(session, done.change_id).decided_by == chloe
    with pytest.raises(DueDateDecided):
        operations.approve_due_date(session, by=chloe, **decision)
    assert not approvals.pending(session, subject_kinds=["due_date"])


def test_a_refusal_and_a_withdrawal_leave_it_due_as_it_was(
    session: Session, book: Book, now: datetime
) -> None:
    far = FIRST + timedelta(days=60)
    for end in (
        lambda one: operations.reject_due_date(
            session, change_id=one, seen_hash=seen(session, one), reason="They owe it now.",
            by=book.people.chloe.by, at=now),
        lambda one: operations.withdraw_due_date(
            session, change_id=one, by=book.people.alice.by, at=now),
    ):  # fmt: skip
        act: Callable[[int], None] = end
        act(move(session, book, now, "F-1", far).change_id)
    view = queries.receivable(session, receivable(session, "F-1")[0])
    assert view.row.due_date == FIRST
    assert [one.outcome for one in view.due_dates] == ["rejected", "withdrawn"]
    assert not [one for one in view.life if one.what == "DUE_DATE"]


def test_what_makes_no_sense_is_refused(session: Session, book: Book, now: datetime) -> None:
    assigned(session, book, now, invoice(book, "A-1", -1))
    for to_on, more in ((FIRST, {}), (date(2026, 11, 1), {}), (date(2029, 1, 1), {}),
                        (FIRST + timedelta(days=1), {"comment": " "})):  # fmt: skip
        with pytest.raises(Invalid):
            move(session, book, now, "F-1", to_on, **more)
    with pytest.raises(NotMovable):
        move(session, book, now, "A-1", FIRST + timedelta(days=1))
    with pytest.raises(Invalid):
        operations.set_due_date_policy(session, alone_days=366, by=book.by, at=now)


def test_a_preview_tells_the_effect_and_leaves_nothing(
    session: Session, book: Book, now: datetime
) -> None:
    waits, found = operations.preview_due_date(
        session, receivable_id=receivable(session, "F-1")[0], to_on=FIRST + timedelta(days=30),
        read=lambda: covered(session), by=book.by, at=now,
    )  # fmt: skip
    assert (waits, found) == (True, {"F-1": 20_00, "F-2": 80_00})
    assert covered(session) == {"F-1": 80_00, "F-2": 20_00}
    assert session.scalar(text("SELECT count(*) FROM due_date_change")) == 0
    assert session.scalar(text("SELECT count(*) FROM approval")) == 0


def test_what_was_known_before_keeps_the_due_date_of_then(
    session: Session, book: Book, now: datetime
) -> None:
    later, day = now + timedelta(days=60), (now + timedelta(days=59)).date()
    pair = {"contract_id": book.alpha, "debtor_id": book.people.durand.id}
    known = funding.availability(session, contract_id=book.alpha, on=later.date(), as_of=day)
    move(session, book, later, "F-1", FIRST + timedelta(days=15))
    again = funding.availability(session, contract_id=book.alpha, on=later.date(), as_of=day)
    assert again == known
    now_due, then_due = (
        {one.number: one.due_date
         for one in debtor_cover(session, **pair, on=later.date(), as_of=asked).invoices}
        for asked in (None, day)
    )  # fmt: skip
    assert now_due["F-1"] - then_due["F-1"] == timedelta(days=15)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE receivable SET due_date = due_date + 1 WHERE number = 'F-2'",
        "UPDATE receivable SET due_date = due_date + 1 WHERE number = 'F-1'",
        "UPDATE due_date_change SET to_on = to_on + 1",
        "UPDATE due_date_change SET outcome = NULL, decided_at = NULL",
        "DELETE FROM due_date_change",
        "TRUNCATE due_date_change",
    ],
)
def test_the_database_keeps_the_due_date_and_its_history(
    session: Session, book: Book, now: datetime, statement: str
) -> None:
    move(session, book, now, "F-1", FIRST + timedelta(days=10))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(statement))
