"""A request repeated, even at the same moment, has one effect and one answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cessio.identity import Answer, idempotent
from cessio.identity.rules import input_hash
from cessio.kernel.errors import Conflict, Invalid
from cessio.plumbing.database import transaction


def _ask(
    session: Session,
    act: Callable[[], Answer],
    at: datetime,
    *,
    key: str = "k1",
    body: bytes = b"1",
    actor: str = "token:1",
    route: str = "POST /api/drawdowns",
) -> Answer:
    return idempotent(
        session, actor=actor, route=route, key=key, input_hash=input_hash(body), at=at, act=act
    )


def _counting() -> Callable[[], Answer]:
    numbers = count(1)
    return lambda: Answer(201, str(next(numbers)).encode())


def test_the_second_request_gets_the_first_ones_answer(session: Session, now: datetime) -> None:
    act = _counting()
    assert _ask(session, act, now) == Answer(201, b"1")
    assert _ask(session, act, now) == Answer(201, b"1", replayed=True)


def test_a_key_is_of_one_actor_and_one_route(session: Session, now: datetime) -> None:
    act = _counting()
    bodies = [
        _ask(session, act, now).body,
        _ask(session, act, now, actor="token:2").body,
        _ask(session, act, now, route="POST /api/limits").body,
        _ask(session, act, now, key="k2").body,
    ]
    assert bodies == [b"1", b"2", b"3", b"4"]


def test_the_same_key_for_another_input_is_a_conflict_that_names_it(
    session: Session, now: datetime
) -> None:
    _ask(session, _counting(), now, key="facture-12")
    with pytest.raises(Conflict, match="facture-12") as refused:
        _ask(session, _counting(), now, key="facture-12", body=b"2")
    assert refused.value.code == "idempotency_key_reused"


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "k\n", "x" * 256])
def test_an_unreadable_key_is_refused(session: Session, now: datetime, key: str) -> None:
    with pytest.raises(Invalid):
        _ask(session, _counting(), now, key=key)


def test_a_request_that_failed_frees_its_key(engine: Engine, now: datetime) -> None:
    def fail() -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction(engine) as session:
        _ask(session, fail, now)
    with transaction(engine) as session:
        assert _ask(session, _counting(), now, body=b"corrected") == Answer(201, b"1")


def test_requests_at_the_same_moment_have_one_effect(engine: Engine, now: datetime) -> None:
    with transaction(engine) as session:
        session.execute(text("CREATE TABLE effect (id bigint generated always as identity)"))

    def request(_: int) -> Answer:
        with transaction(engine) as session:

            def act() -> Answer:
                session.execute(text("INSERT INTO effect DEFAULT VALUES"))
                session.execute(text("SELECT pg_sleep(0.05)"))
                return Answer(201, b"done")

            return _ask(session, act, now)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(request, range(16)))
    assert {answer.body for answer in answers} == {b"done"}
    assert sum(not answer.replayed for answer in answers) == 1
    with transaction(engine) as session:
        assert session.execute(text("SELECT count(*) FROM effect")).scalar() == 1
