"""Statements and lines added up, to be held against the books."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine, BankStatement, FactorAccount
from cessio.banking.queries.statements import accounts, waits_by_statement
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import queries as ledger


@dataclass(frozen=True, slots=True)
class StatementTotal:
    """The statements of an account added up; what of them waits to be matched."""

    account_id: int
    account_name: str
    currency: str
    count: int
    movements_minor: int
    open_minor: int


def statement_totals(session: Session, *, account_id: int | None = None) -> list[StatementTotal]:
    """All statements of each account (or of one) added up: their movements are our books."""
    waits = waits_by_statement().subquery()
    rows = session.execute(
        select(
            FactorAccount.id, FactorAccount.name, FactorAccount.currency, func.count(),
            func.sum(BankStatement.movements_minor),
            func.coalesce(func.sum(waits.c.open_minor), 0),
        )
        .join(BankStatement, BankStatement.account_id == FactorAccount.id)
        .outerjoin(waits, waits.c.statement_id == BankStatement.id)
        .where(FactorAccount.id == account_id if account_id is not None else true())
        .group_by(FactorAccount.id)
        .order_by(FactorAccount.name)
    )  # fmt: skip
    return [StatementTotal(row[0], row[1], row[2], row[3], int(row[4]), int(row[5]))
            for row in rows]  # fmt: skip


def suspense_differences(session: Session) -> list[tuple[str, int, int]]:
    """Accounts whose suspense balance is not the sum of their unapplied lines (proof)."""
    open_minor = func.coalesce(func.sum(BankLine.amount_minor - BankLine.applied_minor), 0)
    found = []
    for view in accounts(session):
        by_lines = session.scalar(select(open_minor).where(BankLine.account_id == view.account_id))
        key = AccountKey(AccountKind.SUSPENSE_CASH, view.currency, bank_id=view.account_id)
        by_books = -ledger.balance(session, key)
        if int(by_lines or 0) != by_books:
            found.append((view.name, int(by_lines or 0), by_books))
    return found
