"""Databases that take long to fill, made once for all processes of a test run.

Whoever needs one first makes it while the others wait; each gets a copy of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cessio.plumbing.database import make_engine
from tests import walking


@dataclass
class Shelf:
    """The filled databases of one run, by name; ``copied`` gives a copy of any database."""

    server: URL
    template: str
    run: str
    copied: Callable[[URL, str], Any]
    _taken: set[str] = field(default_factory=set)

    @contextmanager
    def demo(self) -> Iterator[Engine]:
        """The small demonstration: three clients, two months."""
        with self._copy(f"test_demo_{self.run}", self._empty, walking.fill) as engine:
            yield engine

    @contextmanager
    def walked(self) -> Iterator[Engine]:
        """The same after a walk through every page; ``walking.found`` says what was found."""
        with self._copy(f"test_walked_{self.run}", self.demo, walking.walk) as engine:
            yield engine

    def drop(self) -> None:
        """Forget them; a process that is later makes them again."""
        for name in self._taken:
            with self._alone(name) as connection:
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
                )

    @contextmanager
    def _empty(self) -> Iterator[Engine]:
        with self.copied(self.server, self.template) as url:
            engine = make_engine(url, pool_size=10)
            yield engine
            engine.dispose()

    @contextmanager
    def _copy(
        self, name: str, start: Callable[[], Any], fill: Callable[[Engine], None]
    ) -> Iterator[Engine]:
        with self._alone(name) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if known.fetchone() is None:
                with start() as engine:
                    fill(engine)
                    engine.dispose()
                    connection.execute(
                        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                            sql.Identifier(name), sql.Identifier(engine.url.database)
                        )
                    )
            self._taken.add(name)
            mine = ExitStack()
            url = mine.enter_context(self.copied(self.server, name))
        with mine:
            engine = make_engine(url, pool_size=10)
            yield engine
            engine.dispose()

    @contextmanager
    def _alone(self, name: str) -> Iterator[psycopg.Connection[Any]]:
        plain = self.server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
            yield connection
