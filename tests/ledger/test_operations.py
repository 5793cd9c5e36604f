"""The ledger posts whole balanced transactions once, reverses exactly, and proves itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cessio.ledger import (
    AccountKey,
    AccountKind,
    Line,
    Posting,
    TransactionKind,
    bulk,
    post,
    post_many,
    queries,
    reverse,
)
from cessio.ledger.operations import AlreadyReversed, KeyReused
from cessio.ledger.rules import PostingError

FEES = AccountKey(AccountKind.FEE_INCOME, "EUR")
VAT = AccountKey(AccountKind.VAT_COLLECTED, "EUR")
INTEREST = AccountKey(AccountKind.INTEREST_INCOME, "EUR")
BY = "job:test"


def posting(source_id: int, *amounts: tuple[AccountKey, int], effect: str = "charge") -> Posting:
    return Posting(
        kind=TransactionKind.COMMISSION, source_kind="test", source_id=source_id, effect=effect,
        value_date=date(2026, 11, 16), lines=tuple(Line(key, minor) for key, minor in amounts),
    )  # fmt: skip


def test_a_posting_moves_its_accounts_and_keeps_running_balances(
    session: Session, now: datetime
) -> None:
    post(session, posting(1, (FEES, -7200), (VAT, 7200)), by=BY, at=now)
    post(session, posting(2, (FEES, -100), (VAT, 60), (INTEREST, 40)), by=BY, at=now)
    assert queries.balance(session, FEES) == -7300
    opening, lines = queries.movements(
        session, FEES, from_on=date(2026, 11, 1), to_on=date(2026, 11, 30)
    )
    assert (opening, [line.amount_minor for line in lines]) == (0, [-7200, -100])
    assert bulk.verify(session) == []


def test_an_unbalanced_posting_is_refused_before_anything_is_written(
    session: Session, now: datetime
) -> None:
    with pytest.raises(PostingError, match="does not balance"):
        post(session, posting(1, (FEES, -7200), (VAT, 7199)), by=BY, at=now)
    assert queries.trial_balance(session) == {}


def test_the_database_itself_refuses_an_imbalance(session: Session, now: datetime) -> None:
    done = post(session, posting(1, (FEES, -5), (VAT, 5)), by=BY, at=now)
    with pytest.raises(IntegrityError, match="does not balance"):
        session.execute(
            text(
                "INSERT INTO ledger_entry (transaction_id, account_id, amount_minor,"
                " balance_after_minor, account_version)"
                " SELECT :tx, account_id, 1, 1, 99 FROM ledger_entry LIMIT 1"
            ),
            {"tx": done.transaction_id},
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entry SET amount_minor = amount_minor + 1",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "UPDATE ledger_transaction SET memo = 'other'",
        "DELETE FROM ledger_transaction",
        "UPDATE ledger_account SET kind = 'BANK'",
        "UPDATE ledger_account SET version = version - 1",
        "DELETE FROM ledger_account",
    ],
)
def test_history_cannot_be_rewritten(session: Session, now: datetime, change: str) -> None:
    post(session, posting(1, (FEES, -5), (VAT, 5)), by=BY, at=now)
    with pytest.raises(IntegrityError):
        session.execute(text(change))


def test_the_same_posting_again_is_one_effect(session: Session, now: datetime) -> None:
    first = post(session, posting(1, (FEES, -5), (VAT, 5)), by=BY, at=now)
    again = post(session, posting(1, (VAT, 5), (FEES, -5)), by="job:other", at=now)
    assert again.transaction_id == first.transaction_id
    assert again.replayed
    assert queries.balance(session, FEES) == -5


def test_the_same_key_with_other_lines_is_refused(session: Session, now: datetime) -> None:
    post(session, posting(1, (FEES, -5), (VAT, 5)), by=BY, at=now)
    with pytest.raises(KeyReused, match="other lines"):
        post(session, posting(1, (FEES, -6), (VAT, 6)), by=BY, at=now)


def test_the_same_key_with_another_value_date_is_refused(session: Session, now: datetime) -> None:
    first = posting(1, (FEES, -5), (VAT, 5))
    post(session, first, by=BY, at=now)
    with pytest.raises(KeyReused):
        post(session, replace(first, value_date=date(2026, 11, 17)), by=BY, at=now)


def test_each_currency_balances_for_itself(session: Session, now: datetime) -> None:
    dollars = AccountKey(AccountKind.VAT_COLLECTED, "USD")
    with pytest.raises(PostingError, match="does not balance"):
        post(session, posting(1, (FEES, -5), (dollars, 5)), by=BY, at=now)


def test_a_reversal_counts_from_the_day_its_original_did(session: Session, now: datetime) -> None:
    first = replace(posting(1, (FEES, -5), (VAT, 5)), value_date=date(2026, 10, 5))
    done = post(session, first, by=BY, at=now)
    reverse(session, transaction_id=done.transaction_id, by=BY, at=now)
    dates = session.scalars(text("SELECT DISTINCT value_date FROM ledger_transaction")).all()
    assert dates == [date(2026, 10, 5)]


def test_a_reversal_restores_every_balance_and_happens_once(
    session: Session, now: datetime
) -> None:
    post(session, posting(1, (FEES, -5), (VAT, 5)), by=BY, at=now)
    before = queries.trial_balance(session)
    done = post(session, posting(2, (FEES, -7), (VAT, 3), (INTEREST, 4)), by=BY, at=now)
    undone = reverse(session, transaction_id=done.transaction_id, by=BY, at=now)
    after = {key: minor for key, minor in queries.trial_balance(session).items() if minor}
    assert after == before
    with pytest.raises(AlreadyReversed):
        reverse(session, transaction_id=done.transaction_id, by=BY, at=now)
    with pytest.raises(AlreadyReversed):
        reverse(session, transaction_id=undone.transaction_id, by=BY, at=now)
    assert bulk.verify(session) == []


def test_a_posting_of_more_lines_than_one_statement_binds(session: Session, now: datetime) -> None:
    many = [posting(i, (FEES, -i), (VAT, i)) for i in range(1, 5001)]
    post_many(session, many, by=BY, at=now)
    assert queries.balance(session, VAT) == sum(range(1, 5001))
    assert bulk.verify(session) == []


@settings(max_examples=25)
@given(
    amounts=st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9)), max_size=12
    )
)
def test_set_based_posting_leaves_the_same_books_as_line_by_line(
    session: Session, now: datetime, amounts: list[tuple[int, int]]
) -> None:
    made = [
        posting(i, (FEES, a), (VAT, b), (INTEREST, -a - b))
        for i, (a, b) in enumerate(amounts, start=1)
        if a and b and a + b
    ]
    books = []
    for way in (_post_one_by_one, _post_staged):
        with session.begin_nested() as savepoint:
            way(session, made, now)
            assert bulk.verify(session) == []
            books.append(
                session.execute(
                    text(
                        "SELECT kind, account_version, e.amount_minor, balance_after_minor"
                        " FROM ledger_entry e JOIN ledger_account a ON a.id = account_id"
                        " ORDER BY 1, 2"
                    )
                ).all()
            )
            savepoint.rollback()
    assert books[0] == books[1]


def _post_one_by_one(session: Session, made: list[Posting], now: datetime) -> None:
    for one in made:
        post(session, one, by=BY, at=now)


def _post_staged(session: Session, made: list[Posting], now: datetime) -> None:
    bulk.stage(session)
    for ref, one in enumerate(made):
        session.execute(
            text(
                "INSERT INTO posting_staged (ref, kind, source_kind, source_id, effect, value_date)"
                " VALUES (:ref, :kind, 'test', :id, :effect, :on)"
            ),
            {"ref": ref, "kind": one.kind.value, "id": one.source_id, "effect": one.effect,
             "on": one.value_date},
        )  # fmt: skip
        for position, line in enumerate(one.lines):
            session.execute(
                text(
                    "INSERT INTO posting_line_staged (ref, position, kind, currency, amount_minor)"
                    " VALUES (:ref, :position, :kind, 'EUR', :minor)"
                ),
                {"ref": ref, "position": position, "kind": line.account.kind.value,
                 "minor": line.amount_minor},
            )  # fmt: skip
    bulk.post_staged(session, by=BY, at=now)


def test_verify_names_the_first_wrong_line(session: Session, now: datetime) -> None:
    post(session, posting(1, (FEES, -5), (VAT, 5)), by=BY, at=now)
    session.execute(text("ALTER TABLE ledger_entry DISABLE TRIGGER USER"))
    wrong = session.execute(
        text("UPDATE ledger_entry SET amount_minor = 6 WHERE amount_minor = 5 RETURNING id")
    ).scalar_one()
    findings = {finding.rule: finding for finding in bulk.verify(session)}
    assert {"transaction_balances", "running_balance", "account_balance"} <= set(findings)
    assert findings["running_balance"].subject == f"ledger entry {wrong}"


def test_an_account_must_be_named_for_what_it_is_kept_for() -> None:
    with pytest.raises(PostingError, match="needs contract"):
        AccountKey(AccountKind.CLIENT_CURRENT, "EUR")
    with pytest.raises(PostingError, match="needs contract"):
        AccountKey(AccountKind.FEE_INCOME, "EUR", contract_id=1)
