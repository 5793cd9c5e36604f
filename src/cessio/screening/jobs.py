"""Holding against the lists what is due: after a list was loaded, names came in, and each night."""

from __future__ import annotations

from datetime import date

from cessio.plumbing.jobs import JobContext, job
from cessio.screening import queries
from cessio.screening.operations import screen_due

DUE = "screening.due"
#: Companies in one transaction: an hour's list update yields to payouts in between.
CHUNK = 1000


@job(DUE, serial=True, time_limit_seconds=3600)
def due(context: JobContext, *, on: date | None = None) -> None:
    """Every company that is due, a thousand at a time; what was done stays done."""
    total = 0
    while True:
        with context.transaction() as session:
            if not total:
                total = queries.due_count(session)
            done = screen_due(session, most=CHUNK, by=context.by, at=context.at)
            context.count(companies=done.companies, names=done.names, alerts=done.alerts)
            if not done.companies:
                context.finish(session)
                return
        context.progress(min(total, context.counted.get("companies", 0)), total)
