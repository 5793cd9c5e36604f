"""Looking for signs: in a remittance once it is checked or assigned, in the book every night."""

from __future__ import annotations

from datetime import date

from cessio.plumbing.jobs import JobContext, job
from cessio.vigilance import operations

REMITTANCE = "vigilance.remittance"
DAY = "vigilance.day"


@job(REMITTANCE)
def remittance(context: JobContext, *, remittance_id: int) -> None:
    """Signs in the documents of one remittance; running again only refreshes them."""
    with context.transaction() as session:
        found = operations.scan_remittance(
            session, remittance_id=remittance_id, by=context.by, at=context.at
        )
        context.finish(session, {"remittance_id": remittance_id, "signals": found})


@job(DAY, serial=True, time_limit_seconds=3600)
def day(context: JobContext, *, on: date) -> None:
    """Signs in how clients, debtors and payers behave; running again only refreshes them."""
    with context.transaction() as session:
        found = operations.scan_book(session, on=on, by=context.by, at=context.at)
        context.finish(session, {"signals": found})
