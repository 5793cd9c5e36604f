"""Reading the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from cessio.audit import rules
from cessio.audit.models import AuditEvent
from cessio.audit.rules import Change


@dataclass(frozen=True, slots=True)
class Event:
    """One act, with what it changed field by field."""

    id: int
    at: datetime
    by: str
    verb: str
    subject_kind: str
    subject_id: int
    client_id: int | None
    why: str | None
    changes: tuple[Change, ...]


def history(
    session: Session,
    subject_kind: str,
    subject_id: int,
    *,
    client_id: int | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> tuple[Event, ...]:
    """The acts on one thing, latest first; ``before_id`` (the last id seen) gives the next page.

    ``client_id`` keeps to the events of one client: give it for every reader of the portal.
    """
    query = _page(before_id, limit).where(
        AuditEvent.subject_kind == subject_kind, AuditEvent.subject_id == subject_id
    )
    if client_id is not None:
        query = query.where(AuditEvent.client_id == client_id)
    return _events(session, query)


def journal(
    session: Session,
    *,
    by: str | None = None,
    verb: str | None = None,
    subject_kind: str | None = None,
    client_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    beyond_id: int | None = None,
    limit: int = 100,
    upwards: bool = False,
) -> tuple[Event, ...]:
    """The whole trail, latest first, filtered; ``since`` is included, ``until`` is not.

    ``beyond_id`` (the last id seen) gives the next page; ``upwards`` begins with the oldest.
    """
    query = _page(beyond_id, limit, upwards=upwards)
    wanted = {
        AuditEvent.by: by,
        AuditEvent.verb: verb,
        AuditEvent.subject_kind: subject_kind,
        AuditEvent.client_id: client_id,
    }
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    if since is not None:
        query = query.where(AuditEvent.at >= since)
    if until is not None:
        query = query.where(AuditEvent.at < until)
    return _events(session, query)


def _page(beyond_id: int | None, limit: int, *, upwards: bool = False) -> Select[AuditEvent]:
    order = AuditEvent.id.asc() if upwards else AuditEvent.id.desc()
    query = select(AuditEvent).order_by(order).limit(limit)
    if beyond_id is None:
        return query
    return query.where(AuditEvent.id > beyond_id if upwards else AuditEvent.id < beyond_id)


def _events(session: Session, query: Select[AuditEvent]) -> tuple[Event, ...]:
    return tuple(
        Event(
            id=row.id,
            at=row.at,
            by=row.by,
            verb=row.verb,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            client_id=row.client_id,
            why=row.why,
            changes=rules.changes(row.before, row.after),
        )
        for row in session.scalars(query)
    )
