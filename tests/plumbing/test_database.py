"""The test database and the transaction helper do what every other test relies on."""

from __future__ import annotations

import pytest
from sqlalchemy import ColumnElement, Engine, select, text
from sqlalchemy.orm import Session
from tests.books import new_debtor

from cessio.parties.models import Debtor
from cessio.plumbing.database import copy_rows, transaction


def test_a_session_takes_back_what_it_wrote_even_after_an_inner_commit(session: Session) -> None:
    session.execute(text("CREATE TABLE scratch (a bigint)"))
    session.commit()
    session.execute(text("INSERT INTO scratch VALUES (1)"))
    session.rollback()
    assert session.execute(text("SELECT count(*) FROM scratch")).scalar() == 0


def test_the_next_session_sees_nothing_of_the_one_before(session: Session) -> None:
    assert session.execute(text("SELECT to_regclass('scratch')")).scalar() is None


def test_returning_keeps_and_raising_undoes(engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(text("CREATE TABLE kept (a bigint)"))
        assert copy_rows(session, "kept", ["a"], [(1,), (2,)]) == 2
        assert copy_rows(session, "kept", ["a"], [(3,)], types=["int8"]) == 1
    with pytest.raises(ZeroDivisionError), transaction(engine) as session:
        session.execute(text("INSERT INTO kept VALUES (9)")) and 1 / 0
    with transaction(engine) as session:
        assert session.execute(text("SELECT sum(a) FROM kept")).scalar() == 6


def test_a_connection_is_utc_durable_and_no_superuser(engine: Engine) -> None:
    with transaction(engine) as session:
        for name, value in {
            "timezone": "UTC", "synchronous_commit": "on", "is_superuser": "off",
            "data_checksums": "on", "server_encoding": "UTF8",
        }.items():  # fmt: skip
            assert session.execute(text(f"SHOW {name}")).scalar() == value


def test_a_list_of_numbers_may_be_longer_than_a_statement_takes_parameters(
    session: Session,
) -> None:
    one, other = new_debtor(session), new_debtor(session)
    many = set(range(1_000_000, 1_070_000)) - {one, other}

    def found(condition: ColumnElement[bool]) -> set[int]:
        return set(session.scalars(select(Debtor.id).where(condition))) & {one, other}

    assert found(Debtor.id.in_(many | {one})) == {one}
    assert found(Debtor.id.not_in(many | {one})) == {other}
    assert (found(Debtor.id.in_([])), found(Debtor.id.not_in([]))) == (set(), {one, other})
