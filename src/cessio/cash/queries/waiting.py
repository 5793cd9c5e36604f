"""The money that came in and has no receivable yet, by currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine, FactorAccount, WaitingLine
from cessio.cash.models import ParkedLine


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many lines wait, what of them waits by currency, and the day of the oldest."""

    count: int
    sums: dict[str, int]
    oldest: date | None


def unallocated(session: Session) -> Waiting:
    """The money no receivable has yet, set aside or not."""
    return _waiting(session, parked=False)


def set_aside(session: Session) -> Waiting:
    """The part of it that waits in the hands of an owner."""
    return _waiting(session, parked=True)


def _waiting(session: Session, *, parked: bool) -> Waiting:
    query = (
        select(
            FactorAccount.currency, func.count(),
            func.sum(BankLine.amount_minor - BankLine.applied_minor), func.min(BankLine.booked_on),
        )
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .where(BankLine.id.in_(select(WaitingLine.bank_line_id)), BankLine.amount_minor > 0)
        .group_by(FactorAccount.currency)
        .order_by(FactorAccount.currency)
    )  # fmt: skip
    if parked:
        query = query.where(
            exists().where(ParkedLine.bank_line_id == BankLine.id, ParkedLine.ended_at.is_(None))
        )
    rows = session.execute(query).all()
    return Waiting(
        sum(row[1] for row in rows), {row[0]: int(row[2]) for row in rows},
        min((row[3] for row in rows), default=None),
    )  # fmt: skip
