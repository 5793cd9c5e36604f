"""Matching, by itself, of what a bank statement brought."""

from __future__ import annotations

from cessio.cash import operations
from cessio.plumbing.jobs import JobContext, job

MATCH = "cash.match"


@job(MATCH)
def match(context: JobContext, *, statement_id: int) -> None:
    """Match the open lines of a statement; what is sure applies, the rest waits for people."""
    with context.transaction() as session:
        run = operations.match_open_lines(
            session, statement_id=statement_id, by=context.by, at=context.at
        )
        context.finish(
            session, {"lines": run.lines, "applied": run.applied, "proposed": run.proposed}
        )
