"""Reading the ledger: balances, movements, and the proof that it is whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, and_, func, or_, select, text, tuple_
from sqlalchemy.orm import Session, aliased

from cessio.kernel.calendar import start_of_day
from cessio.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from cessio.ledger.rules import AccountKey, AccountKind, Line, Posting, TransactionKind

#: Of a contract's accounts by kind: the balance before a day, then what each transaction of the
#: period did. The balance of today less what was booked since is that of then; both are read in
#: one statement, so that nothing comes between. A transaction is recorded on the day it is booked
#: on, under the contract whose accounts it moves.
_MOVED = text("""
    WITH account AS MATERIALIZED (
      SELECT id, kind, balance_minor FROM ledger_account
       WHERE contract_id = :contract AND kind = ANY(:kinds)
    ), moved AS MATERIALIZED (
      SELECT account.kind AS account_kind, entry.transaction_id AS id,
             sum(entry.amount_minor)::bigint AS minor
        FROM ledger_transaction AS head
        JOIN ledger_entry AS entry ON entry.transaction_id = head.id
        JOIN account ON account.id = entry.account_id
       WHERE head.contract_id = :contract AND head.recorded_at >= :since
       GROUP BY account.kind, entry.transaction_id
    )
    SELECT kind AS account_kind,
           (sum(balance_minor) - coalesce(
               (SELECT sum(minor) FROM moved WHERE account_kind = account.kind), 0))::bigint
           AS minor,
           NULL::bigint AS id, NULL AS kind, NULL AS undone, NULL AS source_kind,
           NULL::bigint AS source_id, NULL AS memo, NULL::date AS booked_on,
           NULL::date AS value_date, NULL::timestamptz AS recorded_at
      FROM account GROUP BY kind
     UNION ALL
    SELECT account_kind, minor, head.id, head.kind, undone.kind, head.source_kind, head.source_id,
           head.memo, head.booked_on, head.value_date, head.recorded_at
      FROM moved
      JOIN ledger_transaction AS head ON head.id = moved.id
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
     WHERE head.booked_on <= :to_on AND minor <> 0
     ORDER BY booked_on, recorded_at, id
""")


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry of one account with its transaction; ``amount_minor`` is debit positive."""

    entry_id: int
    transaction_id: int
    kind: TransactionKind
    source_kind: str
    source_id: int
    effect: str
    memo: str | None
    booked_on: date
    value_date: date
    recorded_at: datetime
    recorded_by: str
    reverses_id: int | None
    amount_minor: int
    receivable_id: int | None


@dataclass(frozen=True, slots=True)
class ContractMovement:
    """What one transaction did to all accounts of one kind of a contract, debit positive."""

    transaction_id: int
    kind: TransactionKind
    reversed_kind: TransactionKind | None
    source_kind: str
    source_id: int
    memo: str | None
    booked_on: date
    value_date: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Reversible:
    """A transaction as it would have to be posted again, and what reversed it, if anything."""

    kind: TransactionKind
    posting: Posting
    reversed_by: int | None


def posted_before(
    session: Session, postings: Sequence[Posting]
) -> dict[tuple[str, int, str], tuple[int, bytes | None]]:
    """Transaction id and input hash of those postings that exist already, by identity."""
    if not postings:
        return {}
    model = LedgerTransaction
    keys = [(p.source_kind, p.source_id, p.effect) for p in postings]
    rows = session.execute(
        select(model.source_kind, model.source_id, model.effect, model.id, model.input_hash).where(
            tuple_(model.source_kind, model.source_id, model.effect).in_(keys)
        )
    )
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}


def lock_accounts(
    session: Session, keys: Collection[AccountKey]
) -> dict[AccountKey, tuple[int, int, int]]:
    """Lock the accounts that exist, in id order: (id, balance_minor, version) by key."""
    model = LedgerAccount
    rows = session.execute(
        select(
            model.kind, model.currency, model.contract_id, model.debtor_id, model.bank_id,
            model.id, model.balance_minor, model.version,
        )
        .where(or_(*(_is_account(key) for key in keys)))
        .order_by(model.id)
        .with_for_update()
    )  # fmt: skip
    return {
        AccountKey(AccountKind(row[0]), row[1], row[2], row[3], row[4]): (row[5], row[6], row[7])
        for row in rows
    }


def balance(session: Session, key: AccountKey, *, recorded_before: datetime | None = None) -> int:
    """Balance of one account in minor units, debit positive; as recorded before an instant."""
    if recorded_before is None:
        found = session.scalar(select(LedgerAccount.balance_minor).where(_is_account(key)))
        return found or 0
    total = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .where(_is_account(key), LedgerTransaction.recorded_at < recorded_before)
    )
    return int(total or 0)


def balance_by_value_date(session: Session, key: AccountKey, *, on: date) -> int:
    """Balance of one account counting entries whose value date is on or before a day."""
    total = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .where(_is_account(key), LedgerTransaction.value_date <= on)
    )
    return int(total or 0)


def movements(
    session: Session, key: AccountKey, *, from_on: date, to_on: date
) -> tuple[int, list[Movement]]:
    """Opening balance at the start of ``from_on`` and the entries booked until ``to_on``."""
    entry, tx = LedgerEntry, LedgerTransaction
    booked = (
        select(
            entry.id, tx.id, tx.kind, tx.source_kind, tx.source_id, tx.effect, tx.memo,
            tx.booked_on, tx.value_date, tx.recorded_at, tx.recorded_by, tx.reverses_id,
            entry.amount_minor, entry.receivable_id,
        )
        .join(tx, tx.id == entry.transaction_id)
        .join(LedgerAccount, LedgerAccount.id == entry.account_id)
        .where(_is_account(key), tx.booked_on.between(from_on, to_on))
        .order_by(tx.booked_on, entry.account_version)
    )  # fmt: skip
    opening = session.scalar(
        select(func.coalesce(func.sum(entry.amount_minor), 0))
        .join(tx, tx.id == entry.transaction_id)
        .join(LedgerAccount, LedgerAccount.id == entry.account_id)
        .where(_is_account(key), tx.booked_on < from_on)
    )
    lines = [
        Movement(
            entry_id=row[0], transaction_id=row[1], kind=TransactionKind(row[2]),
            source_kind=row[3], source_id=row[4], effect=row[5], memo=row[6], booked_on=row[7],
            value_date=row[8], recorded_at=row[9], recorded_by=row[10], reverses_id=row[11],
            amount_minor=row[12], receivable_id=row[13],
        )
        for row in session.execute(booked)
    ]  # fmt: skip
    return int(opening or 0), lines


def contract_movements(
    session: Session, *, contract_id: int, account: AccountKind, from_on: date, to_on: date
) -> tuple[int, list[ContractMovement]]:
    """Opening balance, then a row per transaction, over a contract's accounts of one kind."""
    found = movements_by_kind(
        session, contract_id=contract_id, accounts=[account], from_on=from_on, to_on=to_on
    )
    return found[account]


def movements_by_kind(
    session: Session, *, contract_id: int, accounts: Sequence[AccountKind], from_on: date,
    to_on: date,
) -> dict[AccountKind, tuple[int, list[ContractMovement]]]:  # fmt: skip
    """Opening balance and a row per transaction, by kind of a contract's accounts.

    The cost is that of the days since ``from_on``, however long the contract has lived.
    """
    facts = {
        "contract": contract_id, "kinds": [one.value for one in accounts], "to_on": to_on,
        "since": start_of_day(from_on),
    }  # fmt: skip
    opening = dict.fromkeys(accounts, 0)
    moves: dict[AccountKind, list[ContractMovement]] = {one: [] for one in accounts}
    for kind, minor, transaction_id, *row in session.execute(_MOVED, facts):
        account = AccountKind(kind)
        if transaction_id is None:
            opening[account] = minor
            continue
        moves[account].append(
            ContractMovement(
                transaction_id=transaction_id, kind=TransactionKind(row[0]),
                reversed_kind=TransactionKind(row[1]) if row[1] else None, source_kind=row[2],
                source_id=row[3], memo=row[4], booked_on=row[5], value_date=row[6],
                amount_minor=minor,
            )
        )  # fmt: skip
    return {one: (opening[one], moves[one]) for one in accounts}


def monthly_balances(
    session: Session, *, contract_id: int, account: AccountKind, since: date
) -> dict[date, int]:
    """The balance of a contract's accounts of one kind at the end of each month it moved in.

    From the month of ``since`` on, by the day booked; the first is the balance before that month.
    """
    first = since.replace(day=1)
    month = func.date_trunc("month", LedgerTransaction.booked_on).cast(Date)
    sums = session.execute(
        select(
            func.greatest(month, first - timedelta(days=1)).label("month"),
            func.sum(LedgerEntry.amount_minor),
        )
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.contract_id == contract_id, LedgerAccount.kind == account.value)
        .group_by("month")
        .order_by("month")
    )
    balances, balance = {}, 0
    for when, moved in sums:
        balance += int(moved)
        balances[when] = balance
    return balances


def trial_balance(session: Session) -> dict[tuple[AccountKind, str], int]:
    """Balance per kind of account and currency; sums to zero per currency (TEST E2)."""
    rows = session.execute(
        select(LedgerAccount.kind, LedgerAccount.currency, func.sum(LedgerAccount.balance_minor))
        .group_by(LedgerAccount.kind, LedgerAccount.currency)
        .order_by(LedgerAccount.kind, LedgerAccount.currency)
    )
    return {(AccountKind(kind), currency): int(total) for kind, currency, total in rows}


def trial_balance_on(session: Session, *, on: date) -> dict[tuple[AccountKind, str], int]:
    """The same as booked until the end of a day: what was booked later is taken off."""
    later = (
        select(LedgerEntry.account_id, func.sum(LedgerEntry.amount_minor).label("minor"))
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .where(LedgerTransaction.booked_on > on)
        .group_by(LedgerEntry.account_id)
        .subquery()
    )
    account = LedgerAccount
    rows = session.execute(
        select(
            account.kind, account.currency,
            func.sum(account.balance_minor) - func.coalesce(func.sum(later.c.minor), 0),
        )
        .outerjoin(later, later.c.account_id == account.id)
        .group_by(account.kind, account.currency)
        .order_by(account.kind, account.currency)
    )  # fmt: skip
    return {(AccountKind(kind), currency): int(total) for kind, currency, total in rows}


def transactions_of(session: Session, *, source_kind: str, source_id: int) -> list[int]:
    """Ids of the transactions of one source that are neither reversals nor reversed, in order."""
    reversal = aliased(LedgerTransaction)
    model = LedgerTransaction
    return list(
        session.scalars(
            select(model.id)
            .outerjoin(reversal, reversal.reverses_id == model.id)
            .where(model.source_kind == source_kind, model.source_id == source_id)
            .where(model.reverses_id.is_(None), reversal.id.is_(None))
            .order_by(model.id)
        )
    )


def transaction_to_reverse(session: Session, transaction_id: int) -> Reversible | None:
    """A transaction's posting, read back from its entries; ``None`` if it is not there."""
    reversal = aliased(LedgerTransaction)
    row = session.execute(
        select(LedgerTransaction, reversal.id)
        .outerjoin(reversal, reversal.reverses_id == LedgerTransaction.id)
        .where(LedgerTransaction.id == transaction_id)
    ).one_or_none()
    if row is None:
        return None
    head, reversed_by = row
    entry, account = LedgerEntry, LedgerAccount
    lines = session.execute(
        select(
            account.kind, account.currency, account.contract_id, account.debtor_id,
            account.bank_id, entry.amount_minor, entry.receivable_id,
        )
        .join(account, account.id == entry.account_id)
        .where(entry.transaction_id == transaction_id)
        .order_by(entry.id)
    )  # fmt: skip
    posting = Posting(
        kind=TransactionKind(head.kind), source_kind=head.source_kind, source_id=head.source_id,
        effect=head.effect, value_date=head.value_date, contract_id=head.contract_id,
        lines=tuple(
            Line(AccountKey(AccountKind(r[0]), r[1], r[2], r[3], r[4]), r[5], r[6]) for r in lines
        ),
    )  # fmt: skip
    return Reversible(posting.kind, posting, reversed_by)


def _is_account(key: AccountKey) -> ColumnElement[bool]:
    model = LedgerAccount
    return and_(
        model.kind == key.kind.value,
        model.contract_id.is_(None) if key.contract_id is None
        else model.contract_id == key.contract_id,
        model.debtor_id.is_(None) if key.debtor_id is None else model.debtor_id == key.debtor_id,
        model.bank_id.is_(None) if key.bank_id is None else model.bank_id == key.bank_id,
        model.currency == key.currency,
    )  # fmt: skip
