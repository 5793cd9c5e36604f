"""What many sessions do at once ends as if each had come after the other."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, draft, invoice, open_book, reasons

from cessio.kernel.errors import Invalid
from cessio.ledger import bulk as ledger_bulk
from cessio.limits.operations import NewGroupLimit, NewLimit, decide_group_limit, proposal_hash
from cessio.limits.queries import proposal
from cessio.limits.rules import SecondPersonCode
from cessio.parties.operations import join_group
from cessio.plumbing.database import transaction
from cessio.receivables import operations
from cessio.receivables.operations.limit_proposals import (
    GroupMoved,
    LimitTaken,
    approve_limit,
    take_limit,
)
from cessio.receivables.rules import RemittanceState

SESSIONS = 16


def test_the_same_invoice_from_sixteen_sessions_is_assigned_exactly_once(
    engine: Engine, now: datetime
) -> None:
    with transaction(engine) as session:
        book = open_book(session, now)
        made = [
            draft(session, book, now, invoice(book, "F-1", 100_00), invoice(book, "F-2", 50_00),
                  contract=(book.alpha, book.bravo)[n % 2])
            for n in range(SESSIONS)
        ]  # fmt: skip
        for one in made:
            operations.check(session, remittance_id=one, on=now.date(), by=book.by, at=now)
    together = Barrier(SESSIONS)

    def confirm(remittance_id: int) -> RemittanceState:
        with transaction(engine) as session:
            together.wait()
            return operations.submit(session, remittance_id=remittance_id, by=book.by, at=now).state

    with ThreadPoolExecutor(SESSIONS) as pool:
        states = list(pool.map(confirm, made))
    assert sorted(states) == ["assigned"] + ["refused"] * (SESSIONS - 1)
    with transaction(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM receivable")) == 2
        assert ledger_bulk.verify(session) == []
        for one, state in zip(made, states, strict=True):
            told = {code for _, codes in reasons(session, one).values() for code in codes}
            assert ("duplicate_assigned" in told) == (state == "refused")


# -- limits under the cap of a group -------------------------------------------------------

CAP = 50_000_00


def capped(session: Session, book: Book, at: datetime) -> int:
    """Durand and Mercier are one group, capped; returns the group."""
    companies = [one.company_id for one in (book.people.durand, book.people.mercier)]
    group_id = join_group(session, company_ids=companies, name="Groupe Delta", by=book.by, at=at)
    decide_group_limit(session, limit=NewGroupLimit(group_id=group_id, amount_minor=CAP),
                       by=book.by, at=at)  # fmt: skip
    return group_id


def limit_on(book: Book, debtor: str, minor: int) -> NewLimit:
    return NewLimit(contract_id=book.alpha, debtor_id=getattr(book.people, debtor).id,
                    amount_minor=minor, reason="review")  # fmt: skip


def waited_for(engine: Engine, second: Future[LimitTaken]) -> bool:
    """Whether the second waits for a lock of the first (told by the database)."""
    while not second.done():
        with transaction(engine) as session:
            if session.scalar(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")):
                return True
    return False


def test_two_decisions_at_once_stay_within_the_cap_of_their_group(
    engine: Engine, now: datetime
) -> None:
    with transaction(engine) as session:
        book = open_book(session, now)
        capped(session, book, now)
    chloe = book.people.chloe.by

    def take(debtor: str) -> LimitTaken:
        with transaction(engine) as session:
            return take_limit(session, limit=limit_on(book, debtor, 30_000_00), by=chloe, at=now)

    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as session:
            first = take_limit(session, limit=limit_on(book, "durand", 30_000_00), by=chloe, at=now)
            second = pool.submit(take, "mercier")
            assert waited_for(engine, second)
        after = second.result()
    assert first.decided is not None
    assert after.decided is None
    assert [(one.code, one.params["beyond_minor"]) for one in after.why] == [
        (SecondPersonCode.BEYOND_GROUP, 10_000_00)
    ]


def test_a_second_person_does_not_agree_to_more_beyond_the_cap_than_was_asked(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    capped(session, book, now)
    chloe, bruno = book.people.chloe.by, book.people.bruno.by
    asked = take_limit(session, limit=limit_on(book, "durand", 60_000_00), by=chloe, at=now)
    assert asked.proposal_id is not None
    seen = proposal_hash(proposal(session, asked.proposal_id))
    take_limit(session, limit=limit_on(book, "mercier", 5_000_00), by=chloe, at=now)
    with pytest.raises(GroupMoved, match="go 1500000 beyond"), session.begin_nested():
        approve_limit(session, proposal_id=asked.proposal_id, seen_hash=seen, by=bruno, at=now)
    again = take_limit(session, limit=limit_on(book, "durand", 60_000_00), by=chloe, at=now)
    assert again.proposal_id is not None
    approve_limit(session, proposal_id=again.proposal_id, by=bruno, at=now,
                  seen_hash=proposal_hash(proposal(session, again.proposal_id)))  # fmt: skip


def test_less_is_not_decided_without_a_word(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    by = book.people.chloe.by
    take_limit(session, limit=limit_on(book, "durand", 60_000_00), by=by, at=now)
    for less in (0, 50_000_00):
        limit = replace(limit_on(book, "durand", less), reason=None)
        with pytest.raises(Invalid, match="say why less"):
            take_limit(session, limit=limit, by=by, at=now)
    said = replace(limit_on(book, "durand", 50_000_00), reason="late twice")
    assert take_limit(session, limit=said, by=by, at=now).decided is not None
