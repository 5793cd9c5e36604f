"""What two people of the demonstration do together."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from cessio import agreeing, approvals
from cessio.agreeing import Deed

#: How long a colleague takes to look.
LOOK = timedelta(minutes=20)


def agreed(session: Session, deed: Deed, *, by: str, second: str, at: datetime) -> int:
    """Ask and agree; the id of what the deed adds, zero where it adds nothing."""
    approval_id = agreeing.ask(session, deed=deed, by=by, at=at)
    seen = approvals.approval(session, approval_id).subject_hash
    made = agreeing.agree(session, approval_id=approval_id, seen=seen, by=second, at=at + LOOK)
    return made or 0
