"""A back office with a small book, and staff in front of it; counts what each page asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine

from cessio.limits import NewLimit, ask_for_limit
from cessio.plumbing.database import transaction
from cessio.plumbing.settings import Settings
from cessio.receivables import operations
from cessio.receivables.operations.limits import decide_limit
from tests import people
from tests.people import Named
from tests.receivables.books import Book, assigned, draft, invoice, open_book
from tests.reusing import filled, shared_app

#: No page may ask the database more often.
MOST_STATEMENTS = 50


@dataclass(frozen=True, slots=True)
class Office:
    """The application, its book, a remittance that waits and a request for a limit."""

    app: Litestar
    engine: Engine
    book: Book
    now: datetime
    waiting: int
    request: int

    def sits(self, who: Named) -> TestClient[Litestar]:
        """A browser of somebody of the staff, in English."""
        with transaction(self.engine) as session:
            signed = people.let_in(session, who, at=self.now)
        client = TestClient(self.app, raise_server_exceptions=True)
        client.follow_redirects = False
        client.headers.update({"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})
        client.cookies.set("cessio", signed.token)
        client.headers["X-CSRF-Token"] = signed.csrf
        return client

    def id_of(self, number: str) -> int:
        """The receivable of an invoice number."""
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT id FROM receivable WHERE number = %s", (number,)
            ).scalar_one()
        return int(found)


def open_office(engine: Engine, now: datetime) -> Office:
    """Alpha has assigned three invoices; one remittance waits, one limit is asked for."""
    book, waiting, request = filled(engine, ("office", now), lambda: _fill(engine, now))
    app = shared_app(engine, Settings.load({}), now=lambda: now)
    return Office(app, engine, book, now, waiting, request)


def _fill(engine: Engine, now: datetime) -> tuple[Book, int, int]:
    with transaction(engine) as session:
        book = open_book(session, now, auto_accept_max_minor=100_00, blanket_cover_minor=500_00)
        durand = book.people.durand.id
        limit = NewLimit(contract_id=book.alpha, debtor_id=durand, amount_minor=1_000_00)
        decide_limit(session, limit=limit, by=book.people.chloe.by, at=now)
        assigned(session, book, now, invoice(book, "F-1", 900_00), invoice(book, "F-2", 700_00),
                 invoice(book, "F-3", 800_00, debtor="mercier"))  # fmt: skip
        assigned(session, book, now, invoice(book, "B-1", 450_00), contract=book.bravo)
        waiting = draft(session, book, now, invoice(book, "F-9", 800_00), invoice(
            book, "F-10", 600_00, debtor="leroy"), invoice(book, "B-1", 450_00))  # fmt: skip
        operations.submit(session, remittance_id=waiting, by=book.people.fanny.by, at=now)
        request = ask_for_limit(session, contract_id=book.alpha,
                                debtor_id=book.people.mercier.id, amount_minor=2_000_00,
                                by=book.people.fanny.by, at=now)  # fmt: skip
    return book, waiting, request
