"""What debtors owe by the week in which it falls due: no forecast, the due dates as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.receivables.models import Receivable


@dataclass(frozen=True, slots=True)
class DueWeek:
    """Open invoices falling due in a week that begins on a Monday."""

    starts_on: date
    currency: str
    count: int
    open_minor: int


def due_weeks(session: Session, *, on: date, weeks: int = 6) -> list[DueWeek]:
    """Open amounts falling due from today on, by week and currency."""
    until = on - timedelta(days=on.weekday()) + timedelta(weeks=weeks)
    week = func.date_trunc("week", Receivable.due_date)
    rows = session.execute(
        select(week, Contract.currency, func.count(), func.sum(Receivable.open_minor))
        .join(Contract, Contract.id == Receivable.contract_id)
        .where(Receivable.due_date >= on, Receivable.due_date < until)
        .where(Receivable.closed_on.is_(None), Receivable.open_minor > 0)
        .group_by(week, Contract.currency)
        .order_by(week, Contract.currency)
    )
    return [DueWeek(row[0].date(), row[1], row[2], int(row[3])) for row in rows]
