"""Cover and availability of a book of 1,000,000 open receivables, all computed from the invoices.

5,000 debtors, 1,000 contracts, and one more contract of 20,000 invoices, whose availability alone
is asked for by every page of its portal. Floor of the book: one sequential read of the same rows
that sums the exposure of each debtor. The single contract has a limit in time instead.
"""

from __future__ import annotations

from time import perf_counter

from sqlalchemy import Engine

from cessio.funding import queries as funding
from cessio.plumbing.database import transaction
from cessio.receivables.bulk.cover import recompute_cover
from tests.benchmarks.book import AT, LARGE, LARGE_RECEIVABLES, ON, RECEIVABLES, timed

#: Begins with the big book.
BOOK = True
_FLOOR = "SELECT debtor_id, sum(open_minor) FROM receivable WHERE closed_on IS NULL GROUP BY 1"
TARGET, LIMIT_SECONDS, TIMES = 6.0, 0.030, 200


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    with transaction(engine) as session:
        recompute_cover(session, on=ON, at=AT)
    floors, ours = zip(*((timed(engine, _FLOOR), _book(engine)) for _ in range(3)), strict=True)
    return [
        (f"cover and availability of {RECEIVABLES:,} receivables", min(floors), min(ours), TARGET),
        (f"availability of a contract of {LARGE_RECEIVABLES:,}, p99 against 30 ms",
         LIMIT_SECONDS, _one_contract(engine), 1.0),
    ]  # fmt: skip


def _book(engine: Engine) -> float:
    start = perf_counter()
    with transaction(engine) as session:
        recompute_cover(session, on=ON, at=AT)
        found = funding.book_availability(session, on=ON)
    assert len(found) == LARGE
    return perf_counter() - start


def _one_contract(engine: Engine) -> float:
    """The 99th percentile of many answers, as a portal's requests ask for them."""
    took = []
    for _ in range(TIMES):
        start = perf_counter()
        with transaction(engine) as session:
            found = funding.availability(session, contract_id=LARGE, on=ON)
        took.append(perf_counter() - start)
    assert sum(line.amount_minor for line in found.account_lines) == found.available_minor
    return sorted(took[TIMES // 20 :])[int(TIMES * 0.95 * 0.99)]
