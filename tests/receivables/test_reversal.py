"""Reversing an assignment gives back the previous state exactly, or says what stands in the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, draft, invoice, open_book, reasons

from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind, post
from cessio.ledger import bulk as ledger_bulk
from cessio.ledger import queries as ledger
from cessio.receivables import operations
from cessio.receivables.operations import NewDocument


def state(session: Session) -> dict[str, Any]:
    """Everything a reversal must give back: trial balance, open book, cover, live marks."""
    rows = {
        "open": "SELECT id, open_minor, closed_on FROM receivable WHERE reversed_at IS NULL",
        "cover": "SELECT receivable_id, covered_minor FROM receivable_cover",
        "holds": "SELECT receivable_id, reason FROM hold WHERE ended_at IS NULL",
        "set_offs": "SELECT credit_id, invoice_id, amount_minor FROM set_off"
        " WHERE undone_at IS NULL",
        "accounts": "SELECT id, balance_minor FROM ledger_account WHERE balance_minor <> 0",
    }
    found: dict[str, Any] = {
        name: sorted(map(tuple, session.execute(text(query)))) for name, query in rows.items()
    }
    found["trial"] = {key: minor for key, minor in ledger.trial_balance(session).items() if minor}
    return found


def documents(book: Book, drawn: list[tuple[int, int, int]], prefix: str) -> list[NewDocument]:
    """Invoices and credit notes, some naming invoices of this list or of an earlier one."""
    debtors = ("durand", "mercier", "leroy")
    return [
        invoice(
            book, f"{prefix}{n}", minor, debtor=debtors[whose], days=30 + n,
            original_number=f"{'AB'[named % 2]}{named // 2}",
        )
        for n, (minor, whose, named) in enumerate(drawn)
    ]  # fmt: skip


_DRAWN = st.lists(
    st.tuples(
        st.integers(-50_000, 50_000).filter(bool), st.integers(0, 2), st.integers(0, 11)
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=25)
@given(before=_DRAWN, after=_DRAWN)
def test_reverse_after_assign_is_the_identity(
    session: Session, now: datetime,
    before: list[tuple[int, int, int]], after: list[tuple[int, int, int]],
) -> None:  # fmt: skip
    with session.begin_nested() as savepoint:
        book = open_book(session, now, blanket_cover_minor=60_000, verification_min_minor=20_000,
                         commission_minimum_minor=500)  # fmt: skip
        assigned(session, book, now, *documents(book, before, "A"))
        was = state(session)
        later = now + timedelta(days=1)
        done = assigned(session, book, later, *documents(book, after, "B"))
        operations.reverse(
            session,
            remittance_id=done.remittance_id,
            reason="wrong file",
            by="system:setup",
            at=later,
        )
        assert state(session) == was
        assert ledger_bulk.verify(session) == []
        savepoint.rollback()


def test_a_reversed_invoice_can_be_assigned_again_under_its_own_number(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    done = assigned(session, book, now, invoice(book, "F-1", 100))
    operations.reverse(
        session, remittance_id=done.remittance_id, reason="wrong debtor", by="system:setup", at=now
    )
    again = assigned(session, book, now, invoice(book, "F-1", 100))
    assert again.document_count == 1


def test_what_happened_since_blocks_the_reversal_and_is_named(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    done = assigned(session, book, now, invoice(book, "F-1", 100_00), invoice(book, "F-2", 50))
    pay(session, book, "F-1", 40_00, now)
    with pytest.raises(operations.NotReversible, match="F-1") as refused:
        operations.reverse(
            session, remittance_id=done.remittance_id, reason="late", by="system:setup", at=now
        )
    assert [(b.number, b.happened) for b in refused.value.blockers] == [
        ("F-1", TransactionKind.DIRECT_PAYMENT)
    ]


def test_a_remittance_is_reversed_once(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    done = assigned(session, book, now, invoice(book, "F-1", 100_00))
    operations.reverse(
        session, remittance_id=done.remittance_id, reason="late", by="system:setup", at=now
    )
    with pytest.raises(operations.WrongState):
        operations.reverse(
            session, remittance_id=done.remittance_id, reason="late", by="system:setup", at=now
        )


def test_a_credit_note_of_a_later_remittance_blocks_the_reversal(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    first = assigned(session, book, now, invoice(book, "F-1", 100_00))
    second = assigned(session, book, now, invoice(book, "A-1", -30_00, original_number="F-1"))
    with pytest.raises(operations.NotReversible, match="F-1"):
        operations.reverse(
            session, remittance_id=first.remittance_id, reason="late", by="system:setup", at=now
        )
    for done in (second, first):
        operations.reverse(
            session, remittance_id=done.remittance_id, reason="late", by="system:setup", at=now
        )
    assert state(session)["accounts"] == []


def test_the_preview_tells_what_assigning_then_does(session: Session, now: datetime) -> None:
    book = open_book(session, now, commission_minimum_minor=7)
    one = draft(session, book, now, invoice(book, "F-1", 100_01), invoice(book, "F-2", 0),
                invoice(book, "A-1", -30_00))  # fmt: skip
    operations.check(session, remittance_id=one, on=now.date(), by=book.by, at=now)
    told = operations.resulting(session, remittance_id=one, on=now.date())
    done = operations.assign(session, remittance_id=one, by=book.by, at=now)
    assert [d.number for d in told.documents] == ["F-1", "A-1"]
    charges = told.charges
    assert (charges.amount_minor, charges.commission_minor, charges.vat_minor,
            charges.retention_minor) == (done.amount_minor, done.commission_minor,
                                         done.vat_minor, done.retention_minor)  # fmt: skip
    assert reasons(session, one)[2][0] == "refused"


def pay(session: Session, book: Book, number: str, minor: int, now: datetime) -> None:
    """The client keeps a direct payment of an invoice."""
    receivable_id, debtor_id = session.execute(
        text("SELECT id, debtor_id FROM receivable WHERE number = :number"), {"number": number}
    ).one()
    account = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", book.alpha)
    owed = AccountKey(AccountKind.RECEIVABLE, "EUR", book.alpha, debtor_id)
    post(
        session,
        Posting(
            kind=TransactionKind.DIRECT_PAYMENT, source_kind="test", source_id=receivable_id,
            effect="direct", value_date=now.date(), contract_id=book.alpha,
            lines=(Line(account, minor), Line(owed, -minor, receivable_id)),
        ),
        by=book.by, at=now,
    )  # fmt: skip
    session.execute(
        text(
            "UPDATE receivable SET open_minor = open_minor - :minor,"
            " closed_on = CASE WHEN open_minor = :minor THEN CAST(:on AS date) END"
            " WHERE id = :id"
        ),
        {"minor": minor, "id": receivable_id, "on": now.date()},
    )
