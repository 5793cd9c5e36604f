"""The staff's own doors: a first password by mail, so that nobody knows a colleague's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio.access.operations.forgotten import forget_password
from cessio.access.operations.notices import STAFF_INVITATION, write_to
from cessio.identity.operations import invite
from cessio.identity.queries import person
from cessio.plumbing.mail import base_url


def welcome(session: Session, *, person_id: int, by: str, at: datetime) -> None:
    """Write to somebody of the house how to choose a password: the first one, or another."""
    who = person(session, person_id)
    token = invite(session, person_id=person_id, by=by, at=at)
    if token is None:
        forget_password(session, email=who.email, at=at)
        return
    write_to(session, STAFF_INVITATION, who, by=by, at=at, secret=frozenset({"choose"}),
             choose=f"{base_url()}/join/{token}")  # fmt: skip
