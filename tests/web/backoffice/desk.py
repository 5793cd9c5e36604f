"""The back office's cash desk in front of a database of the test's own.

Alpha's contract with two invoices on Durand and one on Mercier, Bravo's with one on Durand, the
factor's account, and the bank's files as the bank would write them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, update

from cessio import banking, contracts
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.contracts.rules import IndexName
from cessio.identity.models import Person
from cessio.plumbing.database import transaction
from cessio.plumbing.settings import Settings
from cessio.web.sessions import Access
from tests import people
from tests.people import DURAND, Named
from tests.receivables.books import Book, assigned, invoice, open_book
from tests.reusing import filled, shared_app
from tests.web.browser import browser

OUR_IBAN, OUR_BIC = "FR7630006000011234567890189", "AGRIFRPPXXX"


@dataclass
class Desk:
    """An application on an engine, the book in it, and browsers of the people there."""

    engine: Engine
    book: Book
    now: datetime
    app: Litestar
    account_id: int
    bank_minor: int = 0
    files: int = 0
    known: dict[str, TestClient[Litestar]] = field(default_factory=dict)

    def visit(self, person: Named, language: str = "en") -> TestClient[Litestar]:
        """A browser of a person, in a language."""
        with transaction(self.engine) as session:
            session.execute(update(Person).where(Person.id == person.id).values(language=language))
            signed = people.let_in(session, person, at=self.now)
        return browser(self.app, self.app.plugins.get(Access), signed)

    @property
    def denis(self) -> TestClient[Litestar]:
        """The cash clerk."""
        return self._known("denis")

    @property
    def bruno(self) -> TestClient[Litestar]:
        """One of treasury."""
        return self._known("bruno")

    @property
    def ines(self) -> TestClient[Litestar]:
        """Another one of treasury."""
        return self._known("ines")

    def sign(self, address: str) -> None:
        """Inès signs an order that Bruno sealed, on the hash she is shown."""
        page = self.ines.get(address).text
        shown = dict(re.findall(r'name="(seen|payees)" value="([0-9a-f]{64})"', page))
        signed = self.ines.post(f"{address}/signatures", data=shown)
        assert signed.status_code == 303, signed.text

    def _known(self, name: str) -> TestClient[Litestar]:
        if name not in self.known:
            self.known[name] = self.visit(getattr(self.book.people, name))
        return self.known[name]

    @property
    def today(self) -> date:
        return self.now.date()

    def bank_file(self, *entries: ParsedEntry) -> bytes:
        """The bank's next statement."""
        opening, self.files = self.bank_minor, self.files + 1
        self.bank_minor += sum(entry.amount_minor for entry in entries)
        balances = (
            Balance("OPBD", opening, self.today), Balance("CLBD", self.bank_minor, self.today)
        )  # fmt: skip
        statement = ParsedStatement(
            kind="camt.053", statement_ref=f"ST-{self.files}", currency="EUR", iban=OUR_IBAN,
            electronic_sequence=self.files, from_on=self.today, to_on=self.today,
            opening=balances[0], closing=balances[1], balances=balances, entries=tuple(entries),
        )  # fmt: skip
        return camt053_bytes([statement], message_id=f"M{self.files}", created_at=self.now)

    def receive(self, *entries: ParsedEntry) -> str:
        """Denis imports the bank's file; the address he is sent to."""
        answer = self.denis.post(
            "/backoffice/bank/statements",
            files={"file": ("day.xml", self.bank_file(*entries), "application/xml")},
        )
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])


def money_in(
    desk: Desk, minor: int, text: str = "", *, name: str = DURAND.details.name,
    iban: str | None = DURAND.iban,
) -> ParsedEntry:  # fmt: skip
    """A transfer that came in."""
    detail = ParsedDetail(
        debtor=Party(name=name, iban=iban), remittance=(text,) if text else (), amount_minor=minor
    )
    return ParsedEntry(
        amount_minor=minor, currency="EUR", booked_on=desk.today, value_date=desk.today,
        bank_ref=f"R{minor}-{text}", details=(detail,),
    )  # fmt: skip


def money_out(desk: Desk, minor: int, end_to_end_id: str) -> ParsedEntry:
    """A payout that left."""
    return ParsedEntry(
        amount_minor=-minor, currency="EUR", booked_on=desk.today, value_date=desk.today,
        bank_ref=f"O{end_to_end_id}", details=(ParsedDetail(end_to_end_id=end_to_end_id),),
    )  # fmt: skip


def make_desk(engine: Engine, now: datetime, folder: Path, **terms: Any) -> Desk:
    """Open the desk: contracts, limits by blanket cover, invoices, our account, a fixing."""
    key = ("desk", now, tuple(sorted(terms.items())))
    book, account_id = filled(engine, key, lambda: _fill(engine, now, terms))
    settings = Settings(data_dir=folder, secret_file=folder / "secret")
    return Desk(engine, book, now, shared_app(engine, settings, now=lambda: now), account_id)


def _fill(engine: Engine, now: datetime, terms: dict[str, Any]) -> tuple[Book, int]:
    with transaction(engine) as session:
        agreed = {"blanket_cover_minor": 50_000_00, "value_days_in": 0, **terms}
        book = open_book(session, now, **agreed)
        on = now.date() - timedelta(days=14)
        assigned(session, book, now, invoice(book, "FA-1001", 12_000_00, on=on),
                 invoice(book, "FA-1002", 8_000_00, on=on),
                 invoice(book, "FA-1003", 5_000_00, on=on, debtor="mercier"))  # fmt: skip
        assigned(session, book, now, invoice(book, "BT-77", 3_000_00, on=on), contract=book.bravo)
        account_id = banking.open_account(
            session, name="Encaissements", iban=OUR_IBAN, bic=OUR_BIC, holder="Cessio Factor",
            is_payout=True, by="system:setup", at=now,
        )  # fmt: skip
        contracts.record_fixing(
            session, index=IndexName.EURIBOR_3M, fixed_on=now.date() - timedelta(days=17),
            rate=Decimal("0.02015"), source="EMMI", by="system:setup", at=now,
        )  # fmt: skip
    return book, account_id
