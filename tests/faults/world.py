"""The world that is broken: a book in the middle of its day, its money flows, and its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cessio import banking, cash, contracts, funding, settlement
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.closing.bulk import prove
from cessio.contracts.rules import IndexName
from cessio.funding import queries as availability
from cessio.plumbing.database import transaction
from cessio.receivables import operations
from tests.people import DURAND
from tests.receivables.books import Book, assigned, draft, invoice, open_book

IBAN, BIC = "FR7630006000011234567890189", "AGRIFRPPXXX"


@dataclass(frozen=True, slots=True)
class World:
    """Alpha's contract with invoices, a granted drawdown and a statement imported but not applied;
    a draft remittance waits."""

    book: Book
    account_id: int
    draft_id: int
    statement: bytes
    at: datetime

    @property
    def on(self) -> date:
        return self.at.date()


def make_world(engine: Engine, at: datetime) -> World:
    """Fill a database with the world."""
    with transaction(engine) as session:
        book = open_book(
            session, at - timedelta(days=20), blanket_cover_minor=100_000_00,
            concentration_rate=None, value_days_in=0, annual_minimum_minor=6_000_00,
            payout_approval_threshold_minor=50_000_00,
        )  # fmt: skip
        contracts.record_fixing(
            session, index=IndexName.EURIBOR_3M, fixed_on=date(2026, 10, 1),
            rate=Decimal("0.02015"), source="EMMI", by="system:setup", at=at,
        )  # fmt: skip
        account_id = banking.open_account(
            session, name="Compte", iban=IBAN, bic=BIC, holder="Cessio Factor", is_payout=True,
            by="system:setup", at=at,
        )  # fmt: skip
        assigned(session, book, at, invoice(book, "FA-1", 12_000_00),
                 invoice(book, "FA-2", 8_000_00), invoice(book, "FA-3", 5_000_00,
                                                          debtor="mercier"))  # fmt: skip
        funding.request_drawdown(
            session, contract_id=book.alpha, amount_minor=4_000_00, by=book.people.fanny.by,
            at=at,
        )  # fmt: skip
        banking.import_statement(
            session, data=_statement(at, 1, 0, _paid(at, 12_000_00, "FACTURE FA-1")),
            filename="1.xml", by=book.people.denis.by, at=at,
        )  # fmt: skip
        draft_id = draft(session, book, at, invoice(book, "FA-9", 3_000_00), invoice(
            book, "AV-9", -500_00, original_number="FA-2"))  # fmt: skip
    second = _statement(at, 2, 12_000_00, _paid(at, 5_000_00, "FACTURE FA-3"))
    return World(book, account_id, draft_id, second, at)


# -- the money flows ---------------------------------------------------------------------------


def assign(session: Session, world: World) -> None:
    operations.assign(session, remittance_id=world.draft_id, by=world.book.by, at=world.at)


def drawdown(session: Session, world: World) -> None:
    funding.request_drawdown(
        session, contract_id=world.book.alpha, amount_minor=2_000_00,
        by=world.book.people.fanny.by, at=world.at,
    )  # fmt: skip


def seal(session: Session, world: World) -> None:
    funding.seal_payouts(
        session, account_id=world.account_id, execute_on=world.on,
        by=world.book.people.ines.by, at=world.at,
    )  # fmt: skip


def import_statement(session: Session, world: World) -> None:
    banking.import_statement(
        session, data=world.statement, filename="2.xml", by=world.book.people.denis.by, at=world.at
    )


def apply(session: Session, world: World) -> None:
    cash.match_open_lines(session, by="job:cash.match", at=world.at)


def settle(session: Session, world: World) -> None:
    """A month's end that is the end of the contract's year too."""
    on = date(2026, 12, 31)
    settlement.run_day(
        session, on=on, by="job:settlement", at=world.at.replace(year=2027, month=1, day=1)
    )


FLOWS: dict[str, Callable[[Session, World], None]] = {
    "assign": assign, "drawdown": drawdown, "seal": seal, "import": import_statement,
    "apply": apply, "settle": settle,
}  # fmt: skip


# -- what is looked at -------------------------------------------------------------------------

_FIGURES = {
    "accounts": "SELECT kind, contract_id, debtor_id, bank_id, balance_minor FROM ledger_account"
    " WHERE balance_minor <> 0",
    "transactions": "SELECT kind, effect, value_date FROM ledger_transaction",
    "receivables": "SELECT number, open_minor, closed_on FROM receivable",
    "remittances": "SELECT id, state FROM remittance",
    "drawdowns": "SELECT contract_id, amount_minor, state, commission_minor FROM drawdown",
    "orders": "SELECT payment_count, total_minor, sent_at FROM payment_order",
    "lines": "SELECT bank_ref, amount_minor, applied_minor FROM bank_line",
    "cover": "SELECT number, covered_minor FROM invoice_cover JOIN receivable ON"
    " receivable.id = receivable_id WHERE covered_minor <> 0",
    "charges": "SELECT contract_id, kind, from_on, amount_minor FROM financing_charge",
    "runs": "SELECT day, step, total_minor FROM settlement_run",
    "events": "SELECT kind FROM job",
    "audit": "SELECT verb, subject_kind FROM audit_event",
}
_TABLES = """
    SELECT string_agg(format('SELECT %L AS name, count(*) FROM %I.%I', relname, nspname, relname),
                      ' UNION ALL ')
      FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = 'public' AND relkind = 'r'
"""


def figures(session: Session) -> dict[str, Any]:
    """Everything that decides money, by natural keys, and how many rows each table has."""
    found: dict[str, Any] = {
        name: sorted((tuple(row) for row in session.execute(text(query))), key=repr)
        for name, query in _FIGURES.items()
    }
    counting = session.execute(text(_TABLES)).scalar_one()
    found["rows"] = {row[0]: row[1] for row in session.execute(text(counting)) if row[1]}
    return found


def sound(session: Session, world: World) -> None:
    """``cessio verify`` finds nothing, and every availability explains itself."""
    assert [finding for proof in prove(session) for finding in proof.findings] == []
    for found in availability.book_availability(session, on=world.on).values():
        assert found.available_minor == found.available_by_account_minor
        assert sum(line.amount_minor for line in found.lines) == found.available_minor


def _paid(at: datetime, minor: int, words: str) -> ParsedEntry:
    on = at.date()
    detail = ParsedDetail(
        amount_minor=minor, debtor=Party(name=DURAND.details.name, iban=DURAND.iban),
        remittance=(words,),
    )  # fmt: skip
    return ParsedEntry(
        amount_minor=minor, currency="EUR", booked_on=on, value_date=on, bank_ref=words,
        details=(detail,),
    )  # fmt: skip


def _statement(at: datetime, number: int, opening: int, *entries: ParsedEntry) -> bytes:
    on, closing = at.date(), opening + sum(entry.amount_minor for entry in entries)
    balances = (Balance("OPBD", opening, on), Balance("CLBD", closing, on))
    statement = ParsedStatement(
        kind="camt.053", statement_ref=f"ST-{number}", currency="EUR", iban=IBAN,
        electronic_sequence=number, from_on=on, to_on=on, opening=balances[0],
        closing=balances[1], balances=balances, entries=tuple(entries),
    )  # fmt: skip
    return camt053_bytes([statement], message_id=f"M{number}", created_at=at)


def read(engine: Engine, world: World) -> dict[str, Any]:
    """The figures of a database that is sound."""
    with transaction(engine) as session:
        sound(session, world)
        return figures(session)


__all__ = ["FLOWS", "World", "figures", "make_world", "read", "sound"]
