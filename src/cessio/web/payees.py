"""What a touched payout account does to payouts, alike from the back office and the portal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio.funding.operations import payee_changed
from cessio.parties import queries
from cessio.parties.queries import AccountView


def payouts_again(session: Session, account: AccountView, *, by: str, at: datetime) -> None:
    """Payouts that did not leave are approved again when the account they go to is touched."""
    client_id = queries.client_of_company(session, account.company_id)
    if account.is_payout and client_id is not None:
        payee_changed(session, client_id=client_id, by=by, at=at)
