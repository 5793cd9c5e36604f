"""What a current account was charged is kept beside its balance, and is what its entries say."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, open_book

from cessio.ledger import (
    CHARGES,
    AccountKey,
    AccountKind,
    Line,
    Posting,
    TransactionKind,
    bulk,
    post,
    reverse,
)

FEES = AccountKey(AccountKind.FEE_INCOME, "EUR")
BY = "job:test"
KINDS = [kind for kind in TransactionKind if kind is not TransactionKind.REVERSAL]


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    return open_book(session, now)


def charge(book: Book, kind: TransactionKind, minor: int, *, number: int) -> Posting:
    current = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", contract_id=book.alpha)
    return Posting(
        kind=kind, source_kind="test", source_id=number, effect="charge",
        value_date=date(2026, 11, 16), contract_id=book.alpha,
        lines=(Line(current, minor), Line(FEES, -minor)),
    )  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*KINDS, *CHARGES]), st.integers(-9_999, 9_999).filter(bool),
            st.sampled_from(["kept", "reversed", "reversed staged"]),
        ),
        min_size=1, max_size=12,
    )
)  # fmt: skip
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_kept_charges_are_those_of_the_entries_whatever_is_posted_and_reversed(
    session: Session, book: Book, now: datetime, done: list[tuple[TransactionKind, int, str]]
) -> None:
    with session.begin_nested() as savepoint:
        before = _charged(session, book.alpha)
        for number, (kind, minor, then) in enumerate(done):
            posted = post(session, charge(book, kind, minor, number=number), by=BY, at=now)
            if then == "reversed":
                reverse(session, transaction_id=posted.transaction_id, by=BY, at=now)
            elif then == "reversed staged":
                bulk.stage(session)
                bulk.stage_reversals(session, [posted.transaction_id])
                bulk.post_staged(session, by=BY, at=now)
        expected = sum(minor for kind, minor, then in done if kind in CHARGES and then == "kept")
        assert _charged(session, book.alpha) - before == expected
        assert bulk.verify(session) == []
        savepoint.rollback()


def test_verify_names_an_account_whose_kept_charges_are_wrong(
    session: Session, book: Book, now: datetime
) -> None:
    post(session, charge(book, TransactionKind.COMMISSION, 72_00, number=1), by=BY, at=now)
    assert bulk.verify(session) == []
    session.execute(text("UPDATE ledger_account SET charged_minor = 0"))
    assert [finding.rule for finding in bulk.verify(session)] == ["account_charges"]


def test_the_database_keeps_the_kinds_that_the_rules_call_charges(session: Session) -> None:
    source = session.execute(
        text("SELECT prosrc FROM pg_proc WHERE proname = 'keep_charges'")
    ).scalar_one()
    assert [kind for kind in TransactionKind if f"'{kind}'" in source] == sorted(
        CHARGES, key=list(TransactionKind).index
    )


def _charged(session: Session, contract_id: int) -> int:
    return int(session.execute(
        text("SELECT coalesce(sum(charged_minor), 0) FROM ledger_account"
             " WHERE kind = 'CLIENT_CURRENT' AND contract_id = :contract"),
        {"contract": contract_id},
    ).scalar_one())  # fmt: skip
