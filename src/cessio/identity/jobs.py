"""What identity does by itself: once a day, forget what is no longer needed."""

from __future__ import annotations

from cessio.identity.operations import (
    forget_access_tokens,
    forget_challenges,
    forget_guesses,
    forget_old,
)
from cessio.plumbing.jobs import JobContext, job


@job("identity.forget")
def forget(context: JobContext) -> None:
    """Remove old sessions and sign-in attempts."""
    with context.transaction() as session:
        done = forget_old(session, at=context.at)
        forget_guesses(session, at=context.at)
        forget_access_tokens(session, at=context.at)
        forget_challenges(session, at=context.at)
        context.finish(session, {"sessions": done.sessions, "attempts": done.attempts})
