"""Whoever reads a client's statements hears that the month's is ready."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio.identity import Permission
from cessio.identity.queries import users_who_may
from cessio.kernel.calendar import month_start
from cessio.notifications import notify
from cessio.settlement.operations.fees import Done
from cessio.settlement.queries.daily import running_contracts


def tell_statements(session: Session, *, on: date, at: datetime) -> Done:
    """Tell of each contract's month that ends on a day; what it costs is charged by then."""
    first, touched = month_start(on), 0
    for contract_id, reference, client_id in running_contracts(session, first, on):
        days = f"from={first.isoformat()}&to={on.isoformat()}"
        touched += notify(
            session,
            person_ids=users_who_may(session, client_id=client_id, permission=Permission.OWN_SEE),
            kind="statement_ready", values={"contract": reference, "until_on": on},
            href=f"/portal/statements?contract={contract_id}&{days}", at=at,
            key=f"statement/{contract_id}/{on.isoformat()}",
        ) > 0  # fmt: skip
    return touched, Counter()
