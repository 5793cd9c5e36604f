"""The mails of notifications, at once and once a day; and what is forgotten."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from cessio.notifications import operations, queries
from cessio.notifications.queries import Digest
from cessio.plumbing import mail
from cessio.plumbing.jobs import JobContext, job
from cessio.plumbing.mail import Mail

#: How a mail is said, a line told at once or the day's: the edge has the words. Set by the
#: composition root.
Writer = Callable[[Digest, bool], Mail]
_writer: Writer | None = None


def write_with(writer: Writer) -> None:
    """Choose who writes the mails; said once by each composition root."""
    global _writer
    _writer = writer


@job("notifications.mail")
def send_at_once(context: JobContext, *, notification_id: int) -> None:
    """Mail one line to who wants to hear of its kind at once."""
    with context.transaction() as session:
        found = queries.at_once(session, notification_id)
        if found is not None:
            _post(context, session, found, is_daily=False)


def _post(context: JobContext, session: Session, found: Digest, *, is_daily: bool) -> None:
    if _writer is None:
        raise RuntimeError("nobody writes the mails of notifications")
    ids = [line.id for line in found.lines]
    key = f"digest/{found.person_id}/{ids[-1]}" if is_daily else f"notification/{ids[-1]}"
    mail.post(session, _writer(found, is_daily), key=key, by=context.by, at=context.at,
              client_id=found.client_id)  # fmt: skip
    operations.note_mailed(session, person_id=found.person_id, notification_ids=ids, at=context.at)


@job("notifications.digest")
def send_digests(context: JobContext) -> None:
    """One mail to each person with lines that wait for it, then forget what is old."""
    with context.transaction() as session:
        people = queries.people_to_mail(session)
        context.count(mails=0)
    for person_id in people:
        with context.transaction() as session:
            found = queries.digest(session, person_id)
            if found is not None:
                _post(context, session, found, is_daily=True)
                context.count(mails=1)
    with context.transaction() as session:
        context.finish(session, {"forgotten": operations.forget_old(session, at=context.at)})
