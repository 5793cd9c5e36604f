"""The house's own means as its accounts tell them: every movement with the balance after it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine, FactorAccount
from cessio.cash.models import CashApplication
from cessio.cash.rules import OwnMeans
from cessio.ledger import AccountKind
from cessio.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction

#: Where each is kept.
MEANS_ACCOUNTS = {
    OwnMeans.CAPITAL: AccountKind.OWN_CAPITAL,
    OwnMeans.REFINANCING: AccountKind.REFINANCING,
    OwnMeans.COST: AccountKind.REFINANCING_COST,
    OwnMeans.TRANSFER: AccountKind.INTERNAL_TRANSFER,
}
_MEANS = {account.value: means for means, account in MEANS_ACCOUNTS.items()}


@dataclass(frozen=True, slots=True)
class MeansMovement:
    """A movement, money in positive; ``balance_minor`` is what was had after it.

    ``reverses`` says that it takes an earlier one back, ``undone`` that one was.
    """

    entry_id: int
    means: OwnMeans
    currency: str
    value_date: date
    amount_minor: int
    balance_minor: int
    reference: str | None
    at: datetime
    by: str
    reverses: bool
    undone: bool
    application_id: int
    line_id: int
    account_name: str
    party_name: str | None


def means_balances(session: Session) -> dict[tuple[OwnMeans, str], int]:
    """What is had of each in each currency; what it cost is negative."""
    account = LedgerAccount
    rows = session.execute(
        select(account.kind, account.currency, -func.sum(account.balance_minor))
        .where(account.kind.in_(_MEANS))
        .group_by(account.kind, account.currency)
    )
    found = {(_MEANS[kind], currency): int(minor) for kind, currency, minor in rows}
    order = list(OwnMeans)
    return {key: found[key] for key in sorted(found, key=lambda key: (order.index(key[0]), key[1]))}


def means_movements(
    session: Session, *, means: Collection[OwnMeans], before_id: int | None = None, limit: int = 50
) -> list[MeansMovement]:
    """Movements, latest first (keyset by entry)."""
    account, entry, head, made = LedgerAccount, LedgerEntry, LedgerTransaction, CashApplication
    kinds = [MEANS_ACCOUNTS[one].value for one in means]
    query = (
        select(
            entry.id, account.kind, account.currency, head.value_date, -entry.amount_minor,
            -entry.balance_after_minor, head.memo, head.recorded_at, head.recorded_by,
            head.reverses_id.is_not(None), made.undone_at.is_not(None), made.id,
            made.bank_line_id, FactorAccount.name, BankLine.party_name,
        )
        .join(account, account.id == entry.account_id)
        .join(head, head.id == entry.transaction_id)
        .join(made, made.id == head.source_id)
        .join(BankLine, BankLine.id == made.bank_line_id)
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .where(account.kind.in_(kinds))
        .order_by(entry.id.desc())
        .limit(limit)
    )  # fmt: skip
    if before_id is not None:
        query = query.where(entry.id < before_id)
    return [
        MeansMovement(row[0], _MEANS[row[1]], *row[2:])  # type: ignore[call-arg]
        for row in session.execute(query)
    ]
