"""kill -9 at every point of sealing a bank's file: one file a batch, the same bytes each time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from itertools import cycle

import pytest
from sqlalchemy import Engine, text

from cessio import funding
from cessio.plumbing.database import transaction
from tests.faults.contents import contents, difference, give_numbers_back
from tests.faults.dying import Workers, workers
from tests.faults.report import REPORT
from tests.faults.world import World, read

KILLS = int(os.environ.get("FAULT_SEALS", "200"))
Fresh = Callable[[], World]


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    with workers(tmp_path_factory.mktemp("seals")) as made:
        yield made


def _waiting(engine: Engine, world: World, count: int) -> None:
    """So many payouts more wait to be sealed, no two alike."""
    with transaction(engine) as session:
        for number in range(count):
            answer = funding.request_drawdown(
                session, contract_id=world.book.alpha, amount_minor=10_00 + number, at=world.at,
                by=world.book.people.fanny.by,
            )  # fmt: skip
            assert not answer.reasons


def _files(engine: Engine) -> list[bytes]:
    """The bytes of every order; each is what was sealed, and each payout is in one of them."""
    with transaction(engine) as session:
        rows = session.execute(text(
            "SELECT content, payment_order.sha256, payment_count FROM payment_order"
            " JOIN document ON document.id = document_id ORDER BY payment_order.id"
        )).all()  # fmt: skip
        names = list(session.scalars(text(
            "SELECT end_to_end_id FROM drawdown WHERE state = 'ordered'")))  # fmt: skip
    for content, sealed, count in rows:
        assert hashlib.sha256(content).digest() == bytes(sealed)
        assert bytes(content).count(b"<EndToEndId>") == count
    told = b"".join(bytes(row[0]) for row in rows)
    assert all(told.count(f">{one}<".encode()) == 1 for one in names)
    return [bytes(row[0]) for row in rows]


def _campaign(engine: Engine, fresh: Fresh, crew: Workers, payouts: int, most: int) -> int:
    """Kill at each point in turn until ``most`` were; the number of kills."""

    def started() -> World:
        world = fresh()
        _waiting(engine, world, payouts)
        return world

    world = started()
    by = world.book.people.ines.by
    whole = crew.seal(engine, world.account_id, world.at, by=by)
    assert whole.state == "sealed"
    [wanted] = _files(engine)
    undisturbed = read(engine, world)
    world = started()
    before = contents(engine)
    for kills, point in enumerate(cycle(range(1, whole.points + 1)), 1):
        struck = crew.seal(engine, world.account_id, world.at, by=by, point=point)
        assert struck.killed
        give_numbers_back(engine, struck.numbers)
        if point < whole.points:
            assert difference(before, contents(engine)) == {}, f"half done at {point}"
        if point == whole.points or kills == most:
            # Committed and not acknowledged, or not at all: who asks again gets the one file.
            again = crew.seal(engine, world.account_id, world.at, by=by)
            assert again.state == ("nothing" if point == whole.points else "sealed")
            assert crew.seal(engine, world.account_id, world.at, by=by).state == "nothing"
            assert _files(engine) == [wanted]
            assert read(engine, world) == undisturbed
            world = started()
        if kills == most:
            return kills
    raise AssertionError


def test_a_file_whose_sealing_is_killed_is_sealed_once(
    engine: Engine, fresh: Fresh, crew: Workers
) -> None:
    kills = _campaign(engine, fresh, crew, 1, 6)
    REPORT.tell("kill -9 around the sealing of a file", f"{kills} kills, one file",
                promise=6, figure=kills)  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("payouts", [1, 8])
def test_one_file_a_batch_under_many_kills(
    engine: Engine, fresh: Fresh, crew: Workers, payouts: int
) -> None:
    kills = _campaign(engine, fresh, crew, payouts, KILLS)
    REPORT.tell(
        f"kill -9 at every point of sealing {payouts + 1} payouts",
        f"{kills} kills: one file a batch, its bytes and hash the same, every payout in it once",
        promise=6, figure=kills,
    )  # fmt: skip
