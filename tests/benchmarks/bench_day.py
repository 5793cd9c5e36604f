"""The day end of a book of 1,000,000 open receivables and 1,000 contracts, as its jobs run it.

The job that settles and closes the day (financing days, fees, annual minimums, retention funds,
the figures kept of each contract, the seal of the entries), what the contracts let become of unpaid
receivables (indemnity, transfer back), limits and disputes of the day, and whom to remind. Floor:
one sequential read of the open receivables and of the ledger's entries, added up by contract and
by account, and one write of what the day keeps: each contract's figures and financing days, the
chosen letters and their lines.
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from datetime import date, datetime, timedelta
from time import perf_counter

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cessio import collections
from cessio.collections import DunningChannel, Steps
from cessio.collections.queries import plan as plan_of
from cessio.collections.rules import Step
from cessio.kernel.calendar import PARIS, business_date
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import JobState, enqueue
from cessio.plumbing.jobs.running import Runner
from cessio.settlement import queries as settlement
from cessio.worker import SCHEDULE, load_jobs
from tests.benchmarks.book import RECEIVABLES, timed
from tests.benchmarks.office_book import UNTIL

#: Begins with the book of the office, and writes in it.
BOOK, WRITES = "office", True
TARGET, MEMORY_MB = 8.0, 1024
BY = "job:bench"
#: The day that ends, and the first business day after it, on which debtors are reminded.
DAY, NEXT = UNTIL, date(2026, 11, 23)
_READ = (
    "SELECT contract_id, sum(open_minor) FROM receivable WHERE closed_on IS NULL GROUP BY 1",
    "SELECT account_id, sum(amount_minor) FROM ledger_entry GROUP BY 1",
)
_KEPT = {
    "availability_snapshot": "day = :on", "financing_day": "day BETWEEN :first AND :on",
    "dunning_letter": "true", "dunning_line": "true",
}  # fmt: skip
_JOBS = ("closing.day_end", "limits.day", "disputes.day")


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    load_jobs()
    with transaction(engine) as session:
        _plan(session)
    read = sum(min(timed(engine, query) for _ in range(3)) for query in _READ)
    took = {kind: _timed(lambda kind=kind: _job(engine, kind)) for kind in _JOBS}
    took["unpaid"] = _timed(lambda: _unpaid(engine))
    took["dunning"] = _timed(lambda: _remind(engine))
    for name, seconds in took.items():
        print(f"  {name}: {seconds:.2f} s", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        (f"day end of {RECEIVABLES:,} open receivables", read + _written(engine),
         sum(took.values()), TARGET),
        ("its memory against 1 GB", MEMORY_MB, peak, 1.0),
    ]  # fmt: skip


def _timed(do: Callable[[], None]) -> float:
    start = perf_counter()
    do()
    return perf_counter() - start


def _job(engine: Engine, kind: str) -> None:
    """As a worker runs it, at its hour of the schedule."""
    [line] = [line for line in SCHEDULE if line.kind == kind]
    minute, hour = map(int, line.cron.split()[:2])
    on = DAY + timedelta(days=1)
    at = datetime(on.year, on.month, on.day, hour, minute, tzinfo=PARIS)
    with transaction(engine) as session:
        job_id = enqueue(session, kind=kind, key="bench", payload={"on": on}, by=BY, at=at)
    assert Runner(engine, clock=lambda: at).run(job_id, raising=True) == JobState.DONE


def _unpaid(engine: Engine) -> None:
    with transaction(engine) as session:
        settlement.unpaid(session, on=DAY)


def _remind(engine: Engine) -> None:
    at = datetime(NEXT.year, NEXT.month, NEXT.day, 6, 15, tzinfo=PARIS)
    assert business_date(at) == NEXT
    with transaction(engine) as session:
        collections.choose_day(session, on=NEXT, by=BY, at=at)


def _plan(session: Session) -> None:
    """Letters to each debtor with an invoice fifteen days late, were there no plan yet."""
    at = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=PARIS)
    plan_id = collections.found_house_plan(session, name="Bench", by=BY, at=at)
    steps = Steps((Step(days=15, channel=DunningChannel.LETTER, template="dunning_reminder"),))
    collections.change_plan(session, plan_id=plan_id, steps=steps, by=BY, at=at)
    version_id = plan_of(session, plan_id).latest.id
    collections.switch_on(session, plan_id=plan_id, version_id=version_id, effective_from=NEXT,
                          by=BY, at=at)  # fmt: skip


def _written(engine: Engine) -> float:
    """What the day keeps, written once more into tables like theirs."""
    took = 0.0
    with transaction(engine) as session:
        for table, which in _KEPT.items():
            session.execute(text(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)"))
            start = perf_counter()
            query = f"INSERT INTO floor_{table} SELECT * FROM {table} WHERE {which}"
            session.execute(text(query), {"on": DAY, "first": DAY.replace(day=1)})
            took += perf_counter() - start
    return took
