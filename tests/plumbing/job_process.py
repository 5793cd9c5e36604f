"""A process of the tests: ``python -m tests.plumbing.job_process worker ADDRESS …``.

It knows the jobs of the tests and no others, so that it starts fast. ``scheduler`` runs the lines
of ``LINES`` instead of the house's, by a clock that ``--clock FILE`` sets (an instant per read).
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from tests.plumbing import job_kinds as job_kinds  # registers its kinds

from cessio import worker
from cessio.plumbing import clock
from cessio.plumbing.schedule import Scheduled, every_business_day, every_day

LINES = (
    Scheduled("night", "test.dated", "30 2 * * *", every_day),
    Scheduled("evening", "test.closed", "0 20 * * *", every_business_day),
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("worker", "scheduler"))
    parser.add_argument("address")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--grace", type=float, default=5)
    parser.add_argument("--broker")
    parser.add_argument("--clock", type=Path)
    return parser.parse_args()


def _read(path: Path) -> datetime:
    """What a clock shows; each look at it is noted beside it."""
    with path.with_suffix(".looks").open("a") as looks:
        looks.write(".")
    return datetime.fromisoformat(path.read_text().strip()).astimezone(UTC)


if __name__ == "__main__":
    told = _arguments()
    worker.CAPABILITIES = ()
    if told.role == "worker":
        worker.run_worker(told.address, broker_url=told.broker, threads=told.threads,
                          grace_seconds=told.grace)  # fmt: skip
    else:
        worker.SCHEDULE = LINES if told.clock else ()
        if told.clock:
            clock.now = lambda: _read(told.clock)
        worker.run_scheduler(told.address, broker_url=told.broker,
                             turn_seconds=0.05 if told.clock else worker.TURN_SECONDS)  # fmt: skip
