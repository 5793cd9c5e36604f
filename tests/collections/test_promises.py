"""A debtor's word: open until its day, then kept, late or broken by the money that came."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import cash, collections
from cessio.collections import PromiseEnd, PromiseState, queries
from cessio.collections.operations import NothingToPromise, PromiseEnded
from cessio.collections.rules import Paid, awaited_until, standing
from cessio.kernel.errors import Invalid
from cessio.receivables import operations as receivables
from cessio.receivables.rules import DisputeReason, DocumentKind

FRIDAY = date(2026, 11, 20)


def became(*paid: Paid, on: date, is_ended: bool = False) -> PromiseState:
    found = standing(amount_minor=1_000, due_on=FRIDAY, paid=paid, is_ended=is_ended, on=on)
    return found.state


def test_money_is_awaited_until_the_business_day_after() -> None:
    assert awaited_until(FRIDAY) == date(2026, 11, 23)  # the Monday
    assert awaited_until(date(2026, 11, 22)) == date(2026, 11, 24)  # a Sunday: paid on Monday
    assert awaited_until(date(2026, 12, 24)) == date(2026, 12, 28)  # over Christmas


def test_a_promise_is_open_then_broken_and_kept_only_in_time() -> None:
    assert became(on=FRIDAY) is PromiseState.OPEN
    assert became(on=date(2026, 11, 23)) is PromiseState.OPEN
    assert became(on=date(2026, 11, 24)) is PromiseState.BROKEN
    half = Paid(FRIDAY, 500)
    assert became(half, on=date(2026, 11, 24)) is PromiseState.BROKEN
    rest = Paid(date(2026, 11, 23), 500)
    assert became(half, rest, on=date(2026, 11, 24)) is PromiseState.KEPT
    late = Paid(date(2026, 11, 25), 500)
    assert became(half, late, on=date(2026, 11, 24)) is PromiseState.BROKEN
    assert became(half, late, on=date(2026, 11, 25)) is PromiseState.LATE
    assert became(half, rest, on=FRIDAY, is_ended=True) is PromiseState.ENDED


def test_what_came_beyond_the_promise_does_not_count_twice() -> None:
    found = standing(amount_minor=1_000, due_on=FRIDAY, paid=[Paid(FRIDAY, 1_700)],
                     is_ended=False, on=FRIDAY)  # fmt: skip
    assert (found.paid_minor, found.missing_minor, found.complete_on) == (1_000, 0, FRIDAY)


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    made = open_book(session, now)
    assigned(session, made, now, invoice(made, "F-1", 900_00), invoice(made, "F-2", 700_00),
             invoice(made, "F-3", 500_00, debtor="mercier"))  # fmt: skip
    return made


def numbered(session: Session, number: str) -> int:
    found = session.execute(text("SELECT id FROM receivable WHERE number = :n"), {"n": number})
    return int(found.scalar_one())


def promised(session: Session, book: Book, now: datetime, *numbers: str, minor: int | None = None,
             days: int = 4) -> int:  # fmt: skip
    return collections.note_promise(
        session, debtor_id=book.people.durand.id, due_on=now.date() + timedelta(days=days),
        amount_minor=minor, receivable_ids=[numbered(session, one) for one in numbers],
        contact="Mme Petit", by=book.by, at=now,
    )  # fmt: skip


def paid_to_client(session: Session, book: Book, number: str, minor: int, at: datetime) -> int:
    return cash.record_direct_payment(
        session, receivable_id=numbered(session, number), amount_minor=minor, paid_on=at.date(),
        by=book.by, at=at,
    )  # fmt: skip


def test_a_promise_on_invoices_is_of_all_that_is_open_and_kept_by_their_payment(
    session: Session, book: Book, now: datetime
) -> None:
    made = promised(session, book, now, "F-1", "F-2")
    later = now + timedelta(days=2)
    found = queries.promise(session, made, on=now.date())
    assert (found.amount_minor, found.state) == (1_600_00, PromiseState.OPEN)
    assert [one.number for one in found.invoices] == ["F-1", "F-2"]
    assert found.client_id == book.people.alpha.id
    paid_to_client(session, book, "F-1", 900_00, later)
    due = now.date() + timedelta(days=4)
    assert queries.promise(session, made, on=due).missing_minor == 700_00
    broken_on = awaited_until(due) + timedelta(days=1)
    assert [one.id for one in queries.broken_promises(session, on=broken_on)] == [made]
    paid_to_client(session, book, "F-2", 700_00, later)
    assert queries.promise(session, made, on=broken_on).state is PromiseState.KEPT
    assert not queries.broken_promises(session, on=broken_on)


def test_undoing_a_payment_breaks_the_promise_again(
    session: Session, book: Book, now: datetime
) -> None:
    made = promised(session, book, now, "F-1")
    later = now + timedelta(days=1)
    application = paid_to_client(session, book, "F-1", 900_00, later)
    after = now.date() + timedelta(days=20)
    assert queries.promise(session, made, on=after).state is PromiseState.KEPT
    cash.undo_application(session, application_id=application, reason="wrong one", by=book.by,
                          at=later + timedelta(hours=1))  # fmt: skip
    assert queries.promise(session, made, on=after).state is PromiseState.BROKEN


def test_money_on_another_invoice_does_not_keep_a_promise_on_this_one(
    session: Session, book: Book, now: datetime
) -> None:
    named, free = promised(session, book, now, "F-1"), promised(session, book, now, minor=700_00)
    paid_to_client(session, book, "F-2", 700_00, now + timedelta(days=1))
    on = now.date() + timedelta(days=2)
    assert queries.promise(session, named, on=on).missing_minor == 900_00
    assert queries.promise(session, free, on=on).state is PromiseState.KEPT


def test_an_invoice_settled_by_a_credit_note_is_not_waited_for(
    session: Session, book: Book, now: datetime
) -> None:
    made = promised(session, book, now, "F-1")
    note = invoice(book, "AV-1", 900_00, kind=DocumentKind.CREDIT_NOTE, original_number="F-1")
    assigned(session, book, now + timedelta(days=1), note)
    on = now.date() + timedelta(days=20)
    assert queries.promise(session, made, on=on).state is PromiseState.KEPT


def test_a_later_promise_on_the_same_invoice_takes_the_place_of_the_first(
    session: Session, book: Book, now: datetime
) -> None:
    first = promised(session, book, now, "F-1", "F-2")
    second = promised(session, book, now, "F-2", days=9)
    told = {one.id: one for one in queries.promises(session, on=now.date())}
    assert told[first].end_reason == PromiseEnd.REPLACED
    assert told[second].state is PromiseState.OPEN
    on_it = queries.promises_on(session, numbered(session, "F-2"), on=now.date())
    assert [one.id for one in on_it] == [second, first]


def test_a_promise_is_ended_once_with_its_reason(
    session: Session, book: Book, now: datetime
) -> None:
    made = promised(session, book, now, "F-1")
    collections.end_promise(session, promise_id=made, reason=PromiseEnd.WITHDRAWN, by=book.by,
                            at=now)  # fmt: skip
    assert queries.promise(session, made, on=now.date()).state is PromiseState.ENDED
    with pytest.raises(PromiseEnded):
        collections.end_promise(session, promise_id=made, reason=PromiseEnd.HANDLED, by=book.by,
                                at=now)  # fmt: skip


def test_a_promise_names_open_invoices_of_its_debtor_and_a_day_to_come(
    session: Session, book: Book, now: datetime
) -> None:
    with pytest.raises(NothingToPromise):
        promised(session, book, now, "F-1", "F-3")  # Mercier's
    with pytest.raises(Invalid, match="only"):
        promised(session, book, now, "F-1", minor=900_01)
    with pytest.raises(Invalid, match="how much"):
        promised(session, book, now)
    with pytest.raises(Invalid, match="today or later"):
        promised(session, book, now, "F-1", days=-1)
    receivables.open_dispute(session, receivable_id=numbered(session, "F-1"),
                             reason=DisputeReason.PRICE, by=book.by, at=now)  # fmt: skip
    assert promised(session, book, now, "F-1")  # a debtor may promise what it disputes


def in_parts(session: Session, book: Book, now: datetime, *numbers: str, count: int,
             minor: int | None = None) -> tuple[int, ...]:  # fmt: skip
    return collections.note_instalments(
        session, debtor_id=book.people.durand.id, amount_minor=minor, by=book.by, at=now,
        days=[now.date() + timedelta(days=10 * place) for place in range(1, count + 1)],
        receivable_ids=[numbered(session, one) for one in numbers],
    )  # fmt: skip


def states(session: Session, made: tuple[int, ...], on: date) -> list[tuple[str, int]]:
    found = [queries.promise(session, one, on=on) for one in made]
    return [(one.state.value, one.standing.paid_minor) for one in found]


def test_money_keeps_the_earliest_instalment_and_each_is_broken_by_its_own_day(
    session: Session, book: Book, now: datetime
) -> None:
    made = in_parts(session, book, now, "F-1", "F-2", count=4)
    found = [queries.promise(session, one, on=now.date()) for one in made]
    assert [(one.place, one.places) for one in found] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [[(line.number, line.amount_minor) for line in one.invoices] for one in found] == [
        [("F-1", 400_00)], [("F-1", 400_00)], [("F-1", 100_00), ("F-2", 300_00)],
        [("F-2", 400_00)],
    ]  # fmt: skip
    paid_to_client(session, book, "F-1", 400_00, now + timedelta(days=5))
    on = now.date() + timedelta(days=25)
    assert states(session, made, on) == [("kept", 400_00), ("broken", 0), ("open", 0), ("open", 0)]
    assert [one.id for one in queries.broken_promises(session, on=on)] == [made[1]]
    paid_to_client(session, book, "F-1", 500_00, now + timedelta(days=25))
    assert states(session, made, on) == [
        ("kept", 400_00), ("late", 400_00), ("open", 100_00), ("open", 0)
    ]  # fmt: skip


def test_instalments_of_whatever_is_owed_share_its_money_and_end_together(
    session: Session, book: Book, now: datetime
) -> None:
    made = in_parts(session, book, now, count=3, minor=1_000_00)
    assert [queries.promise(session, one, on=now.date()).amount_minor for one in made] == [
        333_34, 333_33, 333_33
    ]  # fmt: skip
    paid_to_client(session, book, "F-2", 500_00, now + timedelta(days=1))
    on = now.date() + timedelta(days=2)
    assert [paid for _state, paid in states(session, made, on)] == [333_34, 166_66, 0]
    collections.end_promise(session, promise_id=made[1], reason=PromiseEnd.WITHDRAWN, by=book.by,
                            at=now + timedelta(days=3))  # fmt: skip
    assert {state for state, _paid in states(session, made, on)} == {"ended"}


def test_a_later_promise_on_an_invoice_replaces_its_instalments(
    session: Session, book: Book, now: datetime
) -> None:
    made = in_parts(session, book, now, "F-1", count=3)
    promised(session, book, now + timedelta(hours=1), "F-1")
    assert [state for state, _paid in states(session, made, now.date())] == ["ended"] * 3


@pytest.mark.parametrize(("days", "amounts"), [
    ([3, 3], []), ([5, 3], []), ([-1, 3], []), ([3, 5], [100_00]), ([3, 5], [100_00, 0]),
    ([3, 5], [900_00, 1]), (list(range(1, 40)), []),
])  # fmt: skip
def test_instalments_are_in_order_and_within_what_is_open(
    session: Session, book: Book, now: datetime, days: list[int], amounts: list[int]
) -> None:
    with pytest.raises(Invalid):
        collections.note_instalments(
            session, debtor_id=book.people.durand.id, amounts=amounts, by=book.by, at=now,
            days=[now.date() + timedelta(days=one) for one in days],
            receivable_ids=[numbered(session, "F-1")],
        )  # fmt: skip
