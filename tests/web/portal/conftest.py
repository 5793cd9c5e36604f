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
from sqlalchemy import Engine, update

from cessio import app
from cessio.identity import SignedIn
from cessio.identity.models import Person
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.plumbing.settings import Settings
from cessio.web.sessions import Access
from cessio.worker import load_jobs
from tests import people
from tests.people import Named
from tests.receivables.books import Book, open_book
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


def make_portal(engine: Engine, now: datetime, folder: Path, **terms: Any) -> Portal:
    with transaction(engine) as session:
        book = open_book(session, now, **{**TERMS, **terms})
    settings = Settings(data_dir=folder, secret_file=folder / "secret")
    return Portal(engine, book, now, app.build(engine, settings, now=lambda: now))
