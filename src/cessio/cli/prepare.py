"""What every start does to the database before anything uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

import psycopg
from sqlalchemy import Engine

from cessio.kernel.calendar import business_date, previous_business_day
from cessio.kernel.errors import CessioError
from cessio.plumbing import clock, migrate, readers
from cessio.plumbing.database import make_engine, psycopg_url, transaction

#: No feature of a newer release is used, none of an older one is tested.
OLDEST_POSTGRESQL = 15


class DatabaseError(CessioError):
    """The configured database cannot serve."""


def check_database(url: str) -> None:
    """Connect once; ``DatabaseError`` in one sentence when that is impossible or too old."""
    plain = psycopg_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DatabaseError(
            "database_unreachable", "the database at {place} does not answer: {reason}",
            field="CESSIO_DATABASE_URL", place=_place(url), reason=first,
        ) from None  # fmt: skip
    if version < OLDEST_POSTGRESQL:
        raise DatabaseError(
            "database_old", "the database is PostgreSQL {version} and {least} is the least",
            field="CESSIO_DATABASE_URL", version=version, least=OLDEST_POSTGRESQL,
        )  # fmt: skip


def check_schema(url: str) -> None:
    """``DatabaseError`` unless the schema is this release's, and readers from outside get in."""
    engine = make_engine(url, pool_size=1)
    try:
        at, wanted = migrate.current(engine), migrate.head()
    finally:
        engine.dispose()
    if at != wanted:
        raise DatabaseError(
            "schema_behind",
            "the database is at schema {at} and this release needs {wanted}: run cessio migrate",
            at=at or "empty", wanted=wanted,
        )  # fmt: skip
    readers.check_login(url)


class Demonstration(Protocol):
    """What ``cessio.demo`` offers: a realistic book, and who can look at it."""

    def state(self, engine: Engine) -> str:
        """``empty``, ``whole``, ``interrupted`` or ``own``."""

    def fill(
        self, engine: Engine, *, until: date, scale: Decimal,
        progress: Callable[[int, int], None] | None,
    ) -> None:  # fmt: skip
        """Fill an empty book with a history up to a day, by the operations everybody uses."""

    def logins(self, scale: Decimal = ...) -> Iterable[str]:
        """A line for each login of the demonstration, for people."""


def demonstration() -> Demonstration | None:
    """The demonstration, where this installation has it: an image may leave it out."""
    if find_spec("cessio.demo") is None:
        return None
    return cast(Demonstration, import_module("cessio.demo"))


def fill_demo(
    engine: Engine, *, say: Callable[[str], None], scale: Decimal = Decimal(1),
    until: date | None = None,
) -> bool:  # fmt: skip
    """Fill an empty book with the demonstration; False if it is not empty or there is none.

    One that was interrupted is begun again. Its last day is yesterday, or the business day before.
    """
    from rich.progress import Progress

    demo = demonstration()
    state = "own" if demo is None else demo.state(engine)
    if demo is None or state in {"own", "whole"}:
        return False
    if state == "interrupted":
        say("the demonstration was interrupted: beginning it again")
        _empty_again(engine)
    last = until or business_date(clock.now()) - timedelta(days=1)
    say("filling the book with the demonstration, which takes a minute or two")
    with Progress(transient=True) as bar:
        task = bar.add_task("days lived", total=None)
        tenths = 0

        def tell(done: int, total: int) -> None:
            nonlocal tenths
            bar.update(task, completed=done, total=total)
            if not bar.console.is_terminal and done * 10 // total > tenths:
                tenths = done * 10 // total
                say(f"{tenths * 10} % of its days are lived")

        demo.fill(engine, until=previous_business_day(last), scale=scale, progress=tell)
    _ask_seal(engine, last)
    return True


def _ask_seal(engine: Engine, on: date) -> None:
    """The worker seals what was lived, as it will each night."""
    from cessio.closing.jobs import SEAL
    from cessio.plumbing.jobs import enqueue

    with transaction(engine) as session:
        enqueue(session, kind=SEAL, key=on.isoformat(), payload={"on": on}, by="job:cli.demo",
                at=clock.now())  # fmt: skip


def _empty_again(engine: Engine) -> None:
    """Take the schema down and put it up again."""
    engine.dispose()
    migrate.downgrade(engine.url, "base")
    migrate.upgrade(engine.url)


def _place(url: str) -> str:
    parsed = psycopg_url(url)
    return f"{parsed.host or 'localhost'}:{parsed.port or 5432}/{parsed.database or ''}"
