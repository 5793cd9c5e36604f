"""The runbook of infra/backup, carried out: back to an instant, nothing sent twice."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from tests.funding.test_operations import ON, Book, draw, settle
from tests.funding.test_payment_run import sent
from tests.plumbing.drill import blocks, drill

from cessio import funding
from cessio.funding import queries
from cessio.funding.rules import DrawdownStateName as State
from cessio.kernel.errors import Conflict
from cessio.plumbing import restored
from cessio.plumbing.database import transaction


def test_every_block_of_the_runbook_is_tried_here_or_beside() -> None:
    assert set(blocks()) == {"archive", "base", "dump", "instant", "restore", "after"}


def test_the_book_comes_back_as_of_an_instant_and_pays_nothing_twice(now: datetime) -> None:
    """What was acknowledged before the instant is there; what was paid after it is unknown."""
    with drill() as place:
        place.run("archive")
        place.restart()
        base = place.run("base")
        engine = place.engine()
        with transaction(engine) as session:
            book = settle(session, now)
            before = draw(session, book, 1_000_00, now).drawdown_id
        instant = _instant(engine)
        with transaction(engine) as session:
            order = sent(session, book, now, 2_000_00)  # the one before leaves with it
        engine.dispose()
        place.server.stop()
        place.cluster.rename(place.cluster.with_name("cluster.damaged"))

        place.run("instant", BASE=base, CLUSTER=str(place.cluster), INSTANT=instant,
                  REASON="the client's laptop")  # fmt: skip
        place.start()
        said = place.run("after", AS_OF=instant.replace(" ", "T"), REASON="drill")

        assert "1 payouts may have left since" in said
        engine = place.engine()
        with transaction(engine) as session:
            _nothing_leaves_again(session, book, before, now)
            held = restored.held(session)
            assert held is not None
            assert (held.reason, held.held_by) == ("the client's laptop", "system:restore")
            later = session.scalar(text("SELECT nextval('payment_order_id_seq')"))
            assert later > order + restored.LEAP // 2
        engine.dispose()


def _instant(engine: Engine) -> str:
    """An instant between two commits, in the server's own clock."""
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT clock_timestamp()::text"))
        connection.execute(text("SELECT pg_sleep(0.01)"))
    return str(found) + ":00"


def _nothing_leaves_again(session: Session, book: Book, drawdown_id: int, now: datetime) -> None:
    assert queries.drawdown_view(session, drawdown_id=drawdown_id).state is State.ORDERED
    with pytest.raises(Conflict):
        funding.seal_payouts(session, account_id=book.account_id, execute_on=ON,
                             by=book.people.bruno.by, at=now)  # fmt: skip
