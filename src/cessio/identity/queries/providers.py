"""Reading whom a provider of single sign-on means."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.identity.models import ProviderAccount


def linked_person(session: Session, issuer: str, subject: str) -> int | None:
    """The person of a subject there, if it was linked."""
    return session.scalar(
        select(ProviderAccount.person_id).where(
            ProviderAccount.issuer == issuer, ProviderAccount.subject == subject
        )
    )


def is_linked(session: Session, issuer: str, person_id: int) -> bool:
    """Whether a person has a subject there already."""
    query = select(ProviderAccount.id).where(
        ProviderAccount.issuer == issuer, ProviderAccount.person_id == person_id
    )
    return session.scalar(query) is not None
