"""Reading the links by which a forgotten password is chosen anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.identity.models import PasswordReset, Person
from cessio.identity.queries.people import person
from cessio.identity.queries.views import PersonView


def person_of(session: Session, token_hash: bytes, at: datetime) -> PersonView | None:
    """Whose password a link chooses, if it still does."""
    found = session.scalar(
        select(Person.id)
        .join(PasswordReset, PasswordReset.person_id == Person.id)
        .where(
            PasswordReset.token_hash == token_hash, PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > at, Person.disabled_at.is_(None),
        )
    )  # fmt: skip
    return None if found is None else person(session, found)


def lately(session: Session, person_id: int, *, since: datetime) -> int:
    """How many links somebody was sent since an instant."""
    query = select(func.count()).where(
        PasswordReset.person_id == person_id, PasswordReset.asked_at > since,
        PasswordReset.token_hash.is_not(None),
    )  # fmt: skip
    return session.scalar(query) or 0
