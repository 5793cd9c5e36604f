"""After a day's close: the reports that banks are due, each in a transaction of its own."""

from __future__ import annotations

from datetime import date

from cessio.plumbing.jobs import JobContext, job
from cessio.reporting import operations

DAY = "reporting.day"


@job(DAY, serial=True)
def plan(context: JobContext, *, on: date) -> None:
    """Ask for every report that is due by a closed day; safe to run twice."""
    with context.transaction() as session:
        asked = operations.plan_reports(session, on=on, by=context.by, at=context.at)
        context.count(reports=asked)
        context.finish(session)


@job(operations.REPORT)
def send(context: JobContext, *, recipient_id: int, as_of: date) -> None:
    """Issue one bank's report of a day into its folder; safe to run twice."""
    with context.transaction() as session:
        sent = operations.send_report(
            session, recipient_id=recipient_id, as_of=as_of, by=context.by, at=context.at
        )
        context.count(files=sent)
        context.finish(session)
