"""Every page of the back office, found by itself: by the links that people follow, and by routes.

``fill`` makes a small demonstration book; ``walk`` finds one address of each route that some member
of staff may open, with who that is; ``found`` reads it again in a copy of that book.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from html import unescape
from itertools import product
from urllib.parse import urlsplit

import msgspec
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, text

from cessio import app, demo, identity
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import enqueue
from cessio.plumbing.settings import Settings

UNTIL = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
#: Three clients, two months.
SCALE = Decimal("0.1")

#: Who looks, in this order: what one opened, the next does not look at again.
ROLES = (
    "account_manager", "treasury", "cash_clerk", "credit_analyst", "auditor", "admin", "collector",
)  # fmt: skip
#: Answers that are no pages: they lead elsewhere or are files.
NO_PAGES = re.compile(r"/next$|/file$|\.pdf$|/pdf$|/download$|/xml$|/csv$")
#: So many addresses of a route are followed further: the first may lead nowhere.
LOOKED_AT = 4
_HREF = re.compile(r"""<a\b[^>]*?\bhref="(/backoffice[^"#]*)"[^>]*>""")


@dataclass(frozen=True, slots=True)
class Visit:
    """One page: its route, an address of it, and the role that opens it."""

    route: str
    path: str
    role: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk found: the pages, the routes that nobody could open, and what failed."""

    visits: tuple[Visit, ...]
    missed: frozenset[str]
    failures: tuple[str, ...]


@dataclass
class Walk:
    """A walk through the back office of an application."""

    app: Litestar
    engine: Engine
    now: datetime = NOW
    language: str = "en"
    looked_at: int = LOOKED_AT
    failures: list[str] = field(default_factory=list)
    _answered: set[str] = field(default_factory=set)
    _browsers: dict[str, TestClient[Litestar]] = field(default_factory=dict)
    _tried: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _looked: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """Every route of the back office that answers GET, as a pattern of addresses."""
        found = {
            route.path for route in self.app.routes
            if "GET" in getattr(route, "methods", ()) and route.path.startswith("/backoffice")
        }  # fmt: skip
        return {route: re.compile(_pattern(route)) for route in sorted(found)}

    @cached_property
    def people(self) -> dict[str, int]:
        """The first person of each role."""
        return people(self.engine)

    def browser(self, role: str) -> TestClient[Litestar]:
        """A browser of the first person of a role."""
        if role not in self._browsers:
            with transaction(self.engine) as session:
                session.execute(
                    text("UPDATE person SET language = :language"), {"language": self.language}
                )
                signed = identity.open_session(
                    session, person_id=self.people[role], user_agent="test", address="192.0.2.1",
                    at=self.now,
                )  # fmt: skip
            client = TestClient(self.app, raise_server_exceptions=False)
            client.follow_redirects = False
            client.headers.update({"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})
            client.cookies.set("cessio", signed.token)
            client.headers["X-CSRF-Token"] = signed.csrf
            self._browsers[role] = client
        return self._browsers[role]

    def route_of(self, path: str) -> str | None:
        """The route an address belongs to; an exact one before one with a part left open."""
        plain = urlsplit(path).path
        fitting = [route for route, pattern in self.patterns.items() if pattern.fullmatch(plain)]
        return min(fitting, key=lambda route: route.count("{"), default=None)

    @cached_property
    def visits(self) -> tuple[Visit, ...]:
        """One address of each page that somebody may open."""
        found: dict[str, Visit] = {}
        roles = [role for role in ROLES if role in self.people]
        for role in roles:
            self._follow(role, found)
        for role in roles:
            for route in set(self.patterns) - set(found) - self._files:
                self._follow(role, found, self._guessed(route))
        return tuple(found[route] for route in sorted(found))

    @cached_property
    def _ids(self) -> dict[str, list[str]]:
        """Some ids of each table, to write addresses with that no link was found to."""
        named: dict[str, list[str]] = {}
        with self.engine.connect() as connection:
            tables = connection.execute(
                text("SELECT table_name FROM information_schema.columns"
                     " WHERE table_schema = 'public' AND column_name = 'id'")
            ).scalars().all()  # fmt: skip
            for table in tables:
                ids = connection.execute(text(f'SELECT id FROM "{table}" ORDER BY id DESC LIMIT 3'))
                named[f"{table}_id"] = [str(each) for each in ids.scalars()]
        return named

    def _guessed(self, route: str) -> list[str]:
        """Addresses of a route with ids of the tables its parts are named after."""
        names = re.findall(r"\{([a-z_]+):", route)
        ids = self._ids
        known = {"account_id": "party_account_id", "application_id": "cash_application_id",
                 "job_id": "job_id", "line_id": "bank_line_id"}  # fmt: skip
        choices = [ids.get(known.get(name, name), [])[:2] for name in names]
        return [_filled(route, names, chosen) for chosen in product(*choices)]

    @property
    def missed(self) -> set[str]:
        """Routes that nobody of the staff could open on this book."""
        return (
            set(self.patterns) - {one.route for one in self.visits} - self._files - self._answered
        )

    @cached_property
    def _files(self) -> set[str]:
        return {route for route in self.patterns if NO_PAGES.search(route)}

    def _follow(
        self, role: str, found: dict[str, Visit], starts: Sequence[str] | None = None
    ) -> None:
        """Open what is linked from ``starts`` (else the first page and every plain address)."""
        plain = [route for route in self.patterns if "{" not in route and route not in self._files]
        waiting = ["/backoffice", *plain] if starts is None else list(starts)
        tried, looked = self._tried[role], self._looked[role]
        browser = self.browser(role)
        while waiting:
            path = waiting.pop(0)
            route = self.route_of(path)
            if route is None or path in tried or route in self._files:
                continue
            if looked[route] >= self.looked_at or (route in found and found[route].role != role):
                continue
            tried.add(path)
            looked[route] += 1
            answer = browser.get(path)
            if answer.status_code >= 500:
                self.failures.append(f"{path} answered {answer.status_code} to {role}")
            if answer.status_code < 400:
                self._answered.add(route)
            if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
                if 300 <= answer.status_code < 400:
                    waiting.append(answer.headers["location"])
                continue
            found.setdefault(route, Visit(route, path, role))
            waiting += [
                href for href in dict.fromkeys(map(unescape, _HREF.findall(answer.text)))
                if "format=" not in href
            ]  # fmt: skip


def _filled(route: str, names: list[str], chosen: tuple[str, ...]) -> str:
    for name, value in zip(names, chosen, strict=True):
        route = re.sub(rf"\{{{name}:[a-z]+\}}", value, route)
    return route


def _pattern(route: str) -> str:
    parts = re.split(r"\{[a-z_]+:([a-z]+)\}", route)
    return "".join(
        (r"\d+" if part == "int" else "[^/]+") if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    )


def people(engine: Engine) -> dict[str, int]:
    """The first person of each role of the staff."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT DISTINCT ON (role) role, id FROM person WHERE audience = 'staff'"
                 " AND disabled_at IS NULL ORDER BY role, id")
        )  # fmt: skip
        return {row[0]: row[1] for row in rows}


def fill(engine: Engine) -> None:
    """The small demonstration book, and a job that somebody asked for."""
    demo.fill(engine, until=UNTIL, scale=SCALE)
    with transaction(engine) as session:
        enqueue(session, kind="identity.forget", key="walk", payload={}, by="person:1", at=NOW)


def walk(engine: Engine) -> None:
    """Walk through a filled book, and note in it what was found."""
    walker = Walk(app.build(engine, Settings.load({}), now=lambda: NOW), engine)
    told = Found(walker.visits, frozenset(walker.missed), tuple(walker.failures))
    with transaction(engine) as session:
        session.execute(text("CREATE TABLE walked (told text NOT NULL)"))
        session.execute(
            text("INSERT INTO walked VALUES (:told)"), {"told": msgspec.json.encode(told).decode()}
        )


def found(engine: Engine) -> Found:
    """What the walk through this book found."""
    with transaction(engine) as session:
        told = session.execute(text("SELECT told FROM walked")).scalar_one()
    return msgspec.json.decode(told, type=Found)
