"""Whatever people do, in whatever order: no cent appears, none is lost, and undoing restores.

Random sequences of the operations of two clients, their debtors, the bank and the factor's staff.
After each one the whole book is proved (``cessio verify``) and every availability explained. What
the business refuses is part of the game: it must leave no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import cash, funding
from cessio.banking import import_statement, open_account
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.closing.bulk import prove
from cessio.funding import queries as availability
from cessio.funding.operations import seconding
from cessio.kernel.errors import CessioError
from cessio.ledger import queries as ledger
from cessio.limits import LimitKind, NewLimit
from cessio.receivables import NewDocument, operations
from cessio.receivables.operations.limits import decide_limit
from cessio.receivables.rules import DisputeOutcome, DisputeReason, DocumentKind
from tests.receivables.books import Book, draft, invoice, open_book

IBAN = "FR7630066100410001057380116"
DEBTORS = ("durand", "mercier", "leroy")


@dataclass
class World:
    """A book somebody acts in; every act names its subject by a number, wrapped to what is there.

    ``undo`` is how to take the last act back, where that is possible.
    """

    session: Session
    book: Book
    account_id: int
    at: datetime
    balance_minor: int = 0
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    undo: Callable[[], None] | None = None

    @property
    def on(self) -> date:
        return self.at.date()

    @property
    def people(self) -> Any:
        return self.book.people

    def rows(self, query: str) -> list[Any]:
        return list(self.session.execute(text(query)))

    def pick(self, query: str, which: int) -> Any | None:
        found = self.rows(query)
        return found[which % len(found)] if found else None

    # -- what clients do ---------------------------------------------------------------------

    def assign(self, which: int, amount: int) -> None:
        contract = (self.book.alpha, self.book.bravo)[which % 2]
        rows = [
            invoice(self.book, f"FA-{next(self.numbers):04d}", part, on=self.on,
                    days=30 + which % 40, debtor=DEBTORS[(which + place) % 3])
            for place, part in enumerate((amount, amount // 3 + 1))
        ]  # fmt: skip
        remittance_id = draft(self.session, self.book, self.at, *rows, contract=contract)
        operations.assign(self.session, remittance_id=remittance_id, by=self.book.by, at=self.at)
        self.undo = lambda: self.reverse_one(remittance_id)

    def credit_note(self, which: int, amount: int) -> None:
        owed = self.pick(_INVOICES, which)
        if owed is None:
            return
        document = NewDocument(
            number=f"AV-{next(self.numbers):04d}", issue_date=self.on, due_date=self.on,
            amount_minor=-amount, kind=DocumentKind.CREDIT_NOTE, debtor_id=owed.debtor_id,
            original_number=owed.number if which % 3 else None,
        )  # fmt: skip
        done = operations.record_credit_note(
            self.session, contract_id=owed.contract_id, document=document, by=self.book.by,
            at=self.at,
        )  # fmt: skip
        self.undo = lambda: self.reverse_one(done.remittance_id)

    def reverse(self, which: int, _amount: int) -> None:
        found = self.pick("SELECT id FROM remittance WHERE state = 'assigned' ORDER BY id", which)
        if found is not None:
            self.reverse_one(found.id)

    def reverse_one(self, remittance_id: int) -> None:
        operations.reverse(
            self.session, remittance_id=remittance_id, reason="envoyée par erreur",
            by="system:setup", at=self.at,
        )  # fmt: skip

    def draw(self, which: int, amount: int) -> None:
        done = funding.request_drawdown(
            self.session, contract_id=(self.book.alpha, self.book.bravo)[which % 2],
            amount_minor=amount, by=self.people.fanny.by, at=self.at,
        )  # fmt: skip
        if not done.reasons:
            self.undo = lambda: self.cancel_one(done.drawdown_id)

    def cancel(self, which: int, _amount: int) -> None:
        found = self.pick(
            "SELECT id FROM drawdown WHERE state IN ('requested', 'granted') ORDER BY id", which
        )
        if found is not None:
            self.cancel_one(found.id)

    def cancel_one(self, drawdown_id: int) -> None:
        funding.cancel_drawdown(
            self.session, drawdown_id=drawdown_id, reason="plus besoin", by=self.people.fanny.by,
            at=self.at,
        )  # fmt: skip

    def direct_payment(self, which: int, amount: int) -> None:
        owed = self.pick(_INVOICES, which)
        if owed is not None:
            done = cash.record_direct_payment(
                self.session, receivable_id=owed.id, amount_minor=min(amount, owed.open_minor),
                paid_on=self.on, by=self.people.fanny.by, at=self.at,
            )  # fmt: skip
            self.undo = lambda: self.undo_one(done)

    # -- what the factor does ----------------------------------------------------------------

    def dispute(self, which: int, amount: int) -> None:
        owed = self.pick(_INVOICES, which)
        if owed is not None:
            done = operations.open_dispute(
                self.session, receivable_id=owed.id, reason=DisputeReason.PRICE,
                amount_minor=min(amount, owed.open_minor), by=self.people.jules.by, at=self.at,
            )  # fmt: skip
            self.undo = lambda: self.end_one(done)

    def end_dispute(self, which: int, _amount: int) -> None:
        found = self.pick("SELECT id FROM dispute WHERE ended_at IS NULL ORDER BY id", which)
        if found is not None:
            self.end_one(found.id)

    def end_one(self, dispute_id: int) -> None:
        operations.end_dispute(
            self.session, dispute_id=dispute_id, outcome=DisputeOutcome.WITHDRAWN,
            by=self.people.jules.by, at=self.at,
        )  # fmt: skip

    def limit(self, which: int, amount: int) -> None:
        decide_limit(
            self.session, by=self.people.chloe.by, at=self.at,
            limit=NewLimit(
                contract_id=(self.book.alpha, self.book.bravo)[which % 2],
                debtor_id=getattr(self.people, DEBTORS[which % 3]).id,
                kind=LimitKind.FUNDING if which % 5 == 0 else LimitKind.COVER,
                amount_minor=2 * amount, reason="revue",
            ),
        )  # fmt: skip

    def approve(self, which: int, _amount: int) -> None:
        found = self.pick("SELECT id FROM drawdown WHERE state = 'requested' ORDER BY id", which)
        if found is not None:
            seen = seconding.shown(self.session, drawdown_id=found.id, on=self.on).seen
            funding.approve_drawdown(
                self.session, drawdown_id=found.id, seen_hash=seen,
                by=self.people.bruno.by, at=self.at,
            )  # fmt: skip

    def pay_out(self, _which: int, _amount: int) -> None:
        funding.seal_payouts(
            self.session, account_id=self.account_id, execute_on=self.on,
            by=self.people.ines.by, at=self.at,
        )  # fmt: skip

    def set_off(self, which: int, amount: int) -> None:
        pair = self.pick(_SETTABLE, which)
        if pair is not None:
            done = operations.set_off(
                self.session, credit_id=pair.credit_id, invoice_id=pair.invoice_id,
                amount_minor=min(amount, pair.room), by=self.people.denis.by, at=self.at,
            )  # fmt: skip
            self.undo = lambda: operations.undo_set_off(
                self.session, set_off_id=done, reason="erreur", by=self.people.denis.by, at=self.at
            )

    # -- what the bank says, and what is made of it --------------------------------------------

    def bank(self, which: int, amount: int) -> None:
        """Somebody pays: two invoices, one in part or too much, or nobody knows what."""
        owed = [self.pick(_INVOICES, which + place) for place in range(2)]
        named = [one for one in owed if one is not None and which % 4]
        minor = sum(one.open_minor for one in named) or amount
        minor += (0, 0, -7, 100)[which % 4]
        words = " ".join(one.number for one in named) or "VIREMENT"
        entries = [_received(f"C{next(self.numbers)}", minor, words, self.on)]
        entries += [
            _sent(row.end_to_end_id, row.amount_minor, self.on)
            for row in self.rows(_UNPAID)[: which % 3]
        ]
        self._import(entries)

    def returned(self, which: int, _amount: int) -> None:
        """The bank gives a payout back."""
        found = self.pick(
            "SELECT end_to_end_id, amount_minor FROM drawdown WHERE state = 'paid' ORDER BY id",
            which,
        )
        if found is not None:
            entry = _sent(found.end_to_end_id, -found.amount_minor, self.on, returned=True)
            self._import([entry])

    def _import(self, entries: list[ParsedEntry]) -> None:
        opening = self.balance_minor
        closing = opening + sum(entry.amount_minor for entry in entries)
        statement = ParsedStatement(
            kind="camt.053", statement_ref=f"S{next(self.numbers)}", currency="EUR", iban=IBAN,
            from_on=self.on, to_on=self.on, entries=tuple(entries),
            balances=(Balance("OPBD", opening, self.on), Balance("CLBD", closing, self.on)),
        )  # fmt: skip
        data = camt053_bytes([statement], message_id=statement.statement_ref, created_at=self.at)
        import_statement(
            self.session, data=data, filename="s.xml", by=self.people.denis.by, at=self.at
        )
        self.balance_minor = closing

    def match(self, _which: int, _amount: int) -> None:
        cash.match_open_lines(self.session, by="job:cash.match", at=self.at)
        funding.settle_payout_lines(self.session, by="job:funding.settle", at=self.at)

    def apply(self, which: int, amount: int) -> None:
        """By hand: to an invoice with a part written off, or on account."""
        line = self.pick(_OPEN_LINES, which)
        owed = self.pick(_INVOICES, which)
        if line is None or owed is None:
            return
        part = min(line.open_minor, owed.open_minor, amount)
        chosen = cash.Chosen(part, owed.id, min(owed.open_minor - part, 50))
        if which % 3 == 0:
            chosen = cash.Chosen(part, contract_id=owed.contract_id, debtor_id=owed.debtor_id)
        done = cash.apply_line(
            self.session, line_id=line.id, chosen=[chosen], by=self.people.denis.by, at=self.at
        )
        self.undo = lambda: self.undo_one(done)

    def to_client(self, which: int, amount: int) -> None:
        line = self.pick(_OPEN_LINES, which)
        if line is not None:
            done = cash.apply_to_client(
                self.session, line_id=line.id, contract_id=self.book.alpha,
                amount_minor=min(amount, line.open_minor), by=self.people.denis.by, at=self.at,
            )  # fmt: skip
            self.undo = lambda: self.undo_one(done)

    def undo_application(self, which: int, _amount: int) -> None:
        found = self.pick(
            "SELECT id FROM cash_application WHERE undone_at IS NULL ORDER BY id", which
        )
        if found is not None:
            self.undo_one(found.id)

    def undo_one(self, application_id: int) -> None:
        cash.undo_application(
            self.session, application_id=application_id, reason="mauvais lettrage",
            by=self.people.denis.by, at=self.at,
        )  # fmt: skip


_INVOICES = """
    SELECT id, contract_id, debtor_id, number, open_minor FROM receivable
     WHERE kind = 'invoice' AND open_minor > 0 AND reversed_at IS NULL ORDER BY id
"""
_OPEN_LINES = """
    SELECT id, amount_minor - applied_minor AS open_minor FROM bank_line
     WHERE amount_minor > applied_minor AND amount_minor > 0 AND return_code IS NULL ORDER BY id
"""
_UNPAID = "SELECT end_to_end_id, amount_minor FROM drawdown WHERE state = 'ordered' ORDER BY id"
_SETTABLE = """
    SELECT credit.id AS credit_id, invoice.id AS invoice_id,
           least(-credit.open_minor, invoice.open_minor) AS room
      FROM receivable AS credit JOIN receivable AS invoice USING (contract_id, debtor_id)
     WHERE credit.open_minor < 0 AND invoice.open_minor > 0 AND invoice.reversed_at IS NULL
       AND credit.reversed_at IS NULL ORDER BY 1, 2
"""

ACTS = (
    "assign", "assign", "credit_note", "reverse", "draw", "draw", "cancel", "direct_payment",
    "dispute", "end_dispute", "limit", "approve", "pay_out", "set_off", "bank", "bank", "returned",
    "match", "apply", "to_client", "undo_application",
)  # fmt: skip
UNDOABLE = (
    "assign", "credit_note", "draw", "direct_payment", "dispute", "set_off", "apply", "to_client",
)  # fmt: skip

histories = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 30), st.integers(1, 3_000_000)),
    min_size=4, max_size=14,
)  # fmt: skip


@given(history=histories)
@settings(max_examples=12)
def test_no_sequence_of_operations_creates_or_loses_a_cent(
    session: Session, now: datetime, history: list[tuple[str, int, int]]
) -> None:
    with _world(session, now) as world:
        for act, which, amount in history:
            _try(world, act, which, amount)
            _prove(world)


@pytest.mark.parametrize("act", UNDOABLE)
@given(history=histories, which=st.integers(0, 30), amount=st.integers(1, 3_000_000))
@settings(max_examples=3)
def test_undoing_an_act_gives_the_state_before_it_back(
    session: Session, now: datetime, act: str, history: list[tuple[str, int, int]], which: int,
    amount: int,
) -> None:  # fmt: skip
    with _world(session, now) as world:
        world.assign(0, 1_200_000)
        world.bank(0, 500_000)
        for earlier in history:
            _try(world, *earlier)
        before = _state(world)
        _try(world, act, which, amount)
        if world.undo is not None:
            world.undo()
        assert _state(world) == before
        _prove(world)


@contextmanager
def _world(session: Session, now: datetime) -> Iterator[World]:
    """A world that is gone afterwards."""
    outer = session.begin_nested()
    try:
        book = open_book(session, now, payout_approval_threshold_minor=400_000,
                         concentration_rate=None)  # fmt: skip
        account_id = open_account(
            session, name="Compte", iban=IBAN, bic="CMCIFRPPXXX", holder="CESSIO FACTOR",
            is_payout=True, by="system:setup", at=now,
        )  # fmt: skip
        for contract_id in (book.alpha, book.bravo):
            for name in DEBTORS:
                limit = NewLimit(contract_id=contract_id,
                                 debtor_id=getattr(book.people, name).id,
                                 amount_minor=2_500_000)  # fmt: skip
                decide_limit(session, limit=limit, by=book.people.chloe.by, at=now)
        yield World(session, book, account_id, now + timedelta(hours=1))
    finally:
        outer.rollback()
        session.expire_all()


def _try(world: World, act: str, which: int, amount: int) -> None:
    """Do it; a refusal leaves everything as it was."""
    world.at += timedelta(minutes=1)
    world.undo = None
    balance = world.balance_minor
    trial = world.session.begin_nested()
    try:
        getattr(world, act)(which, amount)
        trial.commit()
    except CessioError:
        trial.rollback()
        world.balance_minor, world.undo = balance, None


def _prove(world: World) -> None:
    session = world.session
    assert [finding for proof in prove(session) for finding in proof.findings] == []
    assert sum(ledger.trial_balance(session).values()) == 0
    for contract_id, found in availability.book_availability(session, on=world.on).items():
        assert found.available_minor == found.available_by_account_minor
        assert sum(line.amount_minor for line in found.lines) == found.available_minor
        assert sum(line.amount_minor for line in found.account_lines) == found.available_minor
        owed = session.execute(
            text("SELECT coalesce(sum(open_minor), 0) FROM receivable WHERE contract_id = :id"),
            {"id": contract_id},
        ).scalar_one()
        assert found.outstanding_minor == owed


def _state(world: World) -> dict[str, Any]:
    """Everything that decides money; what is closed or zero does not count."""
    return {
        "accounts": world.rows(
            "SELECT kind, contract_id, debtor_id, bank_id, balance_minor FROM ledger_account"
            " WHERE balance_minor <> 0 ORDER BY 1, 2, 3, 4"
        ),
        "open": world.rows(
            "SELECT id, open_minor FROM receivable WHERE open_minor <> 0 ORDER BY 1"
        ),
        "cover": world.rows(
            "SELECT receivable_id, covered_minor FROM invoice_cover WHERE covered_minor <> 0"
            " ORDER BY 1"
        ),
        "cash": world.rows("SELECT id, applied_minor FROM bank_line ORDER BY 1"),
        "availability": {
            key: (found.figures(), found.lines)
            for key, found in availability.book_availability(world.session, on=world.on).items()
            if found.outstanding_minor or found.current_account_minor
        },
    }


def _received(reference: str, minor: int, words: str, on: date) -> ParsedEntry:
    detail = ParsedDetail(
        amount_minor=minor, debtor=Party(name="DISTRIBUTION DURAND SA"), remittance=(words,)
    )
    return ParsedEntry(amount_minor=minor, currency="EUR", booked_on=on, value_date=on,
                       bank_ref=reference, details=(detail,))  # fmt: skip


def _sent(end_to_end_id: str, minor: int, on: date, *, returned: bool = False) -> ParsedEntry:
    detail = ParsedDetail(
        amount_minor=-minor,
        end_to_end_id=end_to_end_id,
        creditor=Party(name="ALPHA"),
        return_code="AC04" if returned else None,
    )
    return ParsedEntry(amount_minor=-minor, currency="EUR", booked_on=on, value_date=on,
                       bank_ref=f"D{end_to_end_id}{returned}", details=(detail,))  # fmt: skip
