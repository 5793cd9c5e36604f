"""Asking for jobs, running them, failing, and being seen, in one process."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from tests.counting import counted
from tests.plumbing.job_kinds import (
    AT,
    BY,
    add_effect,
    ask,
    effects,
    expire_lease,
    make_tables,
    run_here,
    until,
)

from cessio.kernel.errors import Conflict, Invalid
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import (
    JobContext,
    JobNotFound,
    JobNotStopped,
    JobState,
    dead_jobs,
    enqueue,
    find_job,
    job,
    job_view,
    queue_health,
    recent_jobs,
    registry,
    run_again,
    run_pending,
)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds registered in a test are forgotten after it."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))


@pytest.fixture
def book(engine: Engine) -> Engine:
    make_tables(engine)
    return engine


def view(engine: Engine, job_id: int) -> Any:
    with transaction(engine) as session:
        return job_view(session, job_id)


# -- asking -----------------------------------------------------------------------------------


def test_a_job_of_a_rolled_back_transaction_never_runs(book: Engine) -> None:
    def ask_and_fail() -> None:
        with transaction(book) as session:
            enqueue(session, kind="test.write", key="a", payload={"name": "a"}, by=BY, at=AT)
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        ask_and_fail()
    assert run_pending(book) == 0
    with transaction(book) as session:
        assert session.scalar(text("SELECT count(*) FROM dramatiq.queue")) == 0


def test_a_job_of_a_committed_transaction_runs_once_and_keeps_its_result(book: Engine) -> None:
    [job_id] = ask(book, "test.write", "a")
    assert run_pending(book) == 1
    assert run_pending(book) == 0
    assert effects(book) == ["a"]
    seen = view(book, job_id)
    assert (seen.state, seen.result, seen.attempts) == (JobState.DONE, {"written": "a"}, 1)
    assert seen.percent == 100
    assert seen.is_over


def test_the_same_kind_and_key_is_the_same_job_even_after_its_end(book: Engine) -> None:
    first = ask(book, "test.write", "a")
    assert ask(book, "test.write", "a") == first
    run_pending(book)
    assert ask(book, "test.write", "a") == first
    assert run_pending(book) == 0
    assert effects(book) == ["a"]


def test_two_transactions_asking_for_the_same_job_at_once_get_one(book: Engine) -> None:
    ids: list[int] = []
    with transaction(book) as session:
        ids.append(
            enqueue(session, kind="test.write", key="a", payload={"name": "a"}, by=BY, at=AT)
        )
        other = threading.Thread(target=lambda: ids.extend(ask(book, "test.write", "a")))
        other.start()
        until(lambda: _waiting(book) == 1)
    other.join(10)
    assert len(ids) == 2
    assert len(set(ids)) == 1


def _waiting(engine: Engine) -> int:
    with transaction(engine) as session:
        found = session.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
        )
        return int(found or 0)


def test_a_payload_arrives_as_the_types_of_the_function(book: Engine) -> None:
    got: list[Any] = []

    @job("test.types")
    def types(context: JobContext, *, on: date, rate: Decimal, ids: list[int], n: int = 7) -> None:
        got.extend([on, rate, ids, n, context.by, context.at, context.on])

    with transaction(book) as session:
        payload = {"on": date(2026, 11, 13), "rate": Decimal("0.006"), "ids": [1, 2]}
        enqueue(session, kind="test.types", key="1", payload=payload, by=BY, at=AT)
    run_pending(book, clock=lambda: AT)
    assert got == [
        date(2026, 11, 13), Decimal("0.006"), [1, 2], 7, "job:test.types", AT, date(2026, 11, 16),
    ]  # fmt: skip


def test_a_delayed_job_waits_for_its_hour(book: Engine) -> None:
    with transaction(book) as session:
        enqueue(
            session, kind="test.write", key="a", payload={"name": "a"}, by=BY, at=AT,
            run_after=AT + timedelta(hours=1),
        )  # fmt: skip
    assert run_pending(book, clock=lambda: AT + timedelta(minutes=59)) == 0
    assert run_pending(book, clock=lambda: AT + timedelta(minutes=60)) == 1


def test_the_urgent_goes_first_then_the_oldest(book: Engine) -> None:
    order: list[str] = []

    @job("test.order")
    def note(context: JobContext, *, name: str) -> None:
        order.append(name)

    with transaction(book) as session:
        for name, priority in (("a", 0), ("b", 0), ("c", 5)):
            enqueue(
                session, kind="test.order", key=name, payload={"name": name}, by=BY, at=AT,
                priority=priority,
            )  # fmt: skip
        queued = session.scalars(
            text("SELECT message->'kwargs'->>'job_id' FROM dramatiq.queue ORDER BY available_at,"
                 " position")
        ).all()  # fmt: skip
    run_pending(book)
    assert order == ["c", "a", "b"]
    assert queued[0] == max(queued, key=int)


def test_a_job_run_without_a_broker_leaves_no_message_behind(book: Engine) -> None:
    ask(book, "test.write", "a", "b")
    run_pending(book)
    with transaction(book) as session:
        assert session.scalar(text("SELECT count(*) FROM dramatiq.queue")) == 0


def test_a_kind_that_nobody_here_knows_stays_queued(book: Engine) -> None:
    with transaction(book) as session:
        job_id = enqueue(session, kind="test.newer", key="1", payload={}, by=BY, at=AT)
    assert run_here(book, job_id) is None
    assert run_pending(book) == 0
    assert view(book, job_id).state == JobState.QUEUED


def test_one_kind_has_one_function() -> None:
    with pytest.raises(ValueError, match="two functions"):

        @job("test.write")
        def another(context: JobContext) -> None: ...

    with pytest.raises(ValueError, match="name the fields"):

        @job("test.anything")
        def anything(context: JobContext, **payload: Any) -> None: ...


# -- failing ----------------------------------------------------------------------------------


def test_a_failed_attempt_writes_nothing_and_is_repeated_later_and_later(book: Engine) -> None:
    @job("test.broken", backoff_seconds=10, max_attempts=3)
    def broken(context: JobContext, *, name: str) -> None:
        with context.transaction() as session:
            add_effect(session, name)
            raise RuntimeError("the printer is on fire\nand more")

    [job_id] = ask(book, "test.broken", "a")
    assert run_here(book, job_id) == JobState.FAILED
    seen = view(book, job_id)
    assert seen.error == "RuntimeError: the printer is on fire"
    assert seen.run_after == AT + timedelta(seconds=10)
    assert not seen.is_over
    assert run_here(book, job_id, at=AT + timedelta(seconds=9)) is None
    assert run_here(book, job_id, at=AT + timedelta(seconds=10)) == JobState.FAILED
    assert view(book, job_id).run_after == AT + timedelta(seconds=30)
    assert run_here(book, job_id, at=AT + timedelta(hours=1)) == JobState.DEAD
    assert view(book, job_id).attempts == 3
    assert run_here(book, job_id, at=AT + timedelta(days=9)) is None
    assert effects(book) == []


def test_a_refusal_is_dead_at_once_because_it_would_be_the_same_next_time(book: Engine) -> None:
    @job("test.refused")
    def refused(context: JobContext) -> None:
        raise Invalid("day_not_over", "the day {on} is not over", on=date(2026, 11, 16))

    @job("test.conflict")
    def conflict(context: JobContext) -> None:
        raise Conflict("day_locked", "the day is locked")

    with transaction(book) as session:
        dead, failed = (
            enqueue(session, kind=kind, key="1", payload={}, by=BY, at=AT)
            for kind in ("test.refused", "test.conflict")
        )
    run_pending(book)
    seen = view(book, dead)
    assert (seen.state, seen.error) == (JobState.DEAD, "the day 2026-11-16 is not over")
    assert seen.error_code == "day_not_over"
    assert seen.error_params == {"on": "2026-11-16", "said": "the day {on} is not over"}
    assert view(book, failed).state == JobState.FAILED


def test_a_malformed_payload_is_dead_at_once_with_a_sentence(book: Engine) -> None:
    with transaction(book) as session:
        payload = {"name": "a", "nmae": "b"}
        job_id = enqueue(session, kind="test.write", key="1", payload=payload, by=BY, at=AT)
    run_pending(book)
    seen = view(book, job_id)
    assert seen.state == JobState.DEAD
    assert "nmae" in seen.error


def test_a_database_error_is_told_without_its_parameters(book: Engine) -> None:
    @job("test.secret")
    def secret(context: JobContext) -> None:
        with context.transaction() as session:
            session.execute(text("SELECT 1/0 WHERE :iban <> ''"), {"iban": "FR7630006000011"})

    with transaction(book) as session:
        job_id = enqueue(session, kind="test.secret", key="1", payload={}, by=BY, at=AT)
    run_pending(book)
    assert view(book, job_id).error == "DivisionByZero: division by zero"


def test_a_job_that_kills_its_worker_each_time_is_given_up(book: Engine) -> None:
    [job_id] = ask(book, "test.write", "a")
    with transaction(book) as session:
        session.execute(
            text("UPDATE job SET state = 'running', attempts = 8, fence = 8,"
                 " lease_until = clock_timestamp() - interval '1 s'")
        )  # fmt: skip
    assert run_here(book, job_id) == JobState.DEAD
    seen = view(book, job_id)
    assert (seen.attempts, seen.error_code) == (8, "job_worker_died")
    assert effects(book) == []


def test_the_error_is_raised_to_a_caller_that_wants_it(book: Engine) -> None:
    ask(book, "test.fail_twice", "a")
    with pytest.raises(RuntimeError, match="not yet"):
        run_pending(book, raising=True)
    run_pending(book)
    run_pending(book, raising=True)
    assert effects(book) == ["a"]


def test_what_was_counted_before_a_failure_is_kept_with_what_was_done(book: Engine) -> None:
    @job("test.counting", backoff_seconds=0)
    def counting(context: JobContext, *, name: str) -> None:
        with context.transaction() as session:
            if context.attempt == 1:
                add_effect(session, name)
                context.count(written=1)
            context.count(written=0)
        with context.transaction() as session:
            add_effect(session, f"{name}2")
            context.count(written=1)
            if context.attempt == 1:
                raise RuntimeError("undone, and what it counted with it")
        with context.transaction() as session:
            context.finish(session, {"name": name})

    [job_id] = ask(book, "test.counting", "a")
    assert run_here(book, job_id) == JobState.FAILED
    assert view(book, job_id).result == {"written": 1}
    assert run_here(book, job_id) == JobState.DONE
    assert view(book, job_id).result == {"written": 2, "name": "a"}
    assert effects(book) == ["a", "a2"]


def test_a_stopped_run_gives_the_job_back_and_the_attempt_counts_for_nothing(book: Engine) -> None:
    @job("test.interrupted")
    def interrupted(context: JobContext, *, name: str) -> None:
        with context.transaction() as session:
            add_effect(session, name)
            raise KeyboardInterrupt

    [job_id] = ask(book, "test.interrupted", "a")
    with pytest.raises(KeyboardInterrupt):
        run_pending(book)
    seen = view(book, job_id)
    assert (seen.state, seen.attempts) == (JobState.QUEUED, 0)
    assert effects(book) == []


def test_dead_jobs_are_seen_and_a_person_runs_them_again(book: Engine) -> None:
    fixed = threading.Event()

    @job("test.unfixed", max_attempts=1)
    def unfixed(context: JobContext, *, name: str) -> None:
        if not fixed.is_set():
            raise RuntimeError("broken")
        with context.transaction() as session:
            add_effect(session, name)

    [job_id] = ask(book, "test.unfixed", "a")
    run_pending(book)
    with transaction(book) as session:
        assert [(found.id, found.error) for found in dead_jobs(session)] == [
            (job_id, "RuntimeError: broken")
        ]
    fixed.set()
    assert run_pending(book) == 0
    with transaction(book) as session:
        run_again(session, job_id, by="person:2", at=AT)
    assert run_pending(book) == 1
    assert effects(book) == ["a"]
    seen = view(book, job_id)
    assert (seen.requeued_by, seen.requeued_at, seen.error) == ("person:2", AT, None)
    with transaction(book) as session, pytest.raises(JobNotStopped):
        run_again(session, job_id, by="person:2", at=AT)
    with transaction(book) as session, pytest.raises(JobNotFound):
        run_again(session, 10**9, by="person:2", at=AT)


def test_what_follows_the_end_of_a_job_writes_nothing_and_the_job_stays_done(book: Engine) -> None:
    @job("test.afterthought")
    def afterthought(context: JobContext, *, name: str) -> None:
        with context.transaction() as session:
            add_effect(session, name)
            context.finish(session)
        with context.transaction() as session:
            add_effect(session, "too late")

    [job_id] = ask(book, "test.afterthought", "a")
    assert run_here(book, job_id) == JobState.DONE
    assert effects(book) == ["a"]
    assert view(book, job_id).state == JobState.DONE


# -- lease and fence --------------------------------------------------------------------------


def test_a_zombie_writes_nothing(book: Engine) -> None:
    started, go_on = threading.Event(), threading.Event()
    outcomes: list[Any] = []

    @job("test.zombie", lease_seconds=600)
    def zombie(context: JobContext, *, name: str) -> None:
        with context.transaction() as session:
            add_effect(session, f"{name}{context.attempt}")
            if context.attempt == 1:
                started.set()
                assert go_on.wait(30)
            context.finish(session, context.attempt)

    [job_id] = ask(book, "test.zombie", "a")
    first = threading.Thread(target=lambda: outcomes.append(run_here(book, job_id)))
    first.start()
    assert started.wait(30)
    assert run_here(book, job_id) is None  # the lease holds
    expire_lease(book, job_id)
    assert run_here(book, job_id) == JobState.DONE
    go_on.set()
    first.join(30)
    assert outcomes == [None]
    assert effects(book) == ["a2"]
    assert view(book, job_id).result == 2


def test_a_zombie_writes_nothing_while_another_does_its_job(book: Engine) -> None:
    started, go_on = {1: threading.Event(), 2: threading.Event()}, threading.Event()
    outcomes: dict[int, Any] = {}

    @job("test.both", lease_seconds=600)
    def both(context: JobContext, *, name: str) -> None:
        started[context.attempt].set()
        if context.attempt == 2:
            assert go_on.wait(30)
        else:
            assert started[2].wait(30)
        with context.transaction() as session:
            add_effect(session, f"{name}{context.attempt}")
            context.finish(session, context.attempt)

    [job_id] = ask(book, "test.both", "a")
    first, second = (
        threading.Thread(target=lambda at=at: outcomes.update({at: run_here(book, job_id)}))
        for at in (1, 2)
    )
    first.start()
    assert started[1].wait(30)
    expire_lease(book, job_id)
    second.start()
    first.join(30)
    assert (outcomes, effects(book)) == ({1: None}, [])
    go_on.set()
    second.join(30)
    assert (outcomes[2], effects(book)) == (JobState.DONE, ["a2"])


def test_a_zombie_in_steps_stops_at_its_next_step(book: Engine) -> None:
    reached: list[str] = []

    @job("test.steps", lease_seconds=600)
    def steps(context: JobContext, *, name: str) -> None:
        with context.transaction() as session:
            add_effect(session, f"{name}{context.attempt}")
        if context.attempt == 1:
            expire_lease(context.engine, context.job_id)
            assert run_here(context.engine, context.job_id) == JobState.DONE
            reached.append("taken over")
            context.progress(1, 2)
            reached.append("never")

    [job_id] = ask(book, "test.steps", "a")
    assert run_here(book, job_id) is None
    assert reached == ["taken over"]
    assert view(book, job_id).attempts == 2


def test_a_failure_of_a_zombie_does_not_touch_the_job(book: Engine) -> None:
    @job("test.late", lease_seconds=600)
    def late(context: JobContext, *, name: str) -> None:
        if context.attempt == 1:
            expire_lease(context.engine, context.job_id)
            assert run_here(context.engine, context.job_id) == JobState.DONE
            raise RuntimeError("too late to matter")

    [job_id] = ask(book, "test.late", "a")
    assert run_here(book, job_id) is None
    seen = view(book, job_id)
    assert (seen.state, seen.error) == (JobState.DONE, None)


def test_the_lease_is_renewed_while_the_job_runs(book: Engine) -> None:
    @job("test.long", lease_seconds=0.4)
    def long(context: JobContext, *, name: str) -> None:
        def lease_end() -> datetime | None:
            with transaction(context.engine) as session:
                found: datetime | None = session.scalar(text("SELECT lease_until FROM job"))
                return found

        with context.transaction() as session:
            add_effect(session, name)  # an open transaction does not keep the renewals out
            first = lease_end()
            assert first is not None
            until(lambda: (lease_end() or first) > first + timedelta(seconds=0.4))
            assert run_here(context.engine, context.job_id) is None
            context.finish(session)

    [job_id] = ask(book, "test.long", "a")
    assert run_here(book, job_id) == JobState.DONE
    assert effects(book) == ["a"]


def test_over_its_time_limit_the_lease_ends_and_another_worker_takes_over(book: Engine) -> None:
    @job("test.stuck", lease_seconds=0.2, time_limit_seconds=0)
    def stuck(context: JobContext, *, name: str) -> None:
        if context.attempt == 1:
            until(lambda: run_here(context.engine, context.job_id) == JobState.DONE)
        with context.transaction() as session:
            add_effect(session, f"{name}{context.attempt}")
            context.finish(session)

    [job_id] = ask(book, "test.stuck", "a")
    assert run_here(book, job_id) is None
    assert effects(book) == ["a2"]


def test_serial_jobs_run_one_at_a_time_oldest_first(book: Engine) -> None:
    first, second = ask(book, "test.serial", "a", "b")
    assert run_here(book, second) is None
    inside: list[Any] = []

    @job("test.peek", serial=True)
    def peek(context: JobContext, *, name: str) -> None:
        inside.append(run_here(context.engine, context.job_id + 1))

    one, _two = ask(book, "test.peek", "1", "2")
    assert run_here(book, first) == JobState.DONE
    assert run_here(book, second) == JobState.DONE
    assert run_here(book, one) == JobState.DONE
    assert inside == [None]
    assert run_pending(book) == 1


def test_the_end_of_a_serial_job_wakes_the_next(book: Engine) -> None:
    first, second = ask(book, "test.serial", "a", "b")
    with transaction(book) as session:
        session.execute(text("DELETE FROM dramatiq.queue"))
    run_here(book, first)
    with transaction(book) as session:
        woken = session.scalars(text("SELECT message->'kwargs'->>'job_id' FROM dramatiq.queue"))
        assert list(woken) == [str(second)]


# -- being seen -------------------------------------------------------------------------------


def test_progress_is_seen_while_the_job_still_runs(book: Engine) -> None:
    seen: list[Any] = []

    @job("test.progress")
    def progress(context: JobContext, *, name: str) -> None:
        with context.transaction() as session:
            add_effect(session, name)
            context.progress(3, 12, "reading lines")
            seen.append(view(context.engine, context.job_id))
            context.finish(session)

    with transaction(book) as session:
        enqueue(
            session, kind="test.progress", key="a", payload={"name": "a"}, by=BY, at=AT, total=10
        )
    run_pending(book)
    assert (seen[0].state, seen[0].progress_done, seen[0].progress_total) == ("running", 3, 12)
    assert (seen[0].percent, seen[0].progress_note) == (25, "reading lines")


def test_progress_reported_each_round_is_written_seldom(book: Engine) -> None:
    @job("test.rounds")
    def rounds(context: JobContext, *, name: str) -> None:
        for done in range(1, 1001):
            context.progress(done, 1000)

    ask(book, "test.rounds", "a")
    with counted(book) as statements:
        run_pending(book)
    writes = [one for one in statements
              if "progress_done" in one and "state" not in one.split("WHERE")[0]]  # fmt: skip
    assert len(writes) == 2


def test_a_client_sees_its_own_jobs_only(session: Session, now: datetime) -> None:
    mine, other = (
        enqueue(
            session, kind="test.write", key=f"{client}", payload={"name": "a"}, by=BY, at=now,
            client_id=client,
        )
        for client in (1, 2)
    )  # fmt: skip
    assert job_view(session, mine, client_id=1).id == mine
    assert [found.id for found in recent_jobs(session, client_id=1)] == [mine]
    with pytest.raises(JobNotFound):
        job_view(session, other, client_id=1)


def test_recent_jobs_are_paged_and_filtered(session: Session, now: datetime) -> None:
    ids = [
        enqueue(session, kind=kind, key=f"{n}", payload={}, by=BY, at=now)
        for n in range(3)
        for kind in ("test.write", "test.dated")
    ]
    assert [found.id for found in recent_jobs(session, limit=2)] == ids[:3:-1]
    older = recent_jobs(session, before_id=ids[4], kind="test.write", state=JobState.QUEUED)
    assert [found.id for found in older] == [ids[2], ids[0]]
    found = find_job(session, kind="test.dated", key="1")
    assert found is not None
    assert found.id == ids[3]
    assert find_job(session, kind="test.dated", key="9") is None


def test_a_monitor_sees_what_waits_and_since_when(session: Session, now: datetime) -> None:
    enqueue(session, kind="test.write", key="1", payload={}, by=BY, at=now)
    enqueue(
        session, kind="test.write", key="2", payload={}, by=BY, at=now - timedelta(hours=1),
        run_after=now + timedelta(hours=1),
    )  # fmt: skip
    health = queue_health(session, at=now)
    assert health.counts == {JobState.QUEUED: 2}
    assert health.oldest_waiting_at == now
