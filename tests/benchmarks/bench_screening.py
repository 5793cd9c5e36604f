"""Holding a whole book against a new list: 50,000 names, 20,000 entries with two names each.

Floor: the minute that is promised. Everything is in it: the list made ready, each name compared,
alerts and what was screened written, in transactions of a thousand companies.
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from time import perf_counter

from sqlalchemy import Engine, text

from cessio import screening
from cessio.plumbing.database import transaction
from cessio.screening import ListSource
from tests.screening.names import honest, listed

NAMES, ENTRIES, CHUNK = 50_000, 20_000, 1000
MINUTE = 60.0
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    rng = Random(11)
    with transaction(engine) as session:
        session.execute(
            text("INSERT INTO company (name, name_key, registration_number, country)"
                 " VALUES (:name, lower(:name), :number, 'FR')"),
            [{"name": honest(rng), "number": f"BENCH {number}"} for number in range(NAMES)],
        )  # fmt: skip
        lines = [f"B-{at};{listed(rng)};{listed(rng)}" for at in range(ENTRIES)]
        screening.load_list(
            session, source=ListSource.OWN, filename="bench.csv", dated_on=AT.date(),
            data="\n".join(["reference;name;aliases", *lines]).encode(), by="job:bench", at=AT,
        )  # fmt: skip
    began, names, alerts = perf_counter(), 0, 0
    while True:
        with transaction(engine) as session:
            done = screening.screen_due(session, most=CHUNK, by="job:bench", at=AT)
        if not done.companies:
            break
        names, alerts = names + done.names, alerts + done.alerts
    seconds = perf_counter() - began
    title = f"{names:,} names × {ENTRIES:,} entries ({1000 * alerts // names} alerts per 1,000)"
    return [(title, MINUTE, seconds, 1.0)]
