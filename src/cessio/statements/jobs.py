"""After a day's close: which periods are to be told, then each one in a transaction of its own.

The papers of fee invoices likewise: an invoice is issued with the close, printed after it.
"""

from __future__ import annotations

from datetime import date

from cessio.kernel.calendar import Period
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import JobContext, job
from cessio.statements import operations
from cessio.statements.operations.invoicing import PRINT
from cessio.statements.operations.keeping import PERIOD
from cessio.statements.queries import invoices
from cessio.statements.rules.rhythm import Rhythm

DAY = "statements.day"


@job(DAY, serial=True)
def plan(context: JobContext, *, on: date) -> None:
    """Ask for every period that ended by a closed day; safe to run twice."""
    with context.transaction() as session:
        context.count(periods=operations.plan_day(session, on=on, by=context.by, at=context.at))
        context.finish(session)


@job(PERIOD)
def make(
    context: JobContext, *, contract_id: int, from_on: date, to_on: date, rhythm: Rhythm
) -> None:
    """Make one contract's statement of one period; safe to run twice."""
    with context.transaction() as session:
        made = operations.make_period(
            session, contract_id=contract_id, period=Period(from_on, to_on), rhythm=rhythm,
            by=context.by, at=context.at,
        )  # fmt: skip
        context.count(files=made)
        context.finish(session)


@job(PRINT, time_limit_seconds=3600)
def print_invoices(context: JobContext) -> None:
    """Print every fee invoice that has no paper, a transaction each; safe to run twice."""
    after = 0
    while True:
        with transaction(context.engine) as session:
            waiting = invoices.unprinted(session, after=after, limit=100)
        if not waiting:
            break
        for after in waiting:
            with context.transaction() as session:
                operations.print_invoice(session, invoice_id=after, by=context.by, at=context.at)
                context.count(files=1)
    with context.transaction() as session:
        context.count(files=0)
        context.finish(session)
