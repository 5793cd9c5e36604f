"""A crash at any statement of a money flow leaves nothing half done, and a repeat does all of it.

SQLite's loop: run the flow once and count its statements; then fail after each in turn. A process
that dies loses its connection, so PostgreSQL undoes the transaction; a lost server is the same seen
from the other side. The last point of each flow is COMMIT itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from cessio.plumbing.database import transaction
from tests.faults.report import REPORT
from tests.faults.world import FLOWS, World, read

Fresh = Callable[[], World]


class Crash(Exception):
    """Our process ends here."""


@dataclass
class Statements:
    """Counts the statements of an engine, and does something after one of them."""

    count: int = 0
    fail_at: int = 0
    fault: str = ""

    def after(self, connection: Any, *_rest: Any) -> None:
        self.count += 1
        if self.count == self.fail_at:
            self.strike(connection)

    def commit(self, connection: Any) -> None:
        """COMMIT is the last statement: it does not arrive."""
        self.after(connection)

    def strike(self, connection: Any) -> None:
        if self.fault == "crash":
            raise Crash
        if self.fault == "server":
            driver = connection.connection.driver_connection
            with psycopg.connect(driver.info.dsn, password=driver.info.password,
                                 autocommit=True) as other:  # fmt: skip
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (driver.info.backend_pid,))
            raise Crash
        raise psycopg.errors.SerializationFailure("could not serialize access")


@contextmanager
def watched(engine: Engine, fail_at: int = 0, fault: str = "") -> Iterator[Statements]:
    """The statements run meanwhile."""
    seen = Statements(fail_at=fail_at, fault=fault)
    event.listen(engine, "after_cursor_execute", seen.after)
    event.listen(engine, "commit", seen.commit)
    try:
        yield seen
    finally:
        event.remove(engine, "after_cursor_execute", seen.after)
        event.remove(engine, "commit", seen.commit)


def run(engine: Engine, flow: Callable[[Session, World], None], world: World) -> None:
    with transaction(engine) as session:
        flow(session, world)


def campaign(engine: Engine, fresh: Fresh, name: str, fault: str, step: int) -> int:
    """Fail after every ``step``-th statement and the last; the number of points tried."""
    flow = FLOWS[name]
    world = fresh()
    start = read(engine, world)
    with watched(engine) as seen:
        run(engine, flow, world)
    undisturbed = read(engine, world)
    assert undisturbed != start
    points = sorted({*range(1, seen.count + 1, step), seen.count - 1, seen.count})
    world = fresh()
    for point in points:
        with (
            watched(engine, point, fault) as seen,
            pytest.raises((Crash, DBAPIError, psycopg.errors.SerializationFailure)),
        ):
            run(engine, flow, world)
        assert seen.count >= point
        engine.dispose()
        assert read(engine, world) == start, f"{name}: half done after statement {point}"
    run(engine, flow, world)
    assert read(engine, world) == undisturbed
    return len(points)


@pytest.mark.parametrize("name", FLOWS)
def test_a_crash_leaves_nothing_half_done_and_a_repeat_does_it_all(
    engine: Engine, fresh: Fresh, name: str
) -> None:
    points = campaign(engine, fresh, name, "crash", 16)
    REPORT.tell(f"crash after a statement of {name}", f"{points} points, 0 deviations",
                promise=2, figure=points)  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("fault", ["crash", "server", "serialization"])
@pytest.mark.parametrize("name", FLOWS)
def test_a_fault_at_every_statement(engine: Engine, fresh: Fresh, name: str, fault: str) -> None:
    points = campaign(engine, fresh, name, fault, 1)
    REPORT.tell(f"{fault} after every statement of {name}", f"{points} points, 0 deviations",
                promise=2, figure=points)  # fmt: skip
