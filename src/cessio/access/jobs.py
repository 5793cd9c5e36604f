"""What access does by itself: the mail that a forgotten password is answered with."""

from __future__ import annotations

from cessio.access.operations.forgotten import send_reset
from cessio.plumbing.jobs import JobContext, job


@job("access.reset")
def answer_reset(context: JobContext, *, reset_id: int) -> None:
    """Mail a link, if the address is somebody's."""
    with context.transaction() as session:
        sent = send_reset(session, reset_id=reset_id, by=context.by, at=context.at)
        context.finish(session, {"mails": int(sent)})
