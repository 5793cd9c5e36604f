"""A book put back from an older copy: whatever could have been paid since is unknown.

An order that had not left is given up here, for its file may be with the bank; its payouts, and
those that waited for an order this book never knew, are *ordered* until the bank or two people say
what became of them. Said not to have left, they wait again as they did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import approvals, audit, banking
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.funding.models import Drawdown
from cessio.funding.operations import drawdowns, seconding
from cessio.funding.rules import DrawdownStateName as State
from cessio.kernel.errors import Invalid
from cessio.plumbing import restored


@dataclass(frozen=True, slots=True)
class Marked:
    """What is unknown from now on."""

    restoration_id: int
    orders: int
    payouts: int


def mark_restored(
    session: Session, *, as_of: datetime, reason: str, by: str, at: datetime
) -> Marked:
    """Hold the book and make unknown what may have left since ``as_of``.

    Numbers go on far above those given: no reference the bank saw is given to anything else.
    Raises ``Invalid``, ``Conflict`` when this was done.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "say why the book was restored", field="reason")
    if as_of > at:
        raise Invalid("as_of_ahead", "{as_of} is still to come", field="as_of", as_of=as_of)
    number = restored.hold(session, as_of=as_of, reason=reason.strip(), by=by, at=at)
    restored.leap(session)
    orders = bank.unsent_orders(session, queries.ordered_ids(session))
    for order_id in orders:
        banking.give_up_order(session, order_id=order_id, reason=reason.strip(), by=by, at=at)
    waiting = queries.waiting_for_update(session)
    for drawdown in waiting:
        approvals.void_open(session, subject_kind="drawdown", subject_id=drawdown.id,
                            reason="the book was restored", by=by, at=at)  # fmt: skip
        drawdowns.enter(session, drawdown, State.ORDERED, by=by, at=at, reason=reason.strip())
    lost = len(waiting) + queries.payouts_in(session, orders)
    restored.mark(session, number, payouts=lost, by=by, at=at)
    audit.record(
        session, verb="restored_book", subject_kind="restoration", subject_id=number,
        after={"as_of": as_of.isoformat(), "orders": len(orders), "payouts": lost},
        why=reason.strip(), by=by, at=at,
    )  # fmt: skip
    return Marked(number, len(orders), lost)


def did_not_leave(
    session: Session, drawdown: Drawdown, *, note: str, by: str, at: datetime
) -> State:
    """A payout of a restored book did not leave: it waits again, as it did before."""
    life = queries.states_of(session, drawdown_id=drawdown.id)
    asks = not any(one.state is State.GRANTED for one in life)
    drawdown.order_id = None
    back = State.REQUESTED if asks else State.GRANTED
    drawdowns.enter(session, drawdown, back, by=by, at=at, reason=note)
    if asks:
        seconding.ask(session, drawdown_id=drawdown.id, by=by, at=at)
    return back
