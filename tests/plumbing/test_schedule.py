"""The schedule: once per day, through downtime, two schedulers, and nights with 23 or 25 hours."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from tests.books import lose
from tests.plumbing.job_kinds import until

from cessio.kernel.calendar import PARIS
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import find_job, recent_jobs
from cessio.plumbing.jobs.queries import schedule_view
from cessio.plumbing.schedule import (
    Scheduled,
    ScheduleNotFound,
    every_business_day,
    every_day,
    next_time,
    run_due,
    seed,
    switch,
)

NIGHT = Scheduled("night", "test.dated", "30 2 * * *", every_day)
EVENING = Scheduled("evening", "test.dated", "0 20 * * *", every_business_day)
QUARTER = Scheduled("quarter", "test.dated", "*/15 * * * *", None)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def keys(session: Session) -> list[str]:
    return sorted(found.key for found in recent_jobs(session, kind="test.dated", limit=1000))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (utc(2026, 3, 28, 12), utc(2026, 3, 29, 1, 30)),  # 02:30 does not exist: 03:30 summer
        (utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30)),
        (utc(2026, 10, 24, 12), utc(2026, 10, 25, 0, 30)),  # the first of two 02:30
        (utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)),
        (utc(2026, 10, 25, 1, 0), utc(2026, 10, 26, 1, 30)),
        (utc(2026, 1, 15, 1, 29, 59), utc(2026, 1, 15, 1, 30)),
        (utc(2026, 7, 15, 0, 30), utc(2026, 7, 16, 0, 30)),
    ],
)
def test_a_daily_time_comes_once_in_nights_of_23_and_25_hours(
    after: datetime, expected: datetime
) -> None:
    assert next_time(NIGHT, after) == expected


def test_a_time_several_a_day_follows_the_real_hours() -> None:
    times, at = [], utc(2026, 10, 25, 0, 0)
    for _ in range(8):
        at = next_time(QUARTER, at)
        times.append(at)
    assert times == [utc(2026, 10, 25, 0, 0) + timedelta(minutes=15 * n) for n in range(1, 9)]


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_through_the_night_of_a_time_change_each_day_runs_once(
    session: Session, change: date
) -> None:
    at = datetime.combine(change - timedelta(days=1), datetime.min.time(), UTC)
    seed(session, [NIGHT], at - timedelta(hours=12))
    for turn in range(48 * 6):
        back = timedelta(hours=1) if turn % 9 == 8 else timedelta()  # a clock set back at times
        run_due(session, [NIGHT], at + timedelta(minutes=10 * turn) - back)
    assert keys(session) == [(change - timedelta(days=1)).isoformat(), change.isoformat()]


@settings(max_examples=25)
@given(jumps=st.lists(st.integers(min_value=-30, max_value=40), min_size=1, max_size=40))
def test_whatever_the_clock_does_each_day_runs_once(session: Session, jumps: Sequence[int]) -> None:
    lose(session, "job")
    lose(session, "scheduled_job")
    start = at = latest = utc(2026, 3, 27, 12)
    seed(session, [NIGHT], start)
    for hours in jumps:
        at = max(start, at + timedelta(hours=hours))
        latest = max(latest, at)
        run_due(session, [NIGHT], at)
    expected, due = [], next_time(NIGHT, start)
    while due <= latest:
        expected.append(due.astimezone(PARIS).date().isoformat())
        due = next_time(NIGHT, due)
    assert keys(session) == expected


def test_days_missed_while_down_are_caught_up_in_order(session: Session) -> None:
    seed(session, [EVENING], utc(2026, 11, 9, 12))  # a Monday, the eleventh is a holiday
    made = run_due(session, [EVENING], utc(2026, 11, 17, 12))
    assert keys(session) == ["2026-11-09", "2026-11-10", "2026-11-12", "2026-11-13", "2026-11-16"]
    assert made == sorted(made)
    assert run_due(session, [EVENING], utc(2026, 11, 17, 12)) == []
    [line] = schedule_view(session)
    assert (line.next_at, line.last_at) == (utc(2026, 11, 17, 19), utc(2026, 11, 16, 19))
    assert line.last_job_id == made[-1]
    found = find_job(session, kind="test.dated", key="2026-11-12")
    assert found is not None
    assert found.payload == {"on": "2026-11-12"}


def test_a_line_without_a_date_is_not_caught_up(session: Session) -> None:
    seed(session, [QUARTER], utc(2026, 11, 16, 9))
    run_due(session, [QUARTER], utc(2026, 11, 16, 11, 5))
    assert keys(session) == ["2026-11-16T11:00:00+00:00"]
    assert schedule_view(session)[0].next_at == utc(2026, 11, 16, 11, 15)


def test_two_schedulers_at_once_make_one_job(engine: Engine) -> None:
    with transaction(engine) as session:
        seed(session, [EVENING], utc(2026, 11, 16, 12))
    made: list[int] = []

    def other() -> None:
        with transaction(engine) as second:
            seed(second, [EVENING], utc(2026, 11, 16, 20))
            made.extend(run_due(second, [EVENING], utc(2026, 11, 16, 20)))

    with transaction(engine) as session:
        made.extend(run_due(session, [EVENING], utc(2026, 11, 16, 20)))
        thread = threading.Thread(target=other)
        thread.start()
        until(lambda: _blocked_or_over(engine, thread))
    thread.join(30)
    assert len(made) == 1
    with transaction(engine) as session:
        assert keys(session) == ["2026-11-16"]


def _blocked_or_over(engine: Engine, thread: threading.Thread) -> bool:
    with transaction(engine) as session:
        waiting = session.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
        )
    return bool(waiting) or not thread.is_alive()


def test_a_line_switched_off_is_silent_and_does_not_catch_up(session: Session) -> None:
    seed(session, [EVENING], utc(2026, 11, 9, 12))
    switch(session, [EVENING], "evening", enabled=False, by="person:1", at=utc(2026, 11, 9, 13))
    seed(session, [EVENING], utc(2026, 11, 10, 12))  # a restart keeps the switch
    assert run_due(session, [EVENING], utc(2026, 11, 13, 20)) == []
    switch(session, [EVENING], "evening", enabled=True, by="person:1", at=utc(2026, 11, 16, 12))
    run_due(session, [EVENING], utc(2026, 11, 16, 20))
    assert keys(session) == ["2026-11-16"]
    assert schedule_view(session)[0].changed_by == "person:1"
    with pytest.raises(ScheduleNotFound):
        switch(session, [EVENING], "x", enabled=True, by="person:1", at=utc(2026, 11, 16, 12))


def test_a_line_whose_time_changed_with_a_release_loses_no_day(session: Session) -> None:
    seed(session, [EVENING], utc(2026, 11, 16, 12))
    run_due(session, [EVENING], utc(2026, 11, 16, 20))
    earlier = Scheduled("evening", "test.dated", "0 18 * * *", every_business_day)
    seed(session, [earlier], utc(2026, 11, 18, 12))
    run_due(session, [earlier], utc(2026, 11, 18, 18))
    assert keys(session) == ["2026-11-16", "2026-11-17", "2026-11-18"]


def test_a_line_of_another_release_is_left_alone(session: Session) -> None:
    seed(session, [EVENING], utc(2026, 11, 16, 12))
    assert run_due(session, [NIGHT], utc(2026, 11, 20, 12)) == []


@pytest.mark.parametrize("cron", ["0 20 * * 1-5", "0 20 * *"])
def test_a_line_that_could_be_misread_is_refused(cron: str) -> None:
    with pytest.raises(ValueError):
        next_time(Scheduled("x", "test.dated", cron, every_day), utc(2026, 11, 16))
