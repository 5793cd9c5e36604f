"""A worker killed in the middle of any job, and the job is done once, as if nothing had happened.

Each kind of job runs in the small demonstration book: once undisturbed; then again from the same
start with its worker's process killed at a point of it (``tests.faults.dying``), and another worker
after that. Every row of every table must be the same.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from cessio.plumbing.database import make_engine, transaction
from cessio.plumbing.jobs import JobState, enqueue, job_view, registry
from cessio.worker import load_jobs
from tests.faults.contents import contents, difference, give_numbers_back
from tests.faults.dying import Workers, workers
from tests.faults.kinds import CASES
from tests.faults.report import REPORT
from tests.faults.test_kills import SEED
from tests.sharing import Shelf

Fresh = Callable[[], AbstractContextManager[Engine]]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a job left behind, and how many points its undisturbed attempt passed."""

    held: dict[str, list[str]]
    mails: dict[str, bytes]
    points: int


@pytest.fixture(scope="module")
def fresh(shelf: Shelf, server_url: URL) -> Iterator[Fresh]:
    """The small demonstration book, in a new database each time."""
    with shelf.demo() as book:
        name = book.url.database
        book.dispose()

        @contextmanager
        def opened() -> Iterator[Engine]:
            with shelf.copied(server_url, name) as url:
                engine = make_engine(url, pool_size=3)
                yield engine
                engine.dispose()

        yield opened


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    with workers(tmp_path_factory.mktemp("mail")) as made:
        yield made


def asked(engine: Engine, kind: str) -> int:
    """The job, with its work, in a fresh book."""
    case = CASES[kind]
    with transaction(engine) as session:
        payload = case.prepare(session, case.at)
        return enqueue(session, kind=kind, key="faults", payload=payload, by="person:1", at=case.at)


def state(engine: Engine, job_id: int) -> JobState:
    with transaction(engine) as session:
        return job_view(session, job_id).state


def left(engine: Engine, crew: Workers, kind: str, points: int = 0) -> Ran:
    """What is there now, mails that left and seals kept included; the folder is emptied."""
    written = [path for path in sorted(crew.folder.rglob("*")) if path.is_file()]
    mails = {one.name: one.read_bytes() for one in written if not one.name.startswith(".draft-")}
    for path in written:
        path.unlink()
    return Ran(contents(engine, CASES[kind].secret), mails, points)


def undisturbed(fresh: Fresh, crew: Workers, kind: str) -> Ran:
    with fresh() as engine:
        job_id = asked(engine, kind)
        before = contents(engine, CASES[kind].secret)
        answer = crew.run(engine, job_id, CASES[kind].at)
        assert answer.state == JobState.DONE, (kind, answer)
        made = left(engine, crew, kind, answer.points)
        changed = difference(before, made.held).keys() - {"job"}
        assert changed or kind in WITHOUT_EFFECT, f"{kind} found nothing to do"
        return made


def disturbed(fresh: Fresh, crew: Workers, kind: str, fault: str, *points: int) -> Ran:
    """The same, struck at each of these points in turn before it may end."""
    at = CASES[kind].at
    with fresh() as engine:
        job_id = asked(engine, kind)
        for point in points:
            struck = crew.run(engine, job_id, at, point=point, fault=fault)
            assert struck.killed == (fault == "kill"), struck
            give_numbers_back(engine, struck.numbers)
            _let_go_on(engine, job_id)
        if state(engine, job_id) != JobState.DONE:
            answer = crew.run(engine, job_id, at)
            assert answer.state == JobState.DONE, answer
        assert crew.run(engine, job_id, at).state is None  # the message that comes once more
        return left(engine, crew, kind)


def _let_go_on(engine: Engine, job_id: int) -> None:
    """What time does: a lease ends, the hour of the next attempt comes."""
    with transaction(engine) as session:
        session.execute(
            text("UPDATE job SET lease_until = CASE WHEN state = 'running' THEN clock_timestamp()"
                 " - interval '1 s' END, run_after = CASE WHEN state = 'failed' THEN created_at END"
                 " WHERE id = :id"), {"id": job_id},
        )  # fmt: skip


def same(one: Ran, other: Ran, said: str) -> None:
    assert difference(one.held, other.held) == {}, said
    assert one.mails == other.mails, said


#: Kinds whose work is their answer.
WITHOUT_EFFECT = frozenset(
    {"closing.verify", "funding.plan_standing", "reporting.day", "statements.day"}
)


@pytest.mark.parametrize("kind", sorted(CASES))
def test_a_job_whose_worker_is_killed_is_done_once_by_the_next(
    fresh: Fresh, crew: Workers, kind: str
) -> None:
    wanted = undisturbed(fresh, crew, kind)
    point = random.Random(f"{SEED}/{kind}").randint(2, wanted.points - 1)
    found = disturbed(fresh, crew, kind, "kill", point)
    same(wanted, found, f"{kind}, killed at point {point} of {wanted.points}")
    REPORT.tell(f"kill -9 of a worker in {kind}", f"point {point} of {wanted.points}, done once")


@pytest.mark.long
@pytest.mark.parametrize("fault", ["kill", "server", "serialization"])
@pytest.mark.parametrize("kind", sorted(CASES))
def test_a_job_struck_at_every_statement_is_done_once(
    fresh: Fresh, crew: Workers, kind: str, fault: str
) -> None:
    wanted = undisturbed(fresh, crew, kind)
    every = int(os.environ.get("FAULT_STEP", "1" if fault == "kill" else "5"))
    points = range(1, wanted.points + 1, every)
    for point in points:
        same(wanted, disturbed(fresh, crew, kind, fault, point), f"{kind}, {fault} at {point}")
    REPORT.tell(
        f"{fault} at every {every}. point of {kind}".replace("every 1. ", "every "),
        f"{len(points)} points of {wanted.points}, 0 deviations",
        promise=2,
        figure=len(points),
    )


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(CASES))
def test_a_job_killed_again_and_again_is_done_once(fresh: Fresh, crew: Workers, kind: str) -> None:
    wanted = undisturbed(fresh, crew, kind)
    chance = random.Random(f"{SEED}/{kind}/again")
    load_jobs()
    known = registry.find(kind)
    assert known is not None
    times = min(5, known.max_attempts - 1)  # the last attempt must live
    points = [chance.randint(1, max(2, wanted.points // 2)) for _ in range(times)]
    same(wanted, disturbed(fresh, crew, kind, "kill", *points), f"{kind}, killed at {points}")
    REPORT.tell(f"kill -9 {times} times in a row in {kind}", "done once", promise=2, figure=times)
