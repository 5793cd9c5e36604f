"""The demonstration read by its people from outside, through the readers' login."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session

from cessio import identity
from cessio.plumbing import readers
from cessio.plumbing.database import transaction
from tests.walking import NOW

#: Connections that readers take turns on, and how many of them want one at once.
CONNECTIONS, AT_ONCE = 2, 4
#: What a reader does last: nothing, what fails, or something that its connection keeps until then.
ENDINGS = (None, None, "SELECT 1 / 0", "SET LOCAL search_path TO pg_catalog")


@dataclass
class Outside:
    """The small demonstration, its people from outside, and the readers' login."""

    engine: Engine
    readers: Engine

    def people(self, audience: str = "client") -> list[Row[Any]]:
        with self.engine.connect() as connection:
            return list(connection.execute(
                text("SELECT id, role, client_id FROM person WHERE audience = :audience"
                     " AND disabled_at IS NULL ORDER BY id"), {"audience": audience},
            ).all())  # fmt: skip

    def token(self, person_id: int) -> str:
        with transaction(self.engine) as session:
            return identity.open_session(
                session, person_id=person_id, address=None, user_agent=None, at=NOW
            ).token

    @contextmanager
    def read(self, secret: str | None, **moved: timedelta) -> Iterator[Session]:
        """A transaction of the readers' login that was told a secret."""
        with transaction(self.readers) as session:
            if secret is not None:
                readers.show(session, secret=secret, at=NOW + moved.get("later", timedelta()))
            yield session

    def of_two_clients(self) -> tuple[Row[Any], Row[Any]]:
        """Somebody each of the first two clients."""
        first, *others = self.people()
        return first, next(one for one in others if one.client_id != first.client_id)

    def contracts(self, session: Session) -> set[int]:
        """The contracts that a session sees."""
        return set(session.execute(text("SELECT id FROM contract")).scalars())

    def columns(self, session: Session, name: str) -> set[str]:
        """The tables and views whose column of this name the readers' login may read."""
        return set(session.execute(
            text("SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
                 " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm')"
                 " AND attname = :name AND NOT attisdropped"
                 " AND has_column_privilege(pg_class.oid, attnum, 'SELECT')"), {"name": name},
        ).scalars())  # fmt: skip

    def rows(self, session: Session) -> dict[str, set[str]]:
        """What a session sees: by table, the rows as texts."""
        return {
            table: set(session.execute(text(f'SELECT t::text FROM "{table}" t')).scalars())
            for table in self.whole
        } | {
            table: {
                str(tuple(row))
                for row in session.execute(
                    text(f'SELECT {self.granted(session, table)} FROM "{table}"')
                )
            }
            for table in self.shown - self.whole
        }

    def granted(self, session: Session, table: str) -> str:
        """The columns of a table that the readers' login may read."""
        return str(session.execute(
            text("SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
                 " WHERE attrelid = CAST(:table AS regclass) AND attnum > 0"
                 " AND has_column_privilege(attrelid, attnum, 'SELECT')"), {"table": table},
        ).scalar())  # fmt: skip

    @property
    def shown(self) -> set[str]:
        """The tables with a rule for readers."""
        with self.engine.connect() as connection:
            return set(connection.execute(
                text("SELECT tablename FROM pg_policies WHERE qual <> 'true' AND cmd = 'SELECT'")
            ).scalars())  # fmt: skip

    @property
    def whole(self) -> set[str]:
        """Those of which every column is shown."""
        with self.readers.connect() as connection:
            return {
                table for table in self.shown
                if connection.execute(
                    text("SELECT has_table_privilege(:table, 'SELECT')"), {"table": table}
                ).scalar()
            }  # fmt: skip


@dataclass
class Swaps:
    """Readers of every client, and nobody, one after the other on the same few connections."""

    outside: Outside
    seed: int
    faults: list[str] = field(default_factory=list)
    done: int = 0
    #: So many times a connection went to another client's reader than it came from.
    handed_on: int = 0
    _last: dict[int, int | None] = field(default_factory=dict)

    def run(self, number: int) -> None:
        """So many turns, by several threads at once."""
        each = {one.client_id: one.id for one in self.outside.people()}
        tokens: dict[int | None, str | None] = {
            client: self.outside.token(person) for client, person in each.items()
        }
        tokens[None] = None
        wanted: dict[int | None, tuple[set[int], int]] = {}
        for client, token in tokens.items():
            with self.outside.read(token) as session:
                wanted[client] = (self.outside.contracts(session), _invoices(session))
        pool = readers.reader_engine(self.outside.engine, pool_size=CONNECTIONS)

        def turns(thread: int) -> list[bool]:
            chance, looked = random.Random(f"{self.seed}:{thread}"), []
            for _ in range(number // AT_ONCE):
                client = chance.choice(list(tokens))
                ending = ENDINGS[chance.randrange(len(ENDINGS))] if client else None
                looked += self._turn(pool, client, tokens[client], wanted[client], ending)
            return looked

        with ThreadPoolExecutor(AT_ONCE) as threads:
            for looked in threads.map(turns, range(AT_ONCE)):
                self.done += len(looked)
                self.handed_on += sum(looked)
        pool.dispose()

    def _turn(
        self, pool: Engine, client: int | None, token: str | None,
        wanted: tuple[set[int], int], ending: str | None,
    ) -> list[bool]:  # fmt: skip
        """Whether the connection came from another client's reader; none where nothing was seen."""
        looked = []
        # Who waits in vain for one of so few connections saw nothing, which is no fault.
        with suppress(DBAPIError, NoConnectionFree), transaction(pool) as session:
            if token is not None:
                readers.show(session, secret=token, at=NOW)
            pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            seen = (self.outside.contracts(session), _invoices(session))
            if seen != wanted:
                self.faults.append(f"{client} saw contracts {seen[0]} and {seen[1]} invoices")
            looked.append(self._last.get(pid, client) != client)
            self._last[pid] = client
            if ending is not None:
                session.execute(text(ending))
        return looked


def _invoices(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM receivable")).scalar_one())
