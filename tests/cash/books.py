"""Money on the factor's account and what is owed, entered in a few words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, open_book

from cessio import banking
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
    StructuredRemittance,
)

IBAN = "FR7630066100410001057380116"


@dataclass(slots=True)
class Payment:
    """What a debtor sends: how much, the words, structured references, under which name."""

    minor: int
    words: str = "VIREMENT"
    references: Sequence[str] = ()
    payer: str | None = None
    iban: str | None = None


@dataclass(slots=True)
class Desk:
    """The cash desk: a book, an account, and the statements that come in."""

    session: Session
    book: Book
    at: datetime
    balance_minor: int = 0
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def on(self) -> date:
        return self.at.date()

    def receive(self, *payments: Payment) -> list[int]:
        """Import a statement of these payments; the ids of its lines, in order."""
        entries = tuple(self._entry(one) for one in payments)
        closing = self.balance_minor + sum(one.minor for one in payments)
        ends = (Balance("OPBD", self.balance_minor, self.on), Balance("CLBD", closing, self.on))
        statement = ParsedStatement(
            kind="camt.053", statement_ref=f"S{next(self.numbers)}", currency="EUR", iban=IBAN,
            from_on=self.on, to_on=self.on, entries=entries, balances=ends,
        )  # fmt: skip
        data = camt053_bytes([statement], message_id=statement.statement_ref, created_at=self.at)
        (done,) = banking.import_statement(
            self.session, data=data, filename="s.xml", by="person:1", at=self.at
        )
        self.balance_minor = closing
        return [
            row[0]
            for row in self.rows(
                "SELECT id FROM bank_line WHERE statement_id = :id ORDER BY position",
                id=done.statement_id,
            )
        ]

    def rows(self, query: str, **facts: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.execute(text(query), facts)]

    def open_of(self, number: str) -> int:
        """What is open of a receivable, by its number."""
        found = self.rows("SELECT open_minor FROM receivable WHERE number = :n", n=number)
        return int(found[0][0])

    def _entry(self, one: Payment) -> ParsedEntry:
        blocks = tuple(StructuredRemittance(reference=r) for r in one.references)
        return ParsedEntry(
            amount_minor=one.minor, currency="EUR", booked_on=self.on, value_date=self.on,
            bank_ref=f"B{next(self.numbers)}",
            details=(
                ParsedDetail(
                    debtor=Party(name=one.payer, iban=one.iban), remittance=(one.words,),
                    structured=blocks,
                ),
            ),
        )  # fmt: skip


@contextmanager
def desk(session: Session, at: datetime, **terms: Any) -> Iterator[Desk]:
    """A cash desk that is gone afterwards."""
    outer = session.begin_nested()
    try:
        book = open_book(session, at, **terms)
        banking.open_account(
            session, name="Compte", iban=IBAN, bic="CMCIFRPPXXX", holder="CESSIO FACTOR",
            by="system:setup", at=at,
        )  # fmt: skip
        yield Desk(session, book, at)
    finally:
        outer.rollback()
        session.expire_all()
