"""What reached a client's bank account lately."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.funding.models import Drawdown, DrawdownState
from cessio.funding.rules import DrawdownStateName
from cessio.kernel.calendar import business_date, start_of_day


@dataclass(frozen=True, slots=True)
class PaidOut:
    """Payouts of a period: how many, and their sum."""

    count: int
    amount_minor: int


def paid_days(session: Session, drawdown_ids: Collection[int]) -> dict[int, date]:
    """When the bank paid drawdowns, of those it paid."""
    model = DrawdownState
    rows = session.execute(
        select(model.drawdown_id, func.min(model.at))
        .where(model.drawdown_id.in_(drawdown_ids), model.state == DrawdownStateName.PAID.value)
        .group_by(model.drawdown_id)
    )
    return {drawdown_id: business_date(at) for drawdown_id, at in rows}


def paid_out(session: Session, *, contract_id: int, since: date) -> PaidOut:
    """Drawdowns that the bank paid since a day; those it sent back afterwards are left out."""
    state = DrawdownState
    paid = (
        select(func.min(state.at))
        .where(state.drawdown_id == Drawdown.id, state.state == DrawdownStateName.PAID.value)
        .scalar_subquery()
    )
    count, total = session.execute(
        select(func.count(), func.coalesce(func.sum(Drawdown.amount_minor), 0)).where(
            Drawdown.contract_id == contract_id,
            Drawdown.state == DrawdownStateName.PAID.value,
            paid >= start_of_day(since),
        )
    ).one()
    return PaidOut(count, int(total))
