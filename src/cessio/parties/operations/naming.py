"""Telling those above that a company has a name, or a person or an account, it had not before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio.plumbing import outbox


def tell_named(session: Session, company_id: int, *, by: str, at: datetime) -> None:
    """Names came in: whoever screens them may do so now."""
    outbox.publish(session, "party.named", {"company_id": company_id, "at": at.isoformat()},
                   by=by, at=at)  # fmt: skip
