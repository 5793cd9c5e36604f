"""The end of a day, by itself: settle it, then close it once it is over."""

from __future__ import annotations

from datetime import date, timedelta

from cessio.closing import operations
from cessio.plumbing.jobs import JobContext, job

DAY_END = "closing.day_end"


@job(DAY_END, serial=True, time_limit_seconds=3600)
def day_end(context: JobContext, *, on: date) -> None:
    """Settle every day up to the one before ``on`` and close it; safe to run twice."""
    day = on - timedelta(days=1)
    with context.transaction() as session:
        settled = operations.settle_until(session, on=day, by=context.by, at=context.at)
        closed = operations.close_day(session, on=day, by=context.by, at=context.at)
        result = {"settled": len(settled), "closed": closed.on.isoformat()}
        context.finish(session, result)
