"""Credit notes before, after and without their invoice; set-offs made and undone."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import assigned, invoice, open_book
from tests.receivables.test_reversal import pay, state

from cessio.kernel.errors import Invalid
from cessio.ledger import AccountKind
from cessio.ledger import bulk as ledger_bulk
from cessio.receivables import operations, queries


def receivable(session: Session, number: str) -> tuple[int, int]:
    """Id and open amount."""
    row = session.execute(
        text("SELECT id, open_minor FROM receivable WHERE number = :number"), {"number": number}
    ).one()
    return row[0], row[1]


def test_a_credit_note_after_the_payment_stays_open_and_lowers_the_exposure_today(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    assigned(session, book, now, invoice(book, "F-1", 100_00))
    pay(session, book, "F-1", 100_00 - 1, now)
    note = invoice(book, "A-1", -40_00, original_number="F-1")
    operations.record_credit_note(
        session, contract_id=book.alpha, document=note, by=book.by, at=now
    )
    assert receivable(session, "F-1")[1] == 0
    assert receivable(session, "A-1")[1] == -39_99
    assert queries.contract_balances(session, book.alpha)[AccountKind.RECEIVABLE] == -39_99
    assert ledger_bulk.verify(session) == []


def test_a_credit_note_without_invoice_waits_and_is_set_off_later_then_undone(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now, blanket_cover_minor=10**9)
    assigned(session, book, now, invoice(book, "F-1", 100_00), invoice(book, "A-1", -30_00))
    was = state(session)
    credit, owed = receivable(session, "A-1")[0], receivable(session, "F-1")[0]
    made = operations.set_off(
        session, credit_id=credit, invoice_id=owed, amount_minor=10_00, by=book.by, at=now
    )
    rest = operations.set_off(session, credit_id=credit, invoice_id=owed, by=book.by, at=now)
    assert (receivable(session, "F-1")[1], receivable(session, "A-1")[1]) == (70_00, 0)
    with pytest.raises(operations.NotSettable):
        operations.set_off(session, credit_id=credit, invoice_id=owed, by=book.by, at=now)
    for one in (rest, made):
        operations.undo_set_off(session, set_off_id=one, reason="wrong one", by=book.by, at=now)
    assert state(session) == was
    with pytest.raises(operations.SetOffUndone):
        operations.undo_set_off(session, set_off_id=made, reason="again", by=book.by, at=now)


def test_credits_are_never_used_against_another_debtor(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    assigned(session, book, now, invoice(book, "F-1", 100_00, debtor="mercier"),
             invoice(book, "A-1", -30_00, original_number="F-1"))  # fmt: skip
    assert (receivable(session, "F-1")[1], receivable(session, "A-1")[1]) == (100_00, -30_00)
    owed = {debtor.id: queries.open_credits(session, contract_id=book.alpha, debtor_id=debtor.id)
            for debtor in (book.people.durand, book.people.mercier)}  # fmt: skip
    assert owed == {
        book.people.durand.id: [(receivable(session, "A-1")[0], "A-1")], book.people.mercier.id: []
    }  # fmt: skip
    with pytest.raises(operations.NotSettable):
        operations.set_off(
            session, credit_id=receivable(session, "A-1")[0],
            invoice_id=receivable(session, "F-1")[0], by=book.by, at=now,
        )  # fmt: skip


def test_only_a_credit_note_is_recorded_as_one(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    with pytest.raises(Invalid, match="not a credit note"):
        operations.record_credit_note(
            session, contract_id=book.alpha, document=invoice(book, "F-1", 1), by=book.by, at=now
        )
