"""After a restore nothing that may have left is sent again, and two people let work go on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.funding.test_operations import ON, Book, available, draw, settle
from tests.funding.test_payment_run import NOTE, clears, sent, state

from cessio import agreeing, approvals, banking, funding
from cessio.agreeing.deeds.restoring import ResumeWork
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.funding.jobs import PLAN, SETTLE_PAYOUTS
from cessio.funding.operations import dissolve_order
from cessio.funding.queries.reconciling import unknown_payouts
from cessio.funding.rules import DrawdownStateName as State
from cessio.funding.rules import OutcomeSaid
from cessio.kernel.errors import Conflict, Invalid
from cessio.plumbing import jobs, restored
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import JobState
from cessio.plumbing.jobs.running import Runner

FOUND = {"bank": "Mme Weber, service flux : quatre ordres", "seals": "chaîne tenue jusqu'à 12",
         "papers": "rien de parti depuis midi"}  # fmt: skip
WHY = "disk of the server lost"
EACH = 1_000_00


@pytest.fixture
def restored_at(now: datetime) -> datetime:
    return now + timedelta(hours=2)


def lived(session: Session, now: datetime) -> tuple[Book, dict[str, int], funding.OrderSealed]:
    """One payout with the bank, one in an order that did not leave, one granted, one asked for."""
    book = settle(session, now)
    order_id = sent(session, book, now, EACH)
    (gone,) = queries.orders_drawdowns(session, order_id=order_id)
    in_order = draw(session, book, EACH, now).drawdown_id
    order = funding.seal_payouts(session, account_id=book.account_id, execute_on=ON,
                                 by=book.people.bruno.by, at=now)  # fmt: skip
    granted = draw(session, book, EACH, now).drawdown_id
    asked = draw(session, book, 5_000_00, now)
    assert asked.state is State.REQUESTED
    named = {"gone": gone.drawdown_id, "in_order": in_order, "granted": granted,
             "asked": asked.drawdown_id}  # fmt: skip
    return book, named, order


def restore(session: Session, now: datetime, at: datetime) -> funding.operations.Marked:
    return funding.operations.mark_restored(session, as_of=now, reason=WHY, by="job:x", at=at)


def resume(session: Session, book: Book, at: datetime) -> None:
    held = restored.held(session)
    assert held is not None
    asked = agreeing.ask(session, deed=ResumeWork(held.id, **FOUND), by=book.people.bruno.by, at=at)
    seen = approvals.approval(session, asked).subject_hash
    agreeing.agree(session, approval_id=asked, seen=seen, by=book.people.ines.by, at=at)


def test_what_may_have_left_since_is_unknown_and_is_not_sent_again(
    engine: Engine, now: datetime, restored_at: datetime
) -> None:
    with transaction(engine) as session:
        book, payouts, order = lived(session, now)
        left = available(session, book)
        marked = restore(session, now, restored_at)
        assert (marked.orders, marked.payouts) == (1, 3)
        assert {state(session, one) for one in payouts.values()} == {State.ORDERED}
        assert unknown_payouts(session) == {"EUR": (4, 3 * EACH + 5_000_00)}
        assert available(session, book) == left
        clears(session)
    with transaction(engine) as session:
        for again in (
            lambda: banking.record_order_sent(session, order_id=order.order_id,
                                              by=book.people.ines.by, at=restored_at),
            lambda: bank.released_file(session, order_id=order.order_id),
            lambda: dissolve_order(session, order_id=order.order_id, reason="again",
                                   by=book.people.bruno.by, at=restored_at),
            lambda: funding.seal_payouts(session, account_id=book.account_id, execute_on=ON,
                                         by=book.people.bruno.by, at=restored_at),
        ):  # fmt: skip
            with pytest.raises(Conflict):
                again()


def test_two_people_say_of_each_whether_it_left(
    engine: Engine, now: datetime, restored_at: datetime
) -> None:
    """What did not leave waits again as it did; what left is paid, once."""
    with transaction(engine) as session:
        book, payouts, _order = lived(session, now)
        restore(session, now, restored_at)
        said = {"in_order": OutcomeSaid.PAID, "granted": OutcomeSaid.NOT_PAID,
                "asked": OutcomeSaid.NOT_PAID}  # fmt: skip
        for name, outcome in said.items():
            funding.say_outcome(session, drawdown_id=payouts[name], outcome=outcome, note=NOTE,
                                by=book.people.bruno.by, at=restored_at)  # fmt: skip
            funding.confirm_outcome(session, drawdown_id=payouts[name], by=book.people.ines.by,
                                    at=restored_at)  # fmt: skip
        assert state(session, payouts["in_order"]) is State.PAID
        assert state(session, payouts["granted"]) is State.GRANTED
        assert state(session, payouts["asked"]) is State.REQUESTED
        assert approvals.open_for(session, "drawdown", payouts["asked"]) is not None
        clears(session)
        resume(session, book, restored_at)
        again = funding.seal_payouts(session, account_id=book.account_id, execute_on=ON,
                                     by=book.people.bruno.by, at=restored_at)  # fmt: skip
        assert again.payment_count == 1


def test_no_reference_is_given_twice(engine: Engine, now: datetime, restored_at: datetime) -> None:
    """What a later state of the book gave to others, this one passes over."""
    with transaction(engine) as session:
        book, payouts, order = lived(session, now)
        restore(session, now, restored_at)
        resume(session, book, restored_at)
        fresh = draw(session, book, EACH, restored_at).drawdown_id
        assert fresh > max(payouts.values()) + restored.LEAP - 1
        assert bank.next_order_id(session) > order.order_id + restored.LEAP - 1


def test_jobs_wait_until_two_people_say_what_they_compared(
    engine: Engine, now: datetime, restored_at: datetime
) -> None:
    runner = Runner(engine, clock=lambda: restored_at)
    with transaction(engine) as session:
        book, _payouts, _order = lived(session, now)
        restore(session, now, restored_at)
    with transaction(engine) as session:
        waits = jobs.enqueue(session, kind=PLAN, key="x", payload={"on": ON},
                             by="job:x", at=restored_at)  # fmt: skip
        reads = jobs.enqueue(session, kind=SETTLE_PAYOUTS, key="x",
                             payload={"statement_id": 1}, by="job:x", at=restored_at)  # fmt: skip
    assert waits not in runner.due_jobs(1000)
    assert runner.run(waits) is None
    assert runner.run(reads) is JobState.DONE
    with transaction(engine) as session:
        resume(session, book, restored_at)
    assert waits in runner.due_jobs(1000)


def test_nobody_lets_work_go_on_alone_or_without_a_word(
    engine: Engine, now: datetime, restored_at: datetime
) -> None:
    with transaction(engine) as session:
        book, _payouts, _order = lived(session, now)
        number = restore(session, now, restored_at).restoration_id
        deed = ResumeWork(number, **{**FOUND, "bank": "ok"})
        with pytest.raises(Invalid, match="compared"):
            agreeing.ask(session, deed=deed, by=book.people.bruno.by, at=restored_at)
    with pytest.raises(IntegrityError, match="two people"), transaction(engine) as session:
        restored.resume(session, number, found=FOUND, by=book.people.bruno.by, at=restored_at)
    with pytest.raises(IntegrityError, match="never deleted"), transaction(engine) as session:
        session.execute(text("DELETE FROM restoration"))


def test_a_restore_is_said_once_and_found_held_by_who_restored(
    engine: Engine, now: datetime, restored_at: datetime
) -> None:
    with transaction(engine) as session:
        settle(session, now)
        session.execute(text("SELECT hold_restored(:at, 'from a script')"), {"at": now})
    with transaction(engine) as session:
        held = restored.held(session)
        assert held is not None
        assert held.marked_at is None
        assert restore(session, now, restored_at).restoration_id == held.id
        with pytest.raises(Conflict, match="already"):
            restore(session, now, restored_at)
        with pytest.raises(Invalid):
            funding.operations.mark_restored(session, as_of=now + timedelta(days=9), reason=WHY,
                                             by="job:x", at=restored_at)  # fmt: skip
