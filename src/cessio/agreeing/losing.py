"""What a person began while they had a right they no longer have."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import approvals
from cessio.banking import queries as bank
from cessio.funding.operations import dissolve_order

#: Why it is void.
REASON = "rights changed"


def void_what_they_began(session: Session, *, person_id: int, by: str, at: datetime) -> int:
    """End every open request of a person, and give up unsent orders they signed; how many."""
    orders = bank.unsent_signed_by(session, person_id=person_id)
    for order_id in orders:
        dissolve_order(session, order_id=order_id, reason=REASON, by=by, at=at)
    return len(orders) + approvals.void_of_maker(
        session, person_id=person_id, kinds=OF_STAFF, reason=REASON, by=by, at=at
    )


#: Requests that stand on nothing but a right of the staff. A drawdown stands on its client's.
OF_STAFF = frozenset({
    "staff_access", "delegation", "authority", "payout_limits", "matching", "own_account",
    "house_identity",
    "new_contract", "contract_terms", "new_offer", "offer_terms", "new_fee_grid", "fee_prices",
    "rate_fixing",
    "write_off", "remittance_reversal", "dunning_switch", "payout_outcome", "closed_month",
    "resume_work",
})  # fmt: skip
