"""What a person began while they had a right they no longer have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import approvals
from cessio.banking import queries as bank
from cessio.funding.operations import dissolve_order
from cessio.limits import operations as limits
from cessio.receivables.operations.due_dates import withdraw_due_date

#: Why it is void.
REASON = "rights changed"


def void_what_they_began(session: Session, *, person_id: int, by: str, at: datetime) -> int:
    """End every open request of a person, and give up unsent orders they signed; how many.

    Nothing is handed over: whoever takes their place asks for what is still wanted, as theirs. A
    request of a client behind a proposed limit waits on the desk again.
    """
    orders = bank.unsent_signed_by(session, person_id=person_id)
    for order_id in orders:
        dissolve_order(session, order_id=order_id, reason=REASON, by=by, at=at)
    count = len(orders)
    for subject, end in _ENDED_WITH.items():
        mine = approvals.queries.pending(session, subject_kinds=[subject], by=person_id, limit=None)
        for asked in mine:
            end(session, asked.subject_id, by, at)
        count += len(mine)
    return count + approvals.void_of_maker(
        session, person_id=person_id, kinds=OF_STAFF, reason=REASON, by=by, at=at
    )


def _end_proposal(session: Session, proposal_id: int, by: str, at: datetime) -> None:
    limits.void_proposal(session, proposal_id=proposal_id, reason=REASON, by=by, at=at)


def _end_due_date(session: Session, change_id: int, by: str, at: datetime) -> None:
    withdraw_due_date(session, change_id=change_id, reason=REASON, by=by, at=at)


#: Requests that are more than an approval: what they are about ends with them.
_ENDED_WITH: dict[str, Callable[[Session, int, str, datetime], None]] = {
    "limit_proposal": _end_proposal,
    "due_date": _end_due_date,
}
#: Requests that stand on nothing but a right of the staff. A drawdown stands on its client's: it
#: is their money, to their account; who decides sees all of it, and another signatory may take it
#: back.
OF_STAFF = frozenset({
    "staff_access", "client_signatory", "delegation", "authority", "payout_limits", "matching",
    "own_account", "house_identity",
    "new_contract", "contract_terms", "contract_end", "new_offer", "offer_terms", "new_fee_grid",
    "fee_prices", "rate_fixing",
    "write_off", "own_means", "remittance_reversal", "dunning_switch", "payout_outcome",
    "closed_month", "resume_work",
})  # fmt: skip
