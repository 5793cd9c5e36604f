"""Bring a database to the schema of this release.

Two processes that start together do not race: one holds an advisory lock of a transaction while
it migrates, the other waits and then finds nothing to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL

from cessio.plumbing.database import COMMAND, make_engine
from cessio.plumbing.readers import ensure_login
from cessio.plumbing.settings import ROOT

if TYPE_CHECKING:
    from alembic.config import Config


MIGRATIONS = ROOT / "migrations"

#: Names the lock among the advisory locks of the database ("cessio", read as a number).
LOCK_KEY = 0x63_65_73_73_69_6F


def upgrade(url: str | URL, revision: str = "head") -> bool:
    """Migrate to a revision; True if anything changed. Waits up to ten minutes for its turn."""
    return _locked_change(url, "upgrade", revision)


def downgrade(url: str | URL, revision: str) -> bool:
    """Go back to a revision (``base`` is the empty schema); for drills and tests."""
    return _locked_change(url, "downgrade", revision)


def current(engine: Engine) -> str | None:
    """The revision a database is at; None for an empty one."""
    with engine.connect() as connection:
        return _revision(connection)


def head() -> str | None:
    """The newest revision of this release."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head()


def run_sql(connection: Connection, name: str) -> None:
    """Run one file of ``migrations/sql`` as written (many statements, ``:`` and ``%`` plain)."""
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    driver.execute((MIGRATIONS / "sql" / name).read_text(encoding="utf-8"))


def run_each(connection: Connection, name: str) -> None:
    """Run one file of ``migrations/sql`` a statement at a time, each a transaction: of many locks
    at once, some would end in a deadlock with those who work. No statement has a ``;`` within.
    """
    for statement in (MIGRATIONS / "sql" / name).read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.replace("%", "%%"))


def _locked_change(url: str | URL, direction: str, revision: str) -> bool:
    from alembic import command

    engine = make_engine(url, role=COMMAND, pool_size=2)
    try:
        with engine.begin() as guard:
            guard.execute(text("SET LOCAL lock_timeout = '10min'"))
            guard.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
            with engine.connect() as connection:
                before = _revision(connection)
                connection.rollback()
                config = _config()
                config.attributes["connection"] = connection
                getattr(command, direction)(config, revision)
                connection.rollback()
                ensure_login(engine.url)
                return _revision(connection) != before
    finally:
        engine.dispose()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
