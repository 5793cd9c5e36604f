"""kill -9 of the web, the worker and PostgreSQL: what was acknowledged is there, once, and whole.

The oracle compares what was acknowledged with what is stored, key by key: books that balance do not
prove that nothing was lost.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from cessio.identity import Scope
from cessio.identity.operations.tokens import issue_token
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import JobState, enqueue, job_view
from cessio.receivables.jobs import SUBMIT
from tests.faults.machine import PATIENCE, Machine
from tests.faults.report import REPORT
from tests.faults.world import World, make_world, read
from tests.receivables.books import draft, invoice
from tests.serving import lately

SEED = int(os.environ.get("FAULT_SEED", "20261122"))
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "60"))


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    tmp_path.chmod(0o755)
    made = Machine(tmp_path)
    yield made
    made.stop()


@dataclass
class Drawing:
    """A client's program that asks for drawdowns, each under a key of its own, until told."""

    machine: Machine
    contract_id: int
    token: str
    intended: dict[str, int] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, place: int) -> None:
        """Ask; whatever happens, ask again with the same key until there is an answer.

        How long an answer takes is counted once nothing is killed any more.
        """
        number = 0
        while not self.over.is_set():
            number += 1
            key = f"k{place}-{number}"
            self.intended[key] = 10_00 + place * 1_00_00 + number  # no two alike
            self.acknowledged[key] = self._ask(key)
            time.sleep(0.05)

    def _ask(self, key: str) -> int:
        body = {"contract_id": self.contract_id, "amount_minor": self.intended[key]}
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not self.over.is_set():
                deadline = time.monotonic() + PATIENCE
            try:
                status, answer = self.machine.ask("POST", "/api/v1/drawdowns", body, headers)
            except Exception:
                status, answer = 0, None
            if status in (200, 201):
                return int(answer["id"] if "id" in answer else answer["drawdown_id"])
            assert status == 0 or status >= 500 or status in (409, 425, 429), (status, answer)
            time.sleep(0.1)
        raise AssertionError(f"{key} was never answered")

    def goes_on(self) -> None:
        """Wait until one more is acknowledged: a kill hits a machine that works."""
        told, deadline = len(self.acknowledged), time.monotonic() + PATIENCE
        while len(self.acknowledged) == told:
            assert time.monotonic() < deadline, "nothing is answered although both servers are up"
            time.sleep(0.02)


def _key(machine: Machine, world: World) -> str:
    """Fanny's program may draw."""
    with transaction(machine.engine) as session:
        fanny, now = world.book.people.fanny, datetime.now(UTC)
        return issue_token(
            session, person_id=fanny.id, name="faults", scopes=[Scope.FUNDING_WRITE],
            expires_at=now + timedelta(days=1), by=fanny.by, at=now,
        ).secret  # fmt: skip


def _world(machine: Machine) -> World:
    """The world as of now, for servers read the real clock."""
    now = lately()
    return make_world(machine.engine, now.replace(microsecond=0))


def _drawn_under_fire(machine: Machine, kills: int) -> tuple[int, list[float]]:
    chance = random.Random(SEED)
    world = _world(machine)
    drawing = Drawing(machine, world.book.alpha, _key(machine, world))
    web = machine.start_web()
    back: list[float] = []
    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(drawing.run, place) for place in range(2)]
        try:
            for turn in range(kills):
                drawing.goes_on()
                time.sleep(chance.uniform(0, 0.5))
                start = time.monotonic()
                if turn % 2:
                    machine.kill_database()
                else:
                    machine.kill(web)
                    web = machine.start_web()
                back.append(time.monotonic() - start)
            time.sleep(0.5)
        finally:
            drawing.over.set()
        for one in asking:
            one.result(2 * PATIENCE)
    with transaction(machine.engine) as session:
        stored = session.execute(
            text("SELECT amount_minor, count(*), min(id) FROM drawdown WHERE amount_minor <> :one"
                 " GROUP BY 1"), {"one": 4_000_00},
        ).all()  # fmt: skip
    assert {row[0]: (row[1], row[2]) for row in stored} == {
        drawing.intended[key]: (1, told) for key, told in drawing.acknowledged.items()
    }
    read(machine.engine, world)
    return len(drawing.acknowledged), back


def test_nothing_acknowledged_is_lost_when_web_and_database_are_killed(machine: Machine) -> None:
    told, back = _drawn_under_fire(machine, 2)
    assert told
    REPORT.tell(
        "kill -9 of web and PostgreSQL in turn",
        f"{len(back)} kills, {told} drawdowns acknowledged, 0 lost, 0 doubled; back within "
        f"{max(back):.1f} s",
        promise=1,
        figure=len(back),
        seed=SEED,
    )


@pytest.mark.long
def test_nothing_acknowledged_is_lost_under_many_kills(machine: Machine) -> None:
    told, back = _drawn_under_fire(machine, ROUNDS)
    REPORT.tell(
        f"kill -9 of web and PostgreSQL in turn, seed {SEED}",
        f"{len(back)} kills, {told} drawdowns acknowledged, 0 lost, 0 doubled; back within "
        f"{max(back):.1f} s",
        promise=1,
        figure=len(back),
        seed=SEED,
    )


@pytest.mark.parametrize("kills", [1, pytest.param(max(2, ROUNDS // 6), marks=pytest.mark.long)])
def test_a_remittance_confirmed_by_a_worker_that_is_killed_is_confirmed_once(
    machine: Machine, kills: int
) -> None:
    chance = random.Random(SEED)
    world = _world(machine)
    with transaction(machine.engine) as session:
        rows = [invoice(world.book, f"L-{number:05}", 100_00 + number) for number in range(600)]
        remittance_id = draft(session, world.book, world.at, *rows)
        job_id = enqueue(
            session, kind=SUBMIT, key="faults", by=world.book.people.fanny.by, at=world.at,
            payload={"remittance_id": remittance_id, "by": world.book.people.fanny.by},
        )  # fmt: skip
    for _turn in range(kills):
        worker = machine.start_worker()
        _until(machine, job_id, (JobState.RUNNING, JobState.DONE))
        time.sleep(chance.uniform(0, 0.3))
        machine.kill(worker)
    machine.start_worker()
    _until(machine, job_id, (JobState.DONE,))
    read(machine.engine, world)
    with transaction(machine.engine) as session:
        found = session.execute(text(
            "SELECT count(*), sum(open_minor) FROM receivable WHERE number LIKE 'L-%'"
        )).one()  # fmt: skip
    assert tuple(found) == (600, sum(100_00 + number for number in range(600)))
    REPORT.tell("kill -9 of a worker", f"{kills} kills, 600 invoices assigned once",
                promise=1, figure=kills, seed=SEED)  # fmt: skip


def _until(machine: Machine, job_id: int, states: tuple[JobState, ...]) -> None:
    deadline = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < deadline:
        with transaction(machine.engine) as session:
            view = job_view(session, job_id)
        if view.state in states:
            return
        assert view.state not in (JobState.DEAD,), view
        time.sleep(0.05)
    raise AssertionError(f"the job did not get to {states}: {view}")
