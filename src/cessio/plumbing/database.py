"""The database seen from Python: the declarative base, engines, sessions and COPY.

Only this package opens and closes transactions. Operations receive a ``Session`` inside a
transaction, may ``flush`` and never ``commit`` or ``rollback``: returning keeps, raising undoes.
Relationships are declared ``lazy="raise"``: what a view needs is read by its query, on purpose.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Numeric,
    Text,
    all_,
    any_,
    create_engine,
    literal,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.operators import OperatorType, in_op, not_in_op

#: One name for each constraint, so that a migration can name what it drops.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Number(BigInteger):
    """A whole number. ``in_`` a list of them is one parameter, whose length changes neither the
    statement nor its plan; one each would end at the 65,535 that a statement takes.
    """

    class Comparator(BigInteger.Comparator[int]):
        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            if op in (in_op, not_in_op) and isinstance(other[0], Collection):
                wanted = literal([*other[0]], ARRAY(BigInteger))
                return self.expr == any_(wanted) if op is in_op else self.expr != all_(wanted)
            return super().operate(op, *other, **kwargs)

    comparator_factory = Comparator


class Base(DeclarativeBase):
    """Base of every mapped class; plain Python types map to the column types of the house."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: TIMESTAMP(timezone=True),
        int: Number,
        Decimal: Numeric,
        str: Text,
    }


@dataclass(frozen=True, slots=True)
class Role:
    """How one kind of process uses the database: pool size and time limits in milliseconds."""

    name: str
    pool_size: int
    statement_ms: int
    lock_ms: int
    idle_ms: int


#: A request waits little; a job may read a whole book; a person at the command line may wait.
WEB = Role("web", pool_size=20, statement_ms=15_000, lock_ms=5_000, idle_ms=30_000)
WORKER = Role("worker", pool_size=12, statement_ms=600_000, lock_ms=30_000, idle_ms=120_000)
COMMAND = Role("command", pool_size=4, statement_ms=0, lock_ms=30_000, idle_ms=0)


def psycopg_url(url: str | URL) -> URL:
    """The same address for our driver: ``postgres://`` and ``postgresql://`` mean psycopg 3."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg")


def load_models() -> None:
    """Map every capability's tables: a foreign key resolves only when both ends are mapped."""
    import cessio

    home = Path(cessio.__file__).parent
    for path in sorted([*home.glob("*/models.py"), *home.glob("*/models/__init__.py")]):
        import_module(f"cessio.{path.relative_to(home).parts[0]}.models")


def make_engine(url: str | URL, *, role: Role = COMMAND, pool_size: int | None = None) -> Engine:
    """An engine whose every connection works in UTC, commits durably and gives up in time.

    ``pool_size`` overrides the role's; the web server sizes it with its thread limit.
    """
    load_models()
    limits = {
        "timezone": "UTC",
        "synchronous_commit": "on",
        "statement_timeout": f"{role.statement_ms}",
        "lock_timeout": f"{role.lock_ms}",
        "idle_in_transaction_session_timeout": f"{role.idle_ms}",
        # One client has ten invoices and another a hundred thousand: no plan suits both.
        "plan_cache_mode": "force_custom_plan",
    }
    return create_engine(
        psycopg_url(url),
        pool_size=pool_size or role.pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 5,
            "application_name": f"cessio-{role.name}",
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )


@contextmanager
def transaction(engine: Engine | Connection) -> Iterator[Session]:
    """One session, one transaction: committed when the block returns, undone when it raises.

    An error of COMMIT itself (deferred constraint, lost server) is raised to the caller.
    """
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def snapshots(engine: Engine) -> Session:
    """A session each of whose transactions sees one instant, whatever is committed meanwhile."""
    frozen = engine.execution_options(isolation_level="REPEATABLE READ")
    return Session(frozen, expire_on_commit=False)


def keep_written(session: Session) -> None:
    """End a transaction of such a session: what is read next is of a new instant."""
    session.commit()


@contextmanager
def relaxed(engine: Engine) -> Iterator[Connection]:
    """One connection whose commits do not wait for the disk, for what can be made again.

    Nothing is torn by a power cut: the last transactions may be lost, each of them whole.
    """
    with engine.connect() as connection:
        connection.execute(text("SET synchronous_commit TO off"))
        connection.commit()
        try:
            yield connection
        finally:
            connection.invalidate()


def copy_rows(
    session: Session | Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    types: Sequence[str] | None = None,
) -> int:
    """COPY rows into a table inside the caller's transaction; returns how many were sent.

    ``types`` (PostgreSQL type names, one a column) makes the transfer binary: faster, and every
    value must then be of exactly that type.
    """
    from psycopg import sql

    connection = session.connection() if isinstance(session, Session) else session
    driver: Any = connection.connection.driver_connection
    statement = sql.SQL("COPY {} ({}) FROM STDIN{}").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(" (FORMAT binary)") if types else sql.SQL(""),
    )
    count = 0
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        if types:
            copy.set_types(list(types))
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
