"""When a client's account changes, what did not leave is decided again, on the account of now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import approvals
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.funding.operations import drawdowns, run, seconding
from cessio.funding.rules import DrawdownStateName

State = DrawdownStateName


def payee_changed(session: Session, *, client_id: int, by: str, at: datetime) -> int:
    """Return a client's payouts that did not leave to approval; how many.

    Whoever changed the account is who asks: another person approves each payout again, seeing
    where it goes now. Orders that hold one are given up. Without a confirmed account a payout
    keeps the one it was granted for, which holds it.
    """
    waiting = queries.unreleased_for_update(session, client_id=client_id)
    sealed = {one.order_id for one in waiting if one.order_id is not None}
    for order_id in bank.unsent_orders(session, sealed):
        run.dissolve_order(session, order_id=order_id, reason="payee changed", by=by, at=at)
    payee = queries.payee_of(session, client_id=client_id)
    for drawdown in waiting:
        if payee is not None:
            drawdown.iban, drawdown.bic = payee.iban, payee.bic
            drawdown.creditor_name = payee.holder
        approvals.void_open(
            session, subject_kind="drawdown", subject_id=drawdown.id, reason="payee changed",
            by=by, at=at,
        )  # fmt: skip
        drawdowns.enter(session, drawdown, State.REQUESTED, by=by, at=at, reason="payee changed")
        seconding.ask(session, drawdown_id=drawdown.id, by=by, at=at)
    return len(waiting)
