"""Reading who of a client has access, and how well their doors are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.access.rules import SIGNATORY
from cessio.approvals import ApprovalView, open_for
from cessio.identity import Role
from cessio.identity.models import Person, WebSession
from cessio.identity.queries import PersonView, last_seen, people, with_factor


@dataclass(frozen=True, slots=True)
class Access:
    """One of a client's people: when last seen, from how many browsers, with a second factor."""

    person: PersonView
    seen_at: datetime | None
    browsers: int
    has_factor: bool
    asked: ApprovalView | None


def client_people(session: Session, client_id: int, *, at: datetime) -> tuple[Access, ...]:
    """Everybody of a client by name, also whose access ended."""
    found = people(session, client_id=client_id, disabled=None)
    ids = [one.id for one in found]
    seen, factors = last_seen(session, ids), with_factor(session, ids)
    browsers = dict(
        session.execute(
            select(WebSession.person_id, func.count())
            .where(WebSession.person_id.in_(ids), WebSession.ended_at.is_(None),
                   WebSession.expires_at > at)
            .group_by(WebSession.person_id)
        ).all()
    )  # fmt: skip
    return tuple(
        Access(one, seen.get(one.id), browsers.get(one.id, 0), one.id in factors,
               asked_signatory(session, one.id) if one.role is not Role.SIGNATORY else None)
        for one in found
    )  # fmt: skip


def asked_signatory(session: Session, person_id: int) -> ApprovalView | None:
    """The open request to make somebody a signatory, if there is one."""
    return open_for(session, SIGNATORY, person_id)


def locked_signatories(session: Session, client_id: int) -> tuple[int, ...]:
    """Who signs for a client now; locked, so that two do not take each other's access at once."""
    query = (
        select(Person.id)
        .where(Person.client_id == client_id, Person.role == Role.SIGNATORY.value,
               Person.disabled_at.is_(None))
        .order_by(Person.id)
        .with_for_update()
    )  # fmt: skip
    return tuple(session.scalars(query))
