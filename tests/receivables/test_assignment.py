"""Assigning a remittance buys its documents, charges them once, and leaves balanced books."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session
from tests.receivables.books import assigned, draft, invoice, open_book, reasons

from cessio.ledger import AccountKind
from cessio.ledger import bulk as ledger_bulk
from cessio.ledger import queries as ledger
from cessio.receivables import operations, queries


def test_an_assigned_invoice_is_bought_charged_and_withheld_for(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    done = assigned(session, book, now, invoice(book, "F-1", 1_200_000))
    assert (done.document_count, done.amount_minor) == (1, 1_200_000)
    assert (done.commission_minor, done.vat_minor, done.retention_minor) == (7200, 1440, 120_000)
    balances = queries.contract_balances(session, book.alpha)
    assert balances[AccountKind.RECEIVABLE] == 1_200_000
    assert balances[AccountKind.CLIENT_CURRENT] == -(1_200_000 - 8640 - 120_000)
    assert balances[AccountKind.RETENTION_FUND] == -120_000
    assert sum(ledger.trial_balance(session).values()) == 0
    assert ledger_bulk.verify(session) == []


def test_every_reason_of_a_line_is_told(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    remittance_id = draft(
        session, book, now,
        invoice(book, "F-1", 0),
        invoice(book, "F-2", 100, on=date(2026, 12, 1), days=-5),
        invoice(book, "F-3", 100, currency="USD"),
        invoice(book, "F-4", 100, debtor_id=None, debtor_siren="123456789"),
        invoice(book, "F-5", 100, debtor_id=None),
        invoice(book, "F-6", 100, debtor_id=book.people.durand.id),
        invoice(book, " f 6", 100),
        invoice(book, "---", 100),
    )  # fmt: skip
    operations.check(session, remittance_id=remittance_id, on=now.date(), by=book.by, at=now)
    told = reasons(session, remittance_id)
    assert "amount_zero" in told[1][1]
    assert {"due_before_issue", "issued_in_future"} <= set(told[2][1])
    assert "currency_mismatch" in told[3][1]
    assert "siren_invalid" in told[4][1]
    assert "debtor_missing" in told[5][1]
    assert told[6] == ("warning", ["no_cover"])
    assert "duplicate_in_file" in told[7][1]
    assert "number_missing" in told[8][1]
    assert [told[line][0] for line in (1, 2, 3, 4, 5, 7, 8)] == ["refused"] * 7
