"""Who hears what became of a payout: whoever may draw for the client."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio.funding.models import Drawdown
from cessio.funding.rules import DrawdownStateName
from cessio.identity import Permission
from cessio.identity.queries import users_who_may
from cessio.notifications import notify

_KINDS = {
    DrawdownStateName.PAID: "drawdown_paid", DrawdownStateName.REJECTED: "drawdown_rejected",
}  # fmt: skip


def tell_payout(
    session: Session, drawdown: Drawdown, state: DrawdownStateName, *, client_id: int, at: datetime
) -> None:
    """The client's people hear that it was paid, or sent back by the bank; of no other state."""
    if state not in _KINDS:
        return
    notify(
        session, kind=_KINDS[state],
        person_ids=users_who_may(session, client_id=client_id, permission=Permission.OWN_DRAW),
        values={"amount_minor": drawdown.amount_minor, "currency": drawdown.currency,
                "reference": drawdown.end_to_end_id},
        href=f"/portal/funding/{drawdown.id}", at=at,
        key=f"drawdown/{drawdown.id}/{state.value}/{at.isoformat()}",
    )  # fmt: skip
