"""Whatever people do in whatever order, the books are what a second implementation says."""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.faults.report import REPORT
from tests.faults.second import kept, worked_out
from tests.journeys.test_conservation import ACTS, World, _prove, _try, _world

SEED = int(os.environ.get("FAULT_SEED", "20261123"))
STEPS = int(os.environ.get("FAULT_STEPS", "2000"))
#: So many acts make one history; then the next begins in a new book.
HISTORY = 60


def _live(session: Session, now: datetime, steps: int, seed: int) -> Counter[str]:
    chance, done = random.Random(seed), Counter[str]()
    while done.total() < steps:
        with _world(session, now) as world:
            for _ in range(min(HISTORY, steps - done.total())):
                act = chance.choice(ACTS)
                _try(world, act, chance.randint(0, 30), chance.randint(1, 3_000_000))
                done[act] += 1
                _compare(world, f"seed {seed}, step {done.total()}: {act}")
            _prove(world)
    return done


def _compare(world: World, said: str) -> None:
    found, wanted = kept(world.session), worked_out(world.session)
    assert found == wanted, said


def test_the_books_equal_a_second_implementation(session: Session, now: datetime) -> None:
    done = _live(session, now, HISTORY, seed=1)
    REPORT.tell("model of the books", f"{done.total()} steps equal", promise=5,
                figure=done.total(), seed=1)  # fmt: skip


@pytest.mark.long
def test_many_steps_equal_a_second_implementation(session: Session, now: datetime) -> None:
    done = _live(session, now, STEPS, SEED)
    REPORT.tell(
        "model of the books, long",
        f"{done.total():,} steps of {len(done)} kinds: every open amount, account and bank line as"
        " a second implementation works them out from the documents",
        promise=5, figure=done.total(), seed=SEED,
    )  # fmt: skip
