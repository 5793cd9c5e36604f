"""Restores to instants nobody chose, while people write: nothing acknowledged before is missing.

``FAULT_RESTORES`` is how many instants, ``FAULT_RESTORE_ROWS`` how many lines the book holds of
what nobody asks about, so that the time to restore is of a book of that size.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from cessio.plumbing.database import transaction
from tests.faults.report import REPORT
from tests.funding.test_operations import Book, draw, settle
from tests.plumbing.drill import Drill, drill

pytestmark = pytest.mark.long

SEED = int(os.environ.get("FAULT_SEED", "12"))
RESTORES = int(os.environ.get("FAULT_RESTORES", "3"))
ROWS = int(os.environ.get("FAULT_RESTORE_ROWS", "100000"))
WRITERS = 3
BALLAST = text("CREATE TABLE ballast AS SELECT g, md5(g::text) FROM generate_series(1, :rows) AS g")


@dataclass
class Written:
    """What the service layer acknowledged: the drawdown, and when by the server's clock."""

    acknowledged: list[tuple[int, datetime]] = field(default_factory=list)


def test_whatever_was_acknowledged_before_the_instant_is_there(now: datetime) -> None:
    chosen, times, kept = random.Random(SEED), [], 0
    with drill() as place:
        place.run("archive")
        place.restart()
        engine = place.engine()
        with transaction(engine) as session:
            book = settle(session, now)
            session.execute(BALLAST, {"rows": ROWS})
        engine.dispose()
        for _ in range(RESTORES):
            base = place.run("base")
            written = _under_load(place, book, now)
            before = chosen.randrange(len(written.acknowledged) // 4, len(written.acknowledged) - 4)
            instant = written.acknowledged[before][1]
            times.append(_restored(place, base, instant))
            there = _drawdowns(place)
            missing = [
                one for one, at in written.acknowledged if at <= instant and one not in there
            ]
            assert missing == []
            kept += sum(at <= instant for _, at in written.acknowledged)
            _let_go_on(place)
    REPORT.tell(
        "restore", f"{RESTORES} instants under {WRITERS} writers, {kept} acknowledged before them: "
        f"0 lost; {ROWS:,} rows, longest restore {max(times):.1f} s",
        promise=12, figure=RESTORES, seed=SEED,
    )  # fmt: skip


def _under_load(place: Drill, book: Book, now: datetime) -> Written:
    """Everybody draws a cent at a time for a few seconds; the server then stops."""
    engine, written = place.engine(), Written()
    with _writing(engine, book, now, written):
        time.sleep(4)
    engine.dispose()
    place.server.stop()
    return written


@contextmanager
def _writing(engine: Engine, book: Book, now: datetime, written: Written) -> Iterator[None]:
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            with transaction(engine) as session:
                answer = draw(session, book, 1, now)
            with engine.connect() as connection:  # after the commit: acknowledged by then
                at = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            written.acknowledged.append((answer.drawdown_id, at))

    people = [threading.Thread(target=write) for _ in range(WRITERS)]
    for one in people:
        one.start()
    try:
        yield
    finally:
        over.set()
        for one in people:
            one.join()
        written.acknowledged.sort(key=lambda one: one[1])


def _restored(place: Drill, base: str, instant: datetime) -> float:
    """Carry the runbook out to an instant; seconds until the book answers."""
    place.cluster.rename(place.cluster.with_name(f"damaged-{instant.timestamp()}"))
    began = time.monotonic()
    place.run("instant", BASE=base, CLUSTER=str(place.cluster), INSTANT=instant.isoformat(),
              REASON="drill")  # fmt: skip
    place.start()
    return time.monotonic() - began


def _drawdowns(place: Drill) -> set[int]:
    engine = place.engine()
    with engine.connect() as connection:
        found = set(connection.scalars(text("SELECT id FROM drawdown")))
    engine.dispose()
    return found


def _let_go_on(place: Drill) -> None:
    """The next round starts from here: its own restore holds the book anew."""
    engine = place.engine()
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM restoration")) == 1
        connection.execute(text("ALTER TABLE restoration DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM restoration"))
        connection.execute(text("ALTER TABLE restoration ENABLE TRIGGER USER"))
    engine.dispose()
