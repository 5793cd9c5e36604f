"""The daily seal of a whole book drawn and verified: every sealed row of the book of a million.

The first seal covers all there is, which no later one does. What is set against it is no floor but
what was promised: so many rows a second sealed, and a million rows verified within a minute. The
seal is kept in a folder of its own and forgotten: the book is only read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cessio.closing import queries, verifier
from cessio.closing.formats import seals
from cessio.closing.operations.seals import draw_seal, plan_seal
from cessio.plumbing.keeper import Keeper
from tests.benchmarks.office_book import NOW

#: Begins with the office's book.
BOOK = "office"
SEALED_A_SECOND, VERIFIED_IN_SECONDS, MILLION = 30_000, 60.0, 1_000_000


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds it may take, our seconds, 1)."""
    with tempfile.TemporaryDirectory() as name:
        keeper = Keeper(Path(name) / "seals", Path(name) / "key")
        rows, sealed = _seal(engine, keeper)
        verified = _verify(engine, keeper, rows)
        entries, hashed = _hash_entries(engine)
    return [
        (f"seal {rows:,} rows, at {SEALED_A_SECOND:,} a second", rows / SEALED_A_SECOND, sealed,
         1.0),
        (f"verify {rows:,} rows, a million a minute", rows / MILLION * VERIFIED_IN_SECONDS,
         verified, 1.0),
        (f"hash {entries:,} entries as the close does, so many", entries / SEALED_A_SECOND, hashed,
         1.0),
    ]  # fmt: skip


def _seal(engine: Engine, keeper: Keeper) -> tuple[int, float]:
    """How many rows were sealed, and the seconds."""
    start = perf_counter()
    with Session(engine) as session:
        plan = plan_seal(session, keeper=keeper, by="job:bench")
        assert plan is not None
        content = draw_seal(session, plan=plan, keeper=keeper, at=NOW)
        session.rollback()
    return seals.read(content).row_count, perf_counter() - start


def _verify(engine: Engine, keeper: Keeper, rows: int) -> float:
    with Session(engine) as session:
        connection: Any = session.connection().connection.driver_connection

        def read(_table: str, query: str) -> Iterator[bytes]:
            with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as lines:
                yield from map(bytes, lines)

        start = perf_counter()
        chain = verifier.verify(keeper.folder, [keeper.public_key], read)
        took = perf_counter() - start
    assert not chain.findings, chain.findings[:3]
    assert f"{rows} rows" in chain.notes[-1], chain.notes
    return took


def _hash_entries(engine: Engine) -> tuple[int, float]:
    """The hash that a close keeps of its day's entries, of all of them."""
    start = perf_counter()
    with Session(engine) as session:
        last = queries.last_closed(session)
        assert last is not None
        found = queries.seal_of(session, on=last, after=None, previous=b"")
    return found.entry_count, perf_counter() - start
