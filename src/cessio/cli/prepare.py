"""What every start does to the database before anything uses it."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from sqlalchemy import Engine

from cessio.kernel.errors import CessioError
from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine, psycopg_url

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
    """``DatabaseError`` unless the schema is this release's."""
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


def fill_demo(engine: Engine, *, say: Callable[[str], None]) -> bool:
    """Fill an empty book with the demonstration; False if the book is not empty."""
    from cessio import demo

    if not demo.is_empty(engine):
        return False
    say("filling the book with the demonstration")
    demo.fill(engine)
    return True


def _place(url: str) -> str:
    parsed = psycopg_url(url)
    return f"{parsed.host or 'localhost'}:{parsed.port or 5432}/{parsed.database or ''}"
