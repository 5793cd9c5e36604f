"""A fee invoice is printed once, says what was charged to the cent, and only its reader has it."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import documents, ledger, settlement, statements
from cessio.closing.bulk import prove
from cessio.contracts.rules import FeeKind
from cessio.kernel.errors import NotFound
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.statements.queries import invoices as queries
from cessio.worker import load_jobs

NOVEMBER = date(2026, 11, 1)
BY = "job:statements.fee_invoices"


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    made = open_book(session, now)
    assigned(session, made, now, invoice(made, "FA-1", 12_000_00))
    assigned(session, made, now, invoice(made, "BT-1", 1_000_00), contract=made.bravo)
    return made


def charge(session: Session, contract_id: int, on: date, at: datetime, minor: int) -> None:
    """A month's interest, exempt of VAT."""
    client = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", contract_id=contract_id)
    income = AccountKey(AccountKind.INTEREST_INCOME, "EUR")
    ledger.post(session, Posting(
        kind=TransactionKind.FINANCING_COMMISSION, source_kind="financing_charge",
        source_id=1, effect="charge", value_date=on, contract_id=contract_id,
        lines=(Line(client, minor), Line(income, -minor)), memo="2026-11",
    ), by=BY, at=at)  # fmt: skip


def words(session: Session, invoice_id: int) -> str:
    found = queries.fee_invoice(session, invoice_id)
    content = documents.read(session, found.document_id).content
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_paper_says_what_was_charged_with_its_vat(
    session: Session, book: Book, now: datetime
) -> None:
    charge(session, book.alpha, date(2026, 11, 30), now, 47_37)
    first = now + timedelta(days=15)
    numbers = statements.issue_invoices(session, month=NOVEMBER, by=BY, at=first)
    [alpha] = queries.fee_invoices_of(session, contract_id=book.alpha)
    assert alpha.document_id is None
    statements.print_invoice(session, invoice_id=alpha.id, by=BY, at=first)
    told = words(session, alpha.id)
    assert alpha.number in numbers
    assert alpha.number in told
    assert "20,00 %" in told
    assert "261 C" in told
    for amount in ("72,00", "14,40", "47,37", "119,37", "133,77"):
        assert amount in told, amount


def test_it_is_printed_once_and_found_by_its_code(
    session: Session, book: Book, now: datetime
) -> None:
    first = now + timedelta(days=15)
    statements.issue_invoices(session, month=NOVEMBER, by=BY, at=first)
    [alpha] = queries.fee_invoices_of(session, contract_id=book.alpha)
    kept = statements.print_invoice(session, invoice_id=alpha.id, by=BY, at=first)
    later = first + timedelta(days=9)
    assert statements.print_invoice(session, invoice_id=alpha.id, by=BY, at=later) == kept
    code = queries.fee_invoice(session, alpha.id).verification_code
    assert code is not None
    assert code in words(session, alpha.id)
    found = queries.fee_invoice_of_code(session, code=code)
    assert found is not None
    assert found.number == alpha.number
    told = session.execute(text(
        "SELECT client_id, params ->> 'number', count(DISTINCT person_id) = count(*)"
        " FROM notification JOIN person ON person.id = person_id"
        " WHERE notification.kind = 'fee_invoice_ready' GROUP BY 1, 2"
    )).all()  # fmt: skip
    assert told == [(book.people.alpha.id, alpha.number, True)]


def test_who_is_not_invoiced_does_not_read_it(session: Session, book: Book, now: datetime) -> None:
    statements.issue_invoices(session, month=NOVEMBER, by=BY, at=now + timedelta(days=15))
    [alpha] = queries.fee_invoices_of(session, contract_id=book.alpha)
    with pytest.raises(NotFound):
        queries.fee_invoice(session, alpha.id, client_id=book.people.bravo.id)


def test_what_is_charged_after_the_month_was_invoiced_is_on_a_second_invoice(
    session: Session, book: Book, now: datetime
) -> None:
    """Somebody invoiced by hand in the morning, before the last day was settled."""
    first = now + timedelta(days=15)
    statements.issue_invoices(session, month=NOVEMBER, by="person:1", at=first)
    charge(session, book.alpha, date(2026, 11, 30), first, 47_37)
    assert statements.issue_invoices(session, month=NOVEMBER, by=BY, at=first) == ("F2026-000003",)
    second, earlier = queries.fee_invoices_of(session, contract_id=book.alpha)
    assert (second.exempt_minor, earlier.exempt_minor) == (47_37, 0)
    assert [finding for proof in prove(session) for finding in proof.findings] == []


def test_the_job_prints_all_that_was_issued(engine: Engine, now: datetime) -> None:
    load_jobs()
    first = now + timedelta(days=15)
    with transaction(engine) as session:
        made = open_book(session, now)
        assigned(session, made, now, invoice(made, "FA-1", 12_000_00))
        assigned(session, made, now, invoice(made, "BT-1", 1_000_00), contract=made.bravo)
        statements.issue_invoices(session, month=NOVEMBER, by=BY, at=first)
    run_pending(engine, clock=lambda: first)
    with transaction(engine) as session:
        assert queries.unprinted(session, after=0, limit=10) == ()
        [total] = queries.month_sums(session, month=date(2026, 11, 30))
        assert (total.count, total.net_minor, total.vat_minor) == (2, 78_00, 15_60)


def test_two_rates_of_vat_are_told_apart(session: Session, book: Book, now: datetime) -> None:
    from cessio.statements.formats import invoices as formats

    lines = (
        queries.Charge(date(2026, 11, 3), "COMMISSION", None, None, 100_00, 20_00, 0),
        queries.Charge(date(2026, 11, 20), "SERVICE_FEE", None, FeeKind.PAYOUT.value, 50_00, 4_25,
                       0),
    )  # fmt: skip
    rates = {date(2026, 11, 3): Decimal("0.2"), date(2026, 11, 20): Decimal("0.085")}
    told = formats._taxes(lines, rates, "EUR")
    assert [(one["base"].minor, one["vat"].minor) for one in told] == [
        (100_00, 20_00),
        (50_00, 4_25),
    ]
    assert told[0]["rate"] != told[1]["rate"]


def test_settlement_alone_issues_without_a_paper(
    session: Session, book: Book, now: datetime
) -> None:
    """What was issued before papers existed is printed with the next month."""
    first = now + timedelta(days=15)
    settlement.issue_fee_invoices(session, month=NOVEMBER, by=BY, at=first)
    waiting = queries.unprinted(session, after=0, limit=10)
    assert len(waiting) == 2
    assert session.scalar(text("SELECT count(*) FROM fee_invoice_paper")) == 0
