"""The daily mail, and what is forgotten."""

from __future__ import annotations

from collections.abc import Callable

from cessio.notifications import operations, queries
from cessio.notifications.queries import Digest
from cessio.plumbing import mail
from cessio.plumbing.jobs import JobContext, job
from cessio.plumbing.mail import Mail

#: How a digest is said: the edge has the words. Set by the composition root.
Writer = Callable[[Digest], Mail]
_writer: Writer | None = None


def write_with(writer: Writer) -> None:
    """Choose who writes the daily mail; said once by each composition root."""
    global _writer
    _writer = writer


@job("notifications.digest")
def send_digests(context: JobContext) -> dict[str, int]:
    """One mail to each person with lines that wait for it, then forget what is old."""
    if _writer is None:
        raise RuntimeError("nobody writes the daily mail")
    with context.transaction() as session:
        people = queries.people_to_mail(session)
    sent = 0
    for person_id in people:
        with context.transaction() as session:
            found = queries.digest(session, person_id)
            if found is None:
                continue
            ids = [line.id for line in found.lines]
            mail.post(
                session, _writer(found), key=f"digest/{person_id}/{ids[-1]}", by=context.by,
                at=context.at, client_id=found.client_id,
            )  # fmt: skip
            operations.note_mailed(
                session, person_id=person_id, notification_ids=ids, at=context.at
            )
            sent += 1
    with context.transaction() as session:
        forgotten = operations.forget_old(session, at=context.at)
    return {"mails": sent, "forgotten": forgotten}
