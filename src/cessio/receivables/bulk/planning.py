"""Room and plans for whole sets: no plan of PostgreSQL may be quadratic in a remittance.

Lines just written in this transaction are in no statistics yet: the planner takes a hundred
thousand of them for one and would scan the other side for each. ANALYZE on the shared table would
make imports wait for each other, so loops are ruled out instead where sets are joined whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

#: So many lines are joined by loops over indexes as well as by hashing.
FEW = 200


@contextmanager
def whole_sets(session: Session, lines: int | None = None) -> Iterator[None]:
    """Join by hashing or merging only, unless there are few ``lines``; undone with an error."""
    if lines is not None and lines <= FEW:
        yield
        return
    session.execute(text("SET LOCAL enable_nestloop = off"))
    yield
    session.execute(text("SET LOCAL enable_nestloop = on"))


def make_room(session: Session) -> None:
    """For the rest of the transaction, sort and hash in memory, and ANALYZE by a small sample."""
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    session.execute(text("SET LOCAL default_statistics_target = 10"))


@contextmanager
def planned_for(session: Session, wanted: Mapping[str, str]) -> Iterator[None]:
    """Server settings for some statements of this transaction, put back after them."""
    rows = session.execute(
        text("SELECT name, current_setting(name) FROM unnest(CAST(:names AS text[])) AS name"),
        {"names": list(wanted)},
    )
    before = {row[0]: row[1] for row in rows}
    _set(session, wanted)
    yield
    _set(session, before)


def _set(session: Session, settings: Mapping[str, str]) -> None:
    change = text("SELECT set_config(name, setting, true)"
                  " FROM unnest(CAST(:names AS text[]), CAST(:settings AS text[]))"
                  " AS wanted (name, setting)")  # fmt: skip
    session.execute(change, {"names": list(settings), "settings": list(settings.values())})
