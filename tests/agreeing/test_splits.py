"""An amount beyond one's authority is not decided in parts: not by payout, nor by limit."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from tests.funding.test_operations import Book, draw, settle
from tests.receivables.books import Book as Receivables
from tests.receivables.books import open_book

from cessio import house
from cessio.funding.rules import DrawdownStateName as State
from cessio.house import Act, BeyondAuthority
from cessio.limits import NewLimit
from cessio.limits.models import CreditLimit
from cessio.receivables.operations.limit_proposals import take_limit
from cessio.receivables.operations.limits import decide_limit

THRESHOLD = 5_000_00
ALONE = 10_000_00


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    return settle(session, now)


@pytest.fixture
def desk(session: Session, now: datetime) -> Receivables:
    made = open_book(session, now)
    house.set_authority(session, act=Act.GRANT_LIMIT, up_to_minor={"credit_analyst": ALONE},
                        by="system:setup", at=now)  # fmt: skip
    return made


TRIED = settings(max_examples=25, deadline=None,
                 suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip


@TRIED
@given(parts=st.lists(st.integers(1_00, 2_600_00), min_size=1, max_size=8))
def test_what_a_client_draws_in_a_day_reaches_a_second_person_however_it_is_split(
    session: Session, book: Book, now: datetime, parts: list[int]
) -> None:
    with session.begin_nested() as trial:
        granted = asked = 0
        for minor in parts:
            answer = draw(session, book, minor, now)
            if answer.state is State.GRANTED:
                granted, asked = granted + minor, asked + minor
            elif answer.state is State.REQUESTED:  # what waits counts too
                asked += minor
                assert asked >= THRESHOLD
        assert granted < THRESHOLD
        trial.rollback()


@TRIED
@given(parts=st.lists(
    st.tuples(st.integers(1_00, 12_000_00), st.sampled_from(["alpha", "bravo"]), st.booleans(),
              st.integers(0, 29)), min_size=1, max_size=8))  # fmt: skip
def test_limits_on_one_debtor_within_a_month_never_pass_what_one_person_decides(
    session: Session, desk: Receivables, now: datetime, parts: list[tuple[int, str, bool, int]]
) -> None:
    """Over contracts, permanent and temporary, whatever the order: the rest is proposed."""
    start = now + timedelta(days=40)  # what the book began with is longer ago
    with session.begin_nested() as trial:
        for minor, contract, temporary, day in sorted(parts, key=lambda one: one[3]):
            at = start + timedelta(days=day)
            limit = NewLimit(
                contract_id=getattr(desk, contract), debtor_id=desk.people.leroy.id,
                amount_minor=minor, is_temporary=temporary, reason="season",
                valid_to=(at + timedelta(days=60)).date() if temporary else None,
            )  # fmt: skip
            take_limit(session, limit=limit, by=desk.people.chloe.by, at=at)
        standing = session.scalar(
            select(func.sum(CreditLimit.amount_minor)).where(
                CreditLimit.debtor_id == desk.people.leroy.id,
                CreditLimit.ended_at.is_(None),
                CreditLimit.decided_at >= start,
            )
        )
        assert (standing or 0) <= ALONE
        trial.rollback()


def test_the_operation_refuses_the_second_part_too(
    session: Session, desk: Receivables, now: datetime
) -> None:
    at = now + timedelta(days=40)
    part = NewLimit(contract_id=desk.alpha, debtor_id=desk.people.leroy.id, amount_minor=ALONE)
    decide_limit(session, limit=part, by=desk.people.chloe.by, at=at)
    other = NewLimit(contract_id=desk.bravo, debtor_id=desk.people.leroy.id, amount_minor=1)
    with pytest.raises(BeyondAuthority):
        decide_limit(session, limit=other, by=desk.people.chloe.by, at=at + timedelta(days=29))
    decide_limit(session, limit=other, by=desk.people.chloe.by, at=at + timedelta(days=31))
