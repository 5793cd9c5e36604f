"""Jobs for the tests, in a module of its own so that spawned workers know them too.

Their effect is a row of the table ``effect``; what happens meanwhile is told in ``told``, which
is written at once, whatever becomes of the job's transaction.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import JobContext, enqueue, job
from cessio.plumbing.jobs.running import Runner

BY, AT = "person:1", datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@job("test.write", lease_seconds=1)
def write(context: JobContext, *, name: str) -> None:
    """One effect, ended in its own transaction."""
    with context.transaction() as session:
        add_effect(session, name)
        context.finish(session, {"written": name})


@job("test.dated")
def dated(context: JobContext, *, on: date) -> None:
    """An effect named after a date."""
    with context.transaction() as session:
        add_effect(session, on.isoformat())


@job("test.closed")
def closed(context: JobContext, *, on: date) -> None:
    """The same for another line."""
    with context.transaction() as session:
        add_effect(session, f"closed {on.isoformat()}")


@job("test.hang_once")
def hang_once(context: JobContext, *, name: str) -> None:
    """The first attempt writes and then hangs before it commits; the next one goes through."""
    with context.transaction() as session:
        add_effect(session, name)
        if context.attempt == 1:
            tell(context.engine, f"hanging in {os.getpid()}")
            time.sleep(600)
        context.finish(session)


@job("test.sleepy", lease_seconds=1)
def sleepy(context: JobContext, *, name: str) -> None:
    """The first attempt holds its transaction open until somebody lets it go on."""
    try:
        with context.transaction() as session:
            add_effect(session, name)
            if context.attempt == 1:
                said = f"holding {name} in {os.getpid()}"
                tell(context.engine, said)
                until(lambda: said not in told(context.engine))
            context.finish(session)
    finally:
        if context.attempt == 1:
            tell(context.engine, f"woke up with {name}")


@job("test.fail_twice", backoff_seconds=0)
def fail_twice(context: JobContext, *, name: str) -> None:
    """Needs three attempts."""
    with context.transaction() as session:
        add_effect(session, name)
        if context.attempt < 3:
            raise RuntimeError("not yet")


@job("test.serial", serial=True)
def in_turn(context: JobContext, *, name: str) -> None:
    """Writes its name; never two at a time."""
    tell(context.engine, f"start {name}")
    with context.transaction() as session:
        add_effect(session, name)
        context.finish(session)
    tell(context.engine, f"end {name}")


def make_tables(engine: Engine) -> None:
    """The tables that the jobs write."""
    with transaction(engine) as session:
        session.execute(text("CREATE TABLE effect (name text NOT NULL)"))
        session.execute(
            text("CREATE TABLE told (id bigint GENERATED ALWAYS AS IDENTITY, what text NOT NULL)")
        )


def ask(engine: Engine, kind: str, *names: str) -> list[int]:
    """Enqueue a job for each name, in one transaction."""
    with transaction(engine) as session:
        return [
            enqueue(session, kind=kind, key=name, payload={"name": name}, by=BY, at=AT)
            for name in names
        ]


def add_effect(session: Session, name: str) -> None:
    session.execute(text("INSERT INTO effect VALUES (:name)"), {"name": name})


def effects(engine: Engine) -> list[str]:
    """What was done, in order of name; a job done twice is there twice."""
    with transaction(engine) as session:
        return list(session.scalars(text("SELECT name FROM effect ORDER BY name")))


def tell(engine: Engine, what: str) -> None:
    with transaction(engine) as session:
        session.execute(text("INSERT INTO told (what) VALUES (:what)"), {"what": what})


def told(engine: Engine) -> list[str]:
    with transaction(engine) as session:
        return list(session.scalars(text("SELECT what FROM told ORDER BY id")))


def until(condition: Callable[[], object], *, seconds: float = 30) -> None:
    """Wait for a condition, and fail when it does not come in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.05)


def expire_lease(engine: Engine, job_id: int) -> None:
    """As if the time of the lease had passed."""
    with transaction(engine) as session:
        session.execute(
            text("UPDATE job SET lease_until = clock_timestamp() - interval '1 s' WHERE id = :id"),
            {"id": job_id},
        )


def run_here(engine: Engine, job_id: int, *, at: datetime = AT) -> str | None:
    """Try one job in this thread."""
    return Runner(engine, clock=lambda: at).run(job_id)
