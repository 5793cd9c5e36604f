"""One engine and one application for all web tests of a process; a database for each test.

Building the application, compiling its templates and statements and filling a book take seconds,
and copying a filled database a few hundredths. So the engine stays and its connections lead to the
database of the running test, and a book is filled once for each way of making it.

    engine fixture (tests/web)     → an empty migrated database behind the reused engine
    filled(engine, key, fill)      → what ``fill`` made, in a copy of the database it filled first
    shared_app(engine, settings)   → the application on that engine, with the test's own clock
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
from litestar import Litestar
from psycopg import sql
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL

from cessio import app
from cessio.plumbing.clock import Clock
from cessio.plumbing.database import make_engine
from cessio.plumbing.settings import Settings

T = TypeVar("T")


@dataclass
class Reused:
    """An engine whose connections lead to ``database``, which changes from test to test."""

    server: URL
    template: str
    database: str = ""
    books: dict[Hashable, tuple[str, Any]] = field(default_factory=dict)
    application: Litestar | None = None
    clock: Clock | None = None
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = make_engine(self.server.set(database=self.template), pool_size=20)
        _REUSED[self.engine] = self

        self.lead(self.engine)

    def lead(self, engine: Engine) -> None:
        """Let another engine's connections lead there too: that of readers from outside."""

        @event.listens_for(engine, "do_connect")
        def lead(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
            parameters["dbname"] = self.database

    def copy(self, template: str) -> None:
        """Go on in a new copy of a database; the one until now is gone."""
        self.leave()
        name = f"test_{uuid.uuid4().hex[:16]}"
        self._admin("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        self.database = name
        self.engine.url = self.server.set(database=name)

    def leave(self) -> None:
        """Close every connection and drop the test's database."""
        self.engine.dispose()
        if self.database:
            self._admin("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.database)
        self.database = ""

    def keep(self, key: Hashable, made: Any) -> None:
        """Keep a copy of what the database holds now, to begin other tests with."""
        self.engine.dispose()
        name = f"test_book_{uuid.uuid4().hex[:12]}"
        self._admin("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, self.database)
        self.books[key] = (name, made)

    def close(self) -> None:
        """Drop what is kept."""
        self.leave()
        for name, _made in self.books.values():
            self._admin("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        del _REUSED[self.engine]

    def _admin(self, statement: str, *names: str) -> None:
        plain = self.server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(
                sql.SQL(statement).format(*map(sql.Identifier, names))  # type: ignore[arg-type]
            )


_REUSED: dict[Engine, Reused] = {}


def filled(engine: Engine, key: Hashable, fill: Callable[[], T]) -> T:
    """What ``fill`` makes in the engine's database; made once a process where it is reused.

    ``key`` says all that decides what is made. What is made is shared by tests: frozen.
    """
    reused = _REUSED.get(engine)
    if reused is None:
        return fill()
    if key in reused.books:
        name, made = reused.books[key]
        reused.copy(name)
        return made  # type: ignore[no-any-return]
    made = fill()
    reused.keep(key, made)
    return made


def shared_app(engine: Engine, settings: Settings, *, now: Clock) -> Litestar:
    """The application on an engine, at a test's own time; built once where it is reused."""
    reused = _REUSED.get(engine)
    if reused is None:
        return app.build(engine, settings, now=now)
    reused.clock = now
    if reused.application is None:
        reused.application = app.build(engine, settings, now=lambda: reused.clock())  # type: ignore[misc]
        reused.lead(reused.application.state["readers"])
    reused.application.state["settings"] = settings
    return reused.application
