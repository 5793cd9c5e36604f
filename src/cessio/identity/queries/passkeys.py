"""Reading passkeys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.identity.models import Passkey


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """One passkey, as its person calls it."""

    id: int
    name: str
    set_at: datetime
    used_at: datetime | None


def passkeys_of(session: Session, person_id: int) -> tuple[PasskeyView, ...]:
    """Those a person may sign in with, oldest first."""
    query = (
        select(Passkey.id, Passkey.name, Passkey.set_at, Passkey.used_at)
        .where(Passkey.person_id == person_id, Passkey.ended_at.is_(None))
        .order_by(Passkey.id)
    )
    return tuple(PasskeyView(*row) for row in session.execute(query))


def credential_ids(session: Session, person_id: int) -> tuple[bytes, ...]:
    """By what their authenticators know them."""
    query = (
        select(Passkey.credential_id)
        .where(Passkey.person_id == person_id, Passkey.ended_at.is_(None))
        .order_by(Passkey.id)
    )
    return tuple(session.scalars(query))


def is_known(session: Session, credential_id: bytes) -> bool:
    """Whether anybody holds such a passkey, or held it."""
    found = select(Passkey.id).where(Passkey.credential_id == credential_id)
    return session.scalar(found) is not None


def locked_passkey(session: Session, credential_id: bytes) -> Passkey | None:
    """The row of a passkey that still works, locked."""
    return session.scalars(
        select(Passkey)
        .where(Passkey.credential_id == credential_id, Passkey.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
