"""Reading what people were told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from cessio.identity import Audience
from cessio.identity.models import Person
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.notifications.models import NotificationChoice, NotificationRow
from cessio.notifications.rules import COUNTED, Channel, channel_of


@dataclass(frozen=True, slots=True)
class Notification:
    """One line under the bell; ``code`` and ``params`` make its sentence."""

    id: int
    code: str
    params: Mapping[str, Any]
    href: str
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listening:
    """How one person hears of one kind, and in which application they work."""

    person_id: int
    is_client: bool
    channel: Channel


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person's daily mail says, oldest first."""

    person_id: int
    name: str
    email: str
    language: str
    client_id: int | None
    lines: tuple[Notification, ...]


def unread_count(session: Session, person_id: int) -> int:
    """How many lines wait unread, counted to ``COUNTED`` in an index and no further."""
    unread = (
        select(NotificationRow.id)
        .where(NotificationRow.person_id == person_id, NotificationRow.read_at.is_(None))
        .limit(COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(unread)) or 0


def notifications(
    session: Session,
    page: PageRequest,
    *,
    person_id: int,
    kind: str | None = None,
    unread: bool | None = None,
) -> Page[Notification]:
    """What a person was told, latest first."""
    query = select(NotificationRow).where(NotificationRow.person_id == person_id)
    if kind is not None:
        query = query.where(NotificationRow.kind == kind)
    if unread is not None:
        query = query.where(NotificationRow.read_at.is_(None) == unread)
    if page.key is not None:
        beyond = tuple_(NotificationRow.id)
        query = query.where(beyond > page.key if page.backwards else beyond < page.key)
    order = NotificationRow.id.asc() if page.backwards else NotificationRow.id.desc()
    rows = [_view(row) for row in session.scalars(query.order_by(order).limit(page.fetch))]
    return page_of(rows, page, lambda row: (row.id,))


def notification(session: Session, notification_id: int, *, person_id: int) -> Notification:
    """One line of one person's. Raises ``NotFound``, also for somebody else's."""
    row = session.scalar(
        select(NotificationRow).where(
            NotificationRow.id == notification_id, NotificationRow.person_id == person_id
        )
    )
    if row is None:
        raise NotFound("notification_not_found", "There is no such notification")
    return _view(row)


def choices(session: Session, person_id: int) -> dict[str, Channel]:
    """What a person chose, by kind; an absent kind comes as ``channel_of`` says."""
    query = select(NotificationChoice.kind, NotificationChoice.channel).where(
        NotificationChoice.person_id == person_id
    )
    return {kind: channel_of(kind, channel) for kind, channel in session.execute(query)}


def channels(session: Session, person_ids: Collection[int], kind: str) -> tuple[Listening, ...]:
    """How each of these people hears of a kind; who may no longer sign in is left out."""
    query = (
        select(Person.id, Person.audience, NotificationChoice.channel)
        .outerjoin(
            NotificationChoice,
            (NotificationChoice.person_id == Person.id) & (NotificationChoice.kind == kind),
        )
        .where(Person.id.in_(person_ids), Person.disabled_at.is_(None))
        .order_by(Person.id)
    )
    return tuple(
        Listening(each, audience == Audience.CLIENT.value, channel_of(kind, chosen))
        for each, audience, chosen in session.execute(query)
    )


def is_staff(session: Session, person_id: int) -> bool:
    """Whether a person works at the factor."""
    audience = session.scalar(select(Person.audience).where(Person.id == person_id))
    return audience == Audience.STAFF.value


def people_to_mail(session: Session) -> tuple[int, ...]:
    """Who has lines that no daily mail held yet."""
    query = (
        select(NotificationRow.person_id)
        .where(NotificationRow.in_digest, NotificationRow.mailed_at.is_(None))
        .distinct()
        .order_by(NotificationRow.person_id)
    )
    return tuple(session.scalars(query))


def digest(session: Session, person_id: int, *, most: int = 200) -> Digest | None:
    """The daily mail of a person, locked until it is noted as sent; none if there is nothing."""
    row = NotificationRow
    return _to_mail(session, (row.person_id == person_id, row.in_digest.is_(True)), most)


def at_once(session: Session, notification_id: int) -> Digest | None:
    """One line to be mailed to its person, locked until it is noted as sent; none if it was."""
    return _to_mail(session, (NotificationRow.id == notification_id,), 1)


def _to_mail(session: Session, which: Sequence[ColumnElement[bool]], most: int) -> Digest | None:
    """Lines of one person that no mail held yet."""
    rows = session.scalars(
        select(NotificationRow)
        .where(*which, NotificationRow.mailed_at.is_(None))
        .order_by(NotificationRow.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    who = session.execute(
        select(Person.id, Person.name, Person.email, Person.language, Person.client_id).where(
            Person.id.in_({row.person_id for row in rows}), Person.disabled_at.is_(None)
        )
    ).one_or_none()
    return None if who is None else Digest(*who, tuple(_view(row) for row in rows))


def _view(row: NotificationRow) -> Notification:
    return Notification(row.id, row.kind, row.params, row.href, row.at, row.read_at)
