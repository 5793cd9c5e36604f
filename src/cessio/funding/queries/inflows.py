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

    @property
    def ends_on(self) -> date:
        """Its Sunday."""
        return self.starts_on + timedelta(days=6)


def due_weeks(session: Session, *, on: date, weeks: int = 6) -> list[DueWeek]:
    """Open amounts falling due from today on, by week and currency.

    Summed by day, so that everything is read from an index (``ix_receivable_due``).
    """
    until = _monday(on) + timedelta(weeks=weeks)
    rows = session.execute(
        select(Receivable.due_date, Contract.currency, func.count(),
               func.sum(Receivable.open_minor))
        .join(Contract, Contract.id == Receivable.contract_id)
        .where(Receivable.due_date >= on, Receivable.due_date < until)
        .where(Receivable.closed_on.is_(None), Receivable.open_minor > 0)
        .group_by(Receivable.due_date, Contract.currency)
    )  # fmt: skip
    found: dict[tuple[date, str], tuple[int, int]] = {}
    for due_on, currency, count, minor in rows:
        key = (_monday(due_on), currency)
        before = found.get(key, (0, 0))
        found[key] = (before[0] + count, before[1] + int(minor))
    return [DueWeek(*key, *sums) for key, sums in sorted(found.items())]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
