"""The daily seal, by itself after each close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Engine, text

from cessio.closing import operations
from cessio.plumbing import keeper as keeping
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import JobContext, job
from cessio.plumbing.keeper import Keeper

SEAL = "closing.seal"


@job(SEAL, serial=True, max_attempts=5, time_limit_seconds=7200)
def seal(context: JobContext, *, on: date) -> None:
    """Seal what was closed until ``on`` and not sealed yet, outside the database; once a day.

    Where nobody was told where seals are kept, the days wait for who was.
    """
    keeper = keeping.current()
    content = None
    if keeper is not None:
        content = drawn_seal(
            context.engine, keeper, by=context.by, at=context.at, tell=context.progress
        )
    with context.transaction() as session:
        result = {"number": None, "rows": 0}
        if keeper is not None and content is not None:
            made = operations.remember_seal(
                session, content=content, keeper=keeper, by=context.by, at=context.at
            )
            result = {"number": made.number, "rows": made.row_count}
        context.finish(session, result)


def drawn_seal(
    engine: Engine, keeper: Keeper, *, by: str, at: datetime, restored: str | None = None,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> bytes | None:  # fmt: skip
    """Keep the next seal, for the caller to remember; None when nothing waits for one."""
    with transaction(engine) as session:
        plan = operations.plan_seal(session, keeper=keeper, by=by, restored=restored)
    if plan is None:
        return None
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
    with transaction(snapshot) as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        return operations.draw_seal(session, plan=plan, keeper=keeper, at=at, tell=tell)
