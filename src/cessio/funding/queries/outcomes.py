"""What became of the payouts of payment orders: paid, given back, or not answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.funding.models import Drawdown
from cessio.funding.rules import DrawdownStateName


@dataclass(frozen=True, slots=True)
class Outcome:
    """An order's payouts by what the bank said; what it did not answer is unknown."""

    paid_count: int = 0
    paid_minor: int = 0
    back_count: int = 0
    back_minor: int = 0
    unknown_count: int = 0
    unknown_minor: int = 0

    @property
    def total_minor(self) -> int:
        """Equal to the sealed total of the order: nothing is lost on the way."""
        return self.paid_minor + self.back_minor + self.unknown_minor


def order_outcomes(session: Session, order_ids: Collection[int]) -> dict[int, Outcome]:
    """The outcome of each order, in one statement."""
    rows = session.execute(
        select(Drawdown.order_id, Drawdown.state, func.count(), func.sum(Drawdown.amount_minor))
        .where(Drawdown.order_id.in_(order_ids))
        .group_by(Drawdown.order_id, Drawdown.state)
    )
    counted: dict[int, dict[str, tuple[int, int]]] = {}
    for order_id, state, count, minor in rows:
        counted.setdefault(order_id or 0, {})[state] = (count, int(minor))
    return {order_id: _outcome(counted.get(order_id, {})) for order_id in order_ids}


def _outcome(by_state: dict[str, tuple[int, int]]) -> Outcome:
    none = (0, 0)
    paid = by_state.get(DrawdownStateName.PAID, none)
    unknown = by_state.get(DrawdownStateName.ORDERED, none)
    known = (DrawdownStateName.PAID, DrawdownStateName.ORDERED)
    back = [value for state, value in by_state.items() if state not in known]
    return Outcome(*paid, sum(one[0] for one in back), sum(one[1] for one in back), *unknown)
