"""Invitations: somebody new chooses a first password by a link that came by mail."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio.identity import queries, rules
from cessio.identity.models import Invitation
from cessio.identity.operations.people import set_password
from cessio.identity.operations.sessions import token_hash
from cessio.kernel.errors import NotFound


def invite(session: Session, *, person_id: int, by: str, at: datetime) -> str | None:
    """A fresh token to choose a first password with; ``None`` for somebody who has one.

    It is stored nowhere: whoever asks puts it into a mail to that person's address.
    """
    if queries.person(session, person_id).has_password:
        return None
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(
            person_id=person_id, token_hash=token_hash(token), created_at=at, created_by=by,
            expires_at=at + rules.INVITATION_LIFE,
        )
    )  # fmt: skip
    session.flush()
    return token


def accept_invitation(session: Session, *, token: str, password: str, at: datetime) -> int:
    """Choose the first password; every invitation of the person is used up. Returns its id.

    Raises ``NotFound`` for an invitation that is none or no longer, ``Invalid`` for the password.
    """
    person = queries.invited(session, token_hash(token), at)
    if person is None or person.has_password:
        raise NotFound("invitation_over", "This invitation no longer works")
    set_password(session, person_id=person.id, password=password, by=f"person:{person.id}", at=at)
    session.execute(
        update(Invitation)
        .where(Invitation.person_id == person.id, Invitation.used_at.is_(None))
        .values(used_at=at)
    )
    return person.id
