"""A standing instruction draws as its client would: once a business day, never its reserve."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from tests.funding.test_operations import Book, settle

from cessio import funding
from cessio.funding import jobs, queries
from cessio.funding.rules import DrawdownStateName as State
from cessio.funding.rules import Instruction, Quiet, StandingMode
from cessio.kernel.errors import CessioError, Conflict
from cessio.kernel.paging import PageRequest
from cessio.ledger import bulk as proof
from cessio.notifications import queries as notifications
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import enqueue, run_pending
from cessio.web.words.notifications import said
from cessio.worker import SCHEDULE

MONDAY = date(2026, 11, 16)
#: 10 713.60 can be drawn in the book of these tests.
KEEP_6000 = Instruction(mode=StandingMode.DAILY, reserve_minor=6_000_00)


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    return settle(session, now)


def instruct(session: Session, book: Book, said: Instruction, at: datetime) -> date:
    return funding.instruct(
        session, contract_id=book.contract_id, said=said, by=book.people.fanny.by, at=at
    )


def run(session: Session, book: Book, at: datetime, on: date = MONDAY) -> object:
    return funding.run_standing(
        session, contract_id=book.contract_id, on=on, by="job:funding.automatic", at=at
    )


def payable(session: Session, book: Book) -> int:
    found = queries.availability(session, contract_id=book.contract_id, on=MONDAY)
    return found.payable_now_minor


def drawn(session: Session) -> list[tuple[int, State]]:
    return [(one.amount_minor, one.state) for one in queries.drawdowns(session)]


def test_it_draws_what_is_above_the_reserve_as_a_person_would(
    session: Session, book: Book, now: datetime
) -> None:
    assert instruct(session, book, KEEP_6000, now) == MONDAY
    planned = queries.planned_run(session, contract_id=book.contract_id, at=now)
    run(session, book, now + timedelta(minutes=5))
    assert (
        drawn(session) == [(4_713_60, State.GRANTED)] == [(planned.due.amount_minor, State.GRANTED)]
    )
    assert payable(session, book) == 6_000_00
    assert proof.verify(session) == []


def test_from_the_threshold_on_a_second_person_of_ours_agrees(
    session: Session, book: Book, now: datetime
) -> None:
    instruct(session, book, Instruction(mode=StandingMode.DAILY), now)
    run(session, book, now)
    assert drawn(session) == [(10_713_60, State.REQUESTED)]


def test_twice_is_once_and_the_next_day_draws_only_what_came_since(
    session: Session, book: Book, now: datetime
) -> None:
    """The first day's payout has no answer of the bank yet: its money is not drawn again."""
    instruct(session, book, KEEP_6000, now)
    assert run(session, book, now) is not None
    assert run(session, book, now) is None
    run(session, book, now + timedelta(days=1), MONDAY + timedelta(days=1))
    assert drawn(session) == [(4_713_60, State.GRANTED)]
    told = [(one.on, one.quiet) for one in
            queries.standing_runs(session, contract_id=book.contract_id)]  # fmt: skip
    assert told == [(MONDAY + timedelta(days=1), Quiet.WITHIN_RESERVE), (MONDAY, None)]


def test_past_the_hour_it_decides_from_the_next_business_day_on(
    session: Session, book: Book, now: datetime
) -> None:
    friday = datetime.combine(date(2026, 11, 20), now.timetz())
    late = friday.replace(hour=14, minute=1)  # 15:01 in Paris, the run is at 15:00
    assert queries.run_hour(session, friday.date()) == friday.replace(hour=14, minute=0)
    assert instruct(session, book, KEEP_6000, late) == date(2026, 11, 23)
    run(session, book, late, friday.date())
    assert not drawn(session)


def test_what_is_said_is_kept_with_who_and_before(
    session: Session, book: Book, now: datetime
) -> None:
    instruct(session, book, KEEP_6000, now)
    instruct(session, book, replace(KEEP_6000, paused_until=MONDAY + timedelta(days=3)), now)
    with pytest.raises(Conflict):
        instruct(session, book, replace(KEEP_6000, paused_until=MONDAY + timedelta(days=3)), now)
    with pytest.raises(CessioError):
        instruct(session, book, replace(KEEP_6000, reserve_minor=-1), now)
    history = queries.standing_history(session, contract_id=book.contract_id)
    assert [one.said.paused_until for one in history] == [MONDAY + timedelta(days=3), None]
    assert {one.set_by for one in history} == {book.people.fanny.by}
    run(session, book, now)
    assert not drawn(session)


def test_a_refusal_is_told_to_whoever_may_draw(session: Session, book: Book, now: datetime) -> None:
    instruct(session, book, KEEP_6000, now)
    session.execute(text("UPDATE party_account SET ended_at = now(), ended_by = 'test:1'"))
    run(session, book, now)
    assert drawn(session) == [(4_713_60, State.REFUSED)]
    assert payable(session, book) == 10_713_60
    told = notifications.notifications(session, PageRequest(5), person_id=book.people.fanny.id).rows
    assert [one.code for one in told] == ["standing_refused"]
    assert "Votre compte bancaire n’est pas encore confirmé" in said(told[0])


def test_the_contract_decides_until_its_client_does(
    session: Session, book: Book, now: datetime
) -> None:
    held = queries.standing_on(session, contract_id=book.contract_id, on=MONDAY)
    assert (held.said, held.set_by) == (Instruction(), None)
    assert queries.standing_contracts(session, on=MONDAY) == []
    instruct(session, book, KEEP_6000, now)
    assert queries.standing_contracts(session, on=MONDAY) == [book.contract_id]
    assert queries.standing_contracts(session, on=MONDAY - timedelta(days=1)) == []


def test_two_workers_and_a_draw_by_hand_at_once_leave_the_reserve(
    engine: Engine, now: datetime
) -> None:
    with transaction(engine) as session:
        book = settle(session, now)
        instruct(session, book, KEEP_6000, now)

    def once(_: int) -> object:
        with transaction(engine) as session:
            return run(session, book, now)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(once, range(4)))
    with transaction(engine) as session:
        assert len([one for one in answers if one is not None]) == 1
        assert drawn(session) == [(4_713_60, State.GRANTED)]
        assert payable(session, book) == 6_000_00


def test_the_days_job_runs_once_by_itself_whenever_it_is_killed(
    engine: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt that dies between the drawdown and the row that says so has drawn nothing."""
    with transaction(engine) as session:
        book = settle(session, now)
        instruct(session, book, KEEP_6000, now)
        enqueue(session, kind=jobs.PLAN, key=MONDAY.isoformat(), payload={"on": MONDAY},
                by="schedule:funding.standing", at=now)  # fmt: skip
        hour = queries.run_hour(session, MONDAY)
    run_pending(engine, clock=lambda: now)
    with transaction(engine) as session:
        assert not drawn(session)  # its hour has not come

    def dies(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr("cessio.funding.operations.standing.StandingRun", dies)
        run_pending(engine, clock=lambda: hour)
    with transaction(engine) as session:
        assert not drawn(session)
    run_pending(engine, clock=lambda: hour + timedelta(minutes=30))
    run_pending(engine, clock=lambda: hour + timedelta(hours=1))
    with transaction(engine) as session:
        assert drawn(session) == [(4_713_60, State.GRANTED)]


def test_it_is_planned_on_business_days_only() -> None:
    line = next(line for line in SCHEDULE if line.kind == jobs.PLAN)
    assert line.on is not None
    assert [line.on(date(2026, 12, day)) for day in (24, 25, 26, 28)] == [
        date(2026, 12, 24), None, None, date(2026, 12, 28),
    ]  # fmt: skip
