"""Real schedulers side by side, clocks that jump, nights of 23 and 25 hours, workers that sleep.

Each scheduler is a process with a clock of its own, which a file sets: it runs turn after turn
while the test moves the clocks on, back and apart, kills schedulers and starts others.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cessio.kernel.calendar import PARIS, is_business_day
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import JobState, job_view, resend_lost, run_pending
from tests.faults.report import REPORT
from tests.plumbing.job_kinds import ask, effects, make_tables, told, until

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., subprocess.Popen[bytes]]


@dataclass(frozen=True, slots=True)
class Clock:
    """What one scheduler reads as the time."""

    file: Path

    def set(self, at: datetime) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(at.isoformat())
        fresh.replace(self.file)

    @property
    def looks(self) -> int:
        """How often its scheduler looked at it."""
        noted = self.file.with_suffix(".looks")
        return len(noted.read_text()) if noted.exists() else 0


@pytest.fixture
def book(engine: Engine) -> Engine:
    make_tables(engine)
    return engine


@pytest.fixture
def start(engine: Engine) -> Iterator[Start]:
    """Starts a process of ``tests.plumbing.job_process``; killed at the end."""
    with ExitStack() as started:

        def start(role: str, *more: str) -> subprocess.Popen[bytes]:
            plain = engine.url.render_as_string(hide_password=False)
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.plumbing.job_process", role, plain, *more],
                cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            )  # fmt: skip
            started.callback(process.wait, 30)
            started.callback(process.kill)
            return process

        yield start


def _asked(engine: Engine) -> list[str]:
    with transaction(engine) as session:
        return list(session.scalars(text("SELECT kind || ' ' || business_key FROM job ORDER BY 1")))


def _wanted(first: date, last: date) -> list[str]:
    """The jobs of days that began after midnight of the first and ended before the last's."""
    every = [first + timedelta(days=n) for n in range((last - first).days)]
    return sorted(
        [f"test.dated {day}" for day in every]
        + [f"test.closed {day}" for day in every if is_business_day(day)]
    )


@pytest.mark.parametrize(
    ("first", "nights"),
    [
        pytest.param(date(2027, 3, 26), 4, id="a night of 23 hours", marks=pytest.mark.long),
        pytest.param(date(2026, 10, 23), 4, id="a night of 25 hours"),
    ],
)
def test_each_day_is_asked_for_once_by_two_schedulers_whose_clocks_jump(
    book: Engine, start: Start, tmp_path: Path, first: date, nights: int
) -> None:
    clocks = [Clock(tmp_path / f"clock-{place}") for place in range(2)]
    begin = datetime(first.year, first.month, first.day, tzinfo=PARIS)
    for clock in clocks:
        clock.set(begin)
    running = [start("scheduler", "--clock", str(clock.file)) for clock in clocks]
    until(lambda: _lines(book) == 2)
    for hour in range(0, nights * 24 + 1, 4):
        ahead = datetime.fromtimestamp(begin.timestamp() + hour * 3600, PARIS)
        jump = 5 if hour % 12 == 8 else 0  # one of them is set back now and then
        clocks[0].set(ahead)
        clocks[1].set(datetime.fromtimestamp(ahead.timestamp() - jump * 3600 - 1800, PARIS))
        if hour == nights * 12:  # and one is killed in mid-day, and started again
            running[0].kill()
            running[0].wait(30)
            running[0] = start("scheduler", "--clock", str(clocks[0].file))
        until(lambda ahead=ahead: _next(book) > ahead)
    last = first + timedelta(days=nights)
    until(lambda: len(_asked(book)) >= len(_wanted(first, last)))
    for clock in clocks:
        clock.set(begin)  # back to the first day
    looks = [clock.looks for clock in clocks]
    until(
        lambda: all(clock.looks > before + 2 for clock, before in zip(clocks, looks, strict=True))
    )
    assert _asked(book) == _wanted(first, last)
    assert run_pending(book) == len(_wanted(first, last))
    days = [first + timedelta(days=n) for n in range(nights)]
    assert effects(book) == sorted(
        [f"{day}" for day in days] + [f"closed {day}" for day in days if is_business_day(day)]
    )
    REPORT.tell(
        "two scheduler processes, clocks set back, one killed in mid-day",
        f"{nights} days around a change of the hour, each asked for once",
        promise=10,
        figure=nights,
    )


def _lines(engine: Engine) -> int:
    with transaction(engine) as session:
        return int(session.scalar(text("SELECT count(*) FROM scheduled_job")) or 0)


def _next(engine: Engine) -> datetime:
    with transaction(engine) as session:
        return session.execute(text("SELECT min(next_at) FROM scheduled_job")).scalar_one()


def _slept_beyond_its_lease(book: Engine, start: Start, name: str) -> None:
    """A worker is stopped in the middle of its job; another does it; the first one wakes up."""
    [job_id] = ask(book, "test.sleepy", name)
    sleeper = start("worker", "--threads", "1")
    until(lambda: f"holding {name} in {sleeper.pid}" in told(book))
    os.kill(sleeper.pid, signal.SIGSTOP)
    with transaction(book) as session:
        session.execute(text("UPDATE told SET what = 'go on ' || what WHERE what LIKE 'holding%'"))
    until(lambda: resend_lost(book) == 1)  # its lease of a second ended; its process is there
    assert run_pending(book) == 1
    assert effects(book).count(name) == 1
    os.kill(sleeper.pid, signal.SIGCONT)
    until(lambda: f"woke up with {name}" in told(book))
    sleeper.terminate()
    assert sleeper.wait(30) == 0
    assert effects(book).count(name) == 1
    with transaction(book) as session:
        assert job_view(session, job_id).state == JobState.DONE


def test_a_worker_that_slept_beyond_its_lease_writes_nothing(book: Engine, start: Start) -> None:
    _slept_beyond_its_lease(book, start, "a")


@pytest.mark.long
def test_many_sleepers_write_nothing(book: Engine, start: Start) -> None:
    count = int(os.environ.get("FAULT_SLEEPERS", "20"))
    for number in range(count):
        _slept_beyond_its_lease(book, start, f"{number:03}")
    REPORT.tell("SIGSTOP of a worker beyond its lease", f"{count} sleepers, each job done once",
                promise=10, figure=count)  # fmt: skip
