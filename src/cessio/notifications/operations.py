"""Telling people, and what they do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio import audit, identity
from cessio.notifications import queries, rules
from cessio.notifications.models import NotificationChoice, NotificationRow
from cessio.notifications.rules import Channel
from cessio.plumbing.jobs import Ended, enqueue


def notify(
    session: Session,
    *,
    person_ids: Iterable[int | None],
    kind: str,
    values: Mapping[str, Any],
    href: str,
    client_href: str | None = None,
    at: datetime,
    key: str,
) -> int:
    """Put a line under the bell of each person who wants it, once per ``key``; returns how many.

    ``values`` fill the sentence of the kind (``web/words``): Money, dates, texts, ``*_minor`` with
    ``currency``. ``href`` is the page of the thing, ``client_href`` the portal's, for a client's
    user; a page of the other application is shown to nobody. ``None`` among the people is nobody.
    """
    wanted = {each for each in person_ids if each is not None}
    if not wanted:
        return 0
    channels = queries.channels(session, wanted, kind)
    shared = {"kind": kind, "params": audit.json_safe(values), "key": key, "at": at}
    rows = [
        {**shared, "person_id": one.person_id, "href": page,
         "in_digest": one.channel is Channel.DIGEST}
        for one in channels
        if one.channel is not Channel.NONE
        and (page := rules.page_for(one.is_client, href, client_href)) is not None
    ]  # fmt: skip
    if not rows:
        return 0
    told = session.execute(
        insert(NotificationRow)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["person_id", "key"])
        .returning(NotificationRow.id, NotificationRow.person_id)
    ).all()
    by_mail = {one.person_id for one in channels if one.channel is Channel.MAIL}
    for notification_id, person_id in told:
        if person_id in by_mail:
            enqueue(session, kind="notifications.mail", key=str(notification_id),
                    payload={"notification_id": notification_id}, by="system:notifications",
                    at=at)  # fmt: skip
    return len(told)


def mark_read(
    session: Session, *, person_id: int, notification_ids: Iterable[int], at: datetime
) -> int:
    """Note that a person read some lines; returns how many were unread. Others' are left alone."""
    return _read(session, person_id, at, NotificationRow.id.in_(list(notification_ids)))


def mark_all_read(session: Session, *, person_id: int, at: datetime) -> int:
    """Note that a person read everything told up to ``at``."""
    return _read(session, person_id, at, NotificationRow.at <= at)


def mark_unread(session: Session, *, person_id: int, notification_ids: Iterable[int]) -> None:
    """Put lines back under the bell, to come back to."""
    session.execute(
        update(NotificationRow)
        .where(
            NotificationRow.person_id == person_id,
            NotificationRow.id.in_(list(notification_ids)),
        )
        .values(read_at=None)
        .execution_options(synchronize_session=False)
    )


def _read(session: Session, person_id: int, at: datetime, which: Any) -> int:
    done = session.scalars(
        update(NotificationRow)
        .where(NotificationRow.person_id == person_id, NotificationRow.read_at.is_(None), which)
        .values(read_at=at)
        .returning(NotificationRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def choose(
    session: Session, *, person_id: int, channels: Mapping[str, Channel], at: datetime
) -> None:
    """Keep how a person wants to hear of each of these kinds."""
    if not channels:
        return
    rows = [
        {"person_id": person_id, "kind": kind, "channel": channel.value, "chosen_at": at}
        for kind, channel in channels.items()
    ]
    fresh = insert(NotificationChoice).values(rows)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=["person_id", "kind"],
            set_={"channel": fresh.excluded.channel, "chosen_at": fresh.excluded.chosen_at},
        )
    )


def stop_mails(session: Session, *, person_id: int, kind: str | None, at: datetime) -> None:
    """Leave a kind under the bell alone, or, for none, each that comes in the daily mail.

    What is always told is left as it is.
    """
    chosen = queries.choices(session, person_id)
    stopped = [kind] if kind is not None else [
        one for one, channel in chosen.items() if channel is Channel.DIGEST
    ]  # fmt: skip
    choose(
        session, person_id=person_id, at=at,
        channels={one: Channel.BELL for one in stopped if one not in rules.ALWAYS_TOLD},
    )  # fmt: skip


def note_mailed(
    session: Session, *, person_id: int, notification_ids: Iterable[int], at: datetime
) -> None:
    """Note that a daily mail holds these lines."""
    session.execute(
        update(NotificationRow)
        .where(
            NotificationRow.person_id == person_id,
            NotificationRow.id.in_(list(notification_ids)),
        )
        .values(mailed_at=at)
        .execution_options(synchronize_session=False)
    )


def forget_old(session: Session, *, at: datetime) -> int:
    """Remove what was read long ago, and what nobody read for half a year; returns how many."""
    gone = session.scalars(
        delete(NotificationRow)
        .where(
            or_(
                NotificationRow.read_at < at - rules.READ_KEPT,
                NotificationRow.at < at - rules.UNREAD_KEPT,
            )
        )
        .returning(NotificationRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def tell_end_of_job(session: Session, ended: Ended, *, at: datetime) -> None:
    """Tell the member of staff who asked for a job that it ended, in the job's own transaction."""
    if not rules.worth_telling(ended.kind, ended.created_by, ended.created_at, at, done=ended.done):
        return
    owner = identity.person_behind(session, ended.created_by)
    if owner is None or not queries.is_staff(session, owner):
        return
    notify(
        session, person_ids=[owner], kind="job_done" if ended.done else "job_failed",
        values={"job": ended.kind}, href=f"/backoffice/jobs/{ended.job_id}", at=at,
        key=f"job/{ended.job_id}/{ended.attempt}/{at.isoformat()}",
    )  # fmt: skip
