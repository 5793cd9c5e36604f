"""One contract, lived from its signature to its last euro (domain.md TEST E1 and E2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from cessio import banking, cash, contracts, funding, receivables, settlement, statements
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.cash import queries as cash_queries
from cessio.contracts import Product, product_defaults
from cessio.contracts.rules import IndexName
from cessio.funding import queries as funding_queries
from cessio.ledger import bulk as proof
from cessio.ledger import queries as ledger
from cessio.limits.operations import NewLimit
from cessio.receivables import NewDocument
from cessio.receivables.operations.limits import decide_limit
from tests import people
from tests.people import DURAND, People

OUR_IBAN, OUR_BIC = "FR7630006000011234567890189", "AGRIFRPPXXX"
SEPTEMBER = date(2026, 9, 1)


def noon(on: date) -> datetime:
    """Twelve o'clock in Paris, near enough, on a day."""
    return datetime(on.year, on.month, on.day, 10, 0, tzinfo=UTC)


@dataclass
class Life:
    """The story so far: a session, its people, the contract and the factor's account."""

    session: Session
    people: People
    contract_id: int
    account_id: int
    bank_minor: int = 0
    sequence: int = 0

    def day(self, on: date) -> funding_queries.Availability:
        """The availability of the contract on a day."""
        return funding_queries.availability(self.session, contract_id=self.contract_id, on=on)

    def assign(self, on: date, *documents: NewDocument) -> int:
        """Gilles prepares, Fanny confirms; the contract's rules accept."""
        at = noon(on)
        number = receivables.draft_from_rows(
            self.session, contract_id=self.contract_id, rows=documents,
            by=self.people.gilles.by, at=at,
        )  # fmt: skip
        receivables.check(
            self.session, remittance_id=number, on=on, by=self.people.gilles.by, at=at
        )
        receivables.submit(self.session, remittance_id=number, by=self.people.fanny.by, at=at)
        return number

    def bank_says(self, on: date, *entries: ParsedEntry) -> None:
        """The bank's statement of a day, as a file, imported by Denis and matched."""
        opening, self.sequence = self.bank_minor, self.sequence + 1
        self.bank_minor += sum(entry.amount_minor for entry in entries)
        opened = Balance("OPBD", opening, on)
        closed = Balance("CLBD", self.bank_minor, on)
        statement = ParsedStatement(
            kind="camt.053", statement_ref=f"ST-{self.sequence}", currency="EUR", iban=OUR_IBAN,
            electronic_sequence=self.sequence, from_on=on, to_on=on, opening=opened,
            closing=closed, balances=(opened, closed), entries=tuple(entries),
        )  # fmt: skip
        data = camt053_bytes([statement], message_id=f"M{self.sequence}", created_at=noon(on))
        by, at = self.people.denis.by, noon(on) + timedelta(hours=1)
        banking.import_statement(self.session, data=data, filename="day.xml", by=by, at=at)
        funding.settle_payout_lines(self.session, by="job:payouts", at=at)
        cash.match_open_lines(self.session, by="job:matching", at=at)

    def settle(self, first: date, last: date) -> None:
        """The daily run, every day of a period."""
        on = first
        while on <= last:
            at = noon(on) + timedelta(hours=8)
            settlement.run_day(self.session, on=on, by="job:settlement", at=at)
            on += timedelta(days=1)

    def books_are_whole(self) -> None:
        """TEST E2: the trial balance is zero and the ledger proves itself."""
        assert sum(ledger.trial_balance(self.session).values()) == 0
        assert proof.verify(self.session) == []


def money_in(on: date, minor: int, text: str, name: str = DURAND.details.name) -> ParsedEntry:
    """A transfer a debtor made, as the bank tells it."""
    return ParsedEntry(
        amount_minor=minor, currency="EUR", booked_on=on, value_date=on, bank_ref=f"R{minor}{on}",
        details=(
            ParsedDetail(debtor=Party(name=name, iban=DURAND.iban), remittance=(text,)),
        ),
    )  # fmt: skip


def money_out(on: date, minor: int, end_to_end_id: str) -> ParsedEntry:
    """A payout that left, as the bank tells it."""
    return ParsedEntry(
        amount_minor=-minor, currency="EUR", booked_on=on, value_date=on,
        bank_ref=f"O{end_to_end_id}",
        details=(ParsedDetail(end_to_end_id=end_to_end_id),),
    )  # fmt: skip


def invoice(number: str, issued: date, minor: int, debtor_id: int, days: int = 45) -> NewDocument:
    """An invoice of Alpha."""
    return NewDocument(
        number=number, issue_date=issued, due_date=issued + timedelta(days=days),
        amount_minor=minor, debtor_id=debtor_id,
    )  # fmt: skip


@pytest.fixture
def life(session: Session) -> Life:
    """Alpha signs on 1 September: 10 % retention, 0.60 % commission, Euribor 2.015 % + 1.20 %."""
    at = noon(SEPTEMBER)
    who = people.settle_in(session, at=at)
    terms = product_defaults(
        Product.FULL, facility_limit_minor=100_000_00, value_days_in=0,
        payout_approval_threshold_minor=50_000_00,
    )  # fmt: skip
    contract_id = contracts.sign_contract(
        session, client_id=who.alpha.id, product=Product.FULL, terms=terms,
        signed_on=SEPTEMBER, by="system:setup", at=at,
    )  # fmt: skip
    contracts.record_fixing(
        session, index=IndexName.EURIBOR_3M, fixed_on=date(2026, 8, 31), rate=Decimal("0.02015"),
        source="EMMI", by="system:setup", at=at,
    )  # fmt: skip
    decide_limit(
        session, by=who.chloe.by, at=at,
        limit=NewLimit(contract_id=contract_id, debtor_id=who.durand.id, amount_minor=60_000_00),
    )  # fmt: skip
    account_id = banking.open_account(
        session, name="Encaissements", iban=OUR_IBAN, bic=OUR_BIC, holder="Cessio Factor",
        is_payout=True, by="system:setup", at=at,
    )  # fmt: skip
    return Life(session, who, contract_id, account_id)


def drawn(life: Life, on: date, minor: int) -> str:
    """Fanny draws, Bruno seals the order; the reference the bank will tell."""
    at = noon(on)
    answer = funding.request_drawdown(
        life.session, contract_id=life.contract_id, amount_minor=minor, by=life.people.fanny.by,
        at=at,
    )  # fmt: skip
    assert answer.state == "granted", answer
    funding.seal_payouts(
        life.session, account_id=life.account_id, execute_on=on, by=life.people.bruno.by, at=at
    )
    view = funding_queries.drawdown_view(life.session, drawdown_id=answer.drawdown_id)
    assert view.end_to_end_id is not None
    return view.end_to_end_id


def test_e1_life_of_one_invoice(life: Life) -> None:
    """12 000 assigned, 10 500 drawn for 45 days, paid by the debtor, retention given back."""
    start, paid_on = date(2026, 9, 1), date(2026, 10, 16)
    life.assign(start, invoice("FA-2601", start, 12_000_00, life.people.durand.id))
    after = life.day(start)
    assert after.current_account_minor == 12_000_00 - 1_200_00 - 86_40
    assert after.available_minor == after.available_by_account_minor == 10_713_60

    reference = drawn(life, start, 10_500_00)
    assert life.day(start).current_account_minor == 213_60
    life.bank_says(start, money_out(start, 10_500_00, reference))
    life.settle(start, date(2026, 9, 30))

    life.bank_says(paid_on, money_in(paid_on, 12_000_00, "FACTURE FA-2601"))
    assert life.day(paid_on).outstanding_minor == 0
    life.settle(date(2026, 10, 1), date(2026, 10, 31))
    life.books_are_whole()

    end = life.day(date(2026, 10, 31))
    interest = -sum(
        line.amount_minor
        for line in _statement(life).current.lines
        if line.kind == "FINANCING_COMMISSION"
    )
    # TEST E1 says 47.37 in one go; charged at the month's end, September's 31.58 costs a little
    # itself in October: 30 days on 11 786.40, then 15 days on 11 817.98.
    assert interest == 31_58 + 15_83
    assert end.retention_minor == 0
    received = 10_500_00 + end.current_account_minor
    assert received == 12_000_00 - 86_40 - interest
    assert end.funds_in_use_minor == -end.current_account_minor


def test_the_statement_of_the_period_tells_the_same_story(life: Life) -> None:
    start = date(2026, 9, 1)
    life.assign(start, invoice("FA-2601", start, 12_000_00, life.people.durand.id))
    life.bank_says(start, money_out(start, 10_500_00, drawn(life, start, 10_500_00)))
    life.settle(start, date(2026, 9, 30))
    told = _statement(life)
    assert _kinds(told.current.lines) == [
        ("ASSIGNMENT", 12_000_00), ("COMMISSION", -86_40), ("RETENTION_CALL", -1_200_00),
        ("DRAWDOWN", -10_500_00), ("FINANCING_COMMISSION", -31_58),
    ]  # fmt: skip
    assert told.retention.closing_minor == 1_200_00
    assert told.outstanding.closing_minor == 12_000_00
    assert told.funds_in_use_minor == life.day(date(2026, 9, 30)).funds_in_use_minor


def test_a_wrong_match_is_undone_and_the_previous_state_is_back(life: Life) -> None:
    start = date(2026, 9, 1)
    life.assign(start, invoice("FA-2601", start, 12_000_00, life.people.durand.id))
    before = (life.day(start).figures(), ledger.trial_balance(life.session))
    pay = date(2026, 9, 10)
    life.bank_says(pay, money_in(pay, 12_000_00, "VIR FA 2601"))
    application = cash_queries.recent_applications(life.session)[0]
    assert application.reasons[0].code == "match_reference"
    assert life.day(start).outstanding_minor == 0

    cash.undo_application(
        life.session, application_id=application.application_id, reason="wrong invoice",
        by=life.people.denis.by, at=noon(pay) + timedelta(hours=2),
    )  # fmt: skip
    books = ledger.trial_balance(life.session)
    in_bank = {key: books[key] for key in books if key[0] in ("BANK", "SUSPENSE_CASH")}
    assert sum(in_bank.values()) == 0
    assert {key: books[key] for key in before[1]} == before[1]
    assert life.day(start).figures() == before[0]
    life.books_are_whole()


def test_a_payout_the_bank_returns_is_available_again(life: Life) -> None:
    start = date(2026, 9, 1)
    life.assign(start, invoice("FA-2601", start, 12_000_00, life.people.durand.id))
    before = life.day(start).figures()
    reference = drawn(life, start, 10_000_00)
    life.bank_says(start, money_out(start, 10_000_00, reference))
    back = date(2026, 9, 3)
    returned = ParsedEntry(
        amount_minor=10_000_00, currency="EUR", booked_on=back, value_date=back, bank_ref="RET",
        is_reversal=True,
        details=(ParsedDetail(end_to_end_id=reference, return_code="AC04"),),
    )  # fmt: skip
    life.bank_says(back, returned)
    assert life.day(start).figures() == before
    standing = ledger.trial_balance(life.session)
    for kind in (ledger.AccountKind.PAYOUT_CLEARING, ledger.AccountKind.SUSPENSE_CASH):
        assert standing[kind, "EUR"] == 0, kind
    life.books_are_whole()


def _statement(life: Life) -> statements.Statement:
    return statements.contract_statement(
        life.session, contract_id=life.contract_id, from_on=date(2026, 9, 1),
        to_on=date(2026, 10, 31),
    )  # fmt: skip


def _kinds(lines: Sequence[statements.StatementLine]) -> list[tuple[str, int]]:
    return [(line.kind, line.amount_minor) for line in lines]
