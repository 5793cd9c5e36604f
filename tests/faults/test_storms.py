"""Many at once: an availability is never overdrawn, and a day is settled once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from cessio import closing, funding
from cessio.funding import queries as availability
from cessio.plumbing.database import transaction
from tests.faults.report import REPORT
from tests.faults.world import World, read

Fresh = Callable[[], World]


def _draws(engine: Engine, world: World, threads: int, each: int, minor: int) -> tuple[int, float]:
    """How many of ``threads × each`` drawdowns were granted, and how many were decided a second."""

    def ask(_: int) -> int:
        granted = 0
        for _turn in range(each):
            with transaction(engine) as session:
                answer = funding.request_drawdown(
                    session, contract_id=world.book.alpha, amount_minor=minor,
                    by=world.book.people.fanny.by, at=world.at,
                )  # fmt: skip
            granted += not answer.reasons
        return granted

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        granted = sum(pool.map(ask, range(threads)))
    return granted, threads * each / (time.perf_counter() - start)


def _updates(engine: Engine, threads: int, each: int) -> float:
    """The floor: a conditional UPDATE of one row, as many at once, each its own transaction."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE floor (id int PRIMARY KEY, room bigint)"))
        connection.execute(text("INSERT INTO floor VALUES (1, 1000000000)"))

    def take(_: int) -> None:
        for _turn in range(each):
            with engine.begin() as connection:
                connection.execute(
                    text("UPDATE floor SET room = room - 10 WHERE id = 1 AND room >= 10")
                )

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(take, range(threads)))
    return threads * each / (time.perf_counter() - start)


def _storm(engine: Engine, fresh: Fresh, threads: int, each: int) -> None:
    world = fresh()
    with transaction(engine) as session:
        room = availability.availability(
            session, contract_id=world.book.alpha, on=world.on
        ).payable_now_minor
    asked = threads * each
    minor = room // (asked * 2 // 3)  # two thirds of what is asked for can be had
    granted, rate = _draws(engine, world, threads, each, minor)
    assert granted == room // minor
    with transaction(engine) as session:
        left = availability.availability(session, contract_id=world.book.alpha, on=world.on)
        assert left.available_minor == room - granted * minor >= 0
    read(engine, world)
    floor = _updates(engine, threads, each)
    REPORT.tell(
        "one availability, drawn by many",
        f"{asked} asked by {threads} at once, {granted} granted, none overdrawn; "
        f"{rate:.0f}/s, {rate / floor:.2f} of a bare conditional UPDATE ({floor:.0f}/s)",
        promise=4,
        figure=asked,
    )


def test_an_availability_drawn_by_many_at_once_is_never_overdrawn(
    engine: Engine, fresh: Fresh
) -> None:
    _storm(engine, fresh, threads=8, each=6)


@pytest.mark.long
def test_an_availability_under_a_storm(engine: Engine, fresh: Fresh) -> None:
    _storm(engine, fresh, threads=16, each=int(os.environ.get("FAULT_DRAWS", "120")))


def test_a_month_settled_and_closed_by_two_schedulers_is_the_month_of_one(
    engine: Engine, fresh: Fresh
) -> None:
    first, last = date(2026, 11, 28), date(2026, 12, 2)

    def live(world: World, _: int = 0) -> int:
        closed, on = 0, first
        while on <= last:
            at = world.at + timedelta(days=(on - world.on).days + 1)
            with transaction(engine) as session:
                closing.settle_until(session, on=on, by="job:closing", at=at)
            with transaction(engine) as session:
                done = closing.close_day(session, on=on, by="job:closing", at=at)
            closed += not done.again
            on += timedelta(days=1)
        return closed

    alone = fresh()
    live(alone)
    undisturbed = read(engine, alone)
    world = fresh()
    with ThreadPoolExecutor(2) as pool:
        closed = list(pool.map(lambda place: live(world, place), range(2)))
    assert sum(closed) == 5
    found = read(engine, world)
    assert {name: found[name] for name in found} == {name: undisturbed[name] for name in found}
    REPORT.tell("two schedulers", f"5 days, a month's end among them; each closed {closed} of them")
