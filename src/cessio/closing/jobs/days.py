"""The end of a day, by itself: settle it, then close it once it is over."""

from __future__ import annotations

from datetime import date, timedelta

from cessio.closing import operations
from cessio.closing.bulk import PROOFS, prove
from cessio.funding import queries as funding
from cessio.funding.operations import back_fill as keep
from cessio.kernel.calendar import month_end
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import JobContext, enqueue, job
from cessio.statements import issue_invoices

DAY_END = "closing.day_end"
VERIFY = "closing.verify"
BACK_FILL = "closing.back_fill"


@job(DAY_END, serial=True, time_limit_seconds=3600)
def day_end(context: JobContext, *, on: date) -> None:
    """Settle every day up to the one before ``on`` and close it; safe to run twice.

    A month that ends with it is invoiced.

    In two transactions: settling holds clients' accounts, closing waits for all who write.
    """
    day = on - timedelta(days=1)
    with context.transaction() as session:
        settled = operations.settle_until(session, on=day, by=context.by, at=context.at)
    with context.transaction() as session:
        closed = operations.close_day(session, on=day, by=context.by, at=context.at)
        invoiced: tuple[str, ...] = ()
        if day == month_end(day):
            invoiced = issue_invoices(session, month=day, by=context.by, at=context.at)
        if funding.missing_days(session, last=day):
            enqueue(session, kind=BACK_FILL, key=day.isoformat(), payload={"last": day},
                    by=context.by, at=context.at)  # fmt: skip
        result = {
            "settled": len(settled), "closed": closed.on.isoformat(), "invoices": len(invoiced)
        }  # fmt: skip
        context.finish(session, result)


@job(BACK_FILL, serial=True, time_limit_seconds=14_400)
def back_fill(context: JobContext, *, last: date) -> None:
    """Keep the figures of past days that nobody kept, latest first, a transaction each."""
    with transaction(context.engine) as session:
        days = funding.missing_days(session, last=last)
    context.progress(0, len(days))
    for done, day in enumerate(days, start=1):
        with context.transaction() as session:
            keep(session, on=day, at=context.at)
            context.count(days=1)
        context.progress(done, len(days), note=day.isoformat())
    with context.transaction() as session:
        context.count(days=0)
        context.finish(session)


@job(VERIFY, serial=True, max_attempts=2, time_limit_seconds=7200, while_held=True)
def verify(context: JobContext) -> None:
    """Prove the whole book; its result names each proof with the first wrong row of each rule."""
    snapshot = context.engine.execution_options(isolation_level="REPEATABLE READ")
    told: list[dict[str, object]] = []
    context.progress(0, len(PROOFS))
    with transaction(snapshot) as session:
        for proof in prove(session):
            found = [
                {"rule": one.rule, "subject": one.subject, "detail": one.detail}
                for one in proof.findings
            ]
            told.append({"name": proof.name, "findings": found})
            context.progress(len(told), len(PROOFS), note=proof.name)
    with context.transaction() as session:
        context.finish(session, {"proofs": told})
