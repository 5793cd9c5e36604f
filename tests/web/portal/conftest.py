"""The portal in front of a database of the test's own, with Alpha's and Bravo's books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, text, update

from cessio.identity import SignedIn
from cessio.identity.models import Person
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.plumbing.settings import Settings
from cessio.web.sessions import Access
from cessio.worker import load_jobs
from tests import people
from tests.people import Named
from tests.receivables.books import Book, assigned, invoice, open_book
from tests.reusing import filled, shared_app
from tests.web.browser import browser

TERMS: dict[str, Any] = {"blanket_cover_minor": 50_000_00}


@dataclass
class Portal:
    """An application on an engine, the book in it, and browsers of the people there."""

    engine: Engine
    book: Book
    now: datetime
    app: Litestar

    def signed(self, person: Named) -> SignedIn:
        with transaction(self.engine) as session:
            return people.let_in(session, person, at=self.now)

    def visit(self, person: Named, language: str = "en") -> TestClient[Litestar]:
        """A browser of a person, in a language."""
        with transaction(self.engine) as session:
            session.execute(update(Person).where(Person.id == person.id).values(language=language))
        return browser(self.app, self.app.plugins.get(Access), self.signed(person))

    @property
    def fanny(self) -> TestClient[Litestar]:
        """Alpha's signatory."""
        return self.visit(self.book.people.fanny)

    @property
    def stranger(self) -> TestClient[Litestar]:
        """Somebody without access, who reads English."""
        client = browser(self.app, self.app.plugins.get(Access))
        client.headers["Accept-Language"] = "en"
        return client

    def work(self) -> None:
        """Run the jobs that wait."""
        load_jobs()
        run_pending(self.engine)


@pytest.fixture
def portal(engine: Engine, now: datetime, tmp_path: Path) -> Portal:
    return make_portal(engine, now, tmp_path)


@pytest.fixture
def make(engine: Engine, now: datetime, tmp_path: Path) -> Callable[..., Portal]:
    """The same under other terms."""
    return lambda **terms: make_portal(engine, now, tmp_path, **terms)


@pytest.fixture
def first(portal: Portal) -> int:
    """The id of the first of two invoices and a credit note of Alpha's."""
    with transaction(portal.engine) as session:
        assigned(
            session, portal.book, portal.now,
            invoice(portal.book, "F-001", 120_000), invoice(portal.book, "F-002", 80_000),
            invoice(portal.book, "A-001", -20_000, original_number="F-001"),
        )  # fmt: skip
        found = session.scalar(text("SELECT id FROM receivable WHERE number = 'F-001'"))
    assert isinstance(found, int)
    return found


def make_portal(engine: Engine, now: datetime, folder: Path, **terms: Any) -> Portal:
    agreed = {**TERMS, **terms}
    key = ("portal", now, tuple(sorted(agreed.items())))
    book = filled(engine, key, lambda: _fill(engine, now, agreed))
    settings = Settings(data_dir=folder, secret_file=folder / "secret")
    return Portal(engine, book, now, shared_app(engine, settings, now=lambda: now))


def _fill(engine: Engine, now: datetime, terms: dict[str, Any]) -> Book:
    with transaction(engine) as session:
        return open_book(session, now, **terms)
