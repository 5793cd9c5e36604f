"""The books after every event (TEST E2), what is taken back (E3), and late credit notes (§11)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import cash, funding
from cessio.closing.bulk import prove
from cessio.funding import queries as availability
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import queries as ledger
from cessio.receivables import operations
from cessio.receivables.rules import DisputeReason
from tests.receivables.books import Book, assigned, invoice, open_book
from tests.receivables.test_credit_notes import receivable

ON = date(2026, 11, 16)


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    return open_book(session, now, blanket_cover_minor=100_000_00, concentration_rate=None)


def credited(session: Session, book: Book, at: datetime, number: str, minor: int, of: str) -> int:
    """A credit note recorded by itself; its remittance."""
    note = invoice(book, number, -minor, original_number=of or None)
    return operations.record_credit_note(
        session, contract_id=book.alpha, document=note, by=book.by, at=at
    ).remittance_id


def kept(session: Session, number: str, at: datetime, book: Book) -> None:
    """The debtor paid the client, who keeps the money."""
    owed, minor = receivable(session, number)
    cash.record_direct_payment(
        session, receivable_id=owed, amount_minor=minor, paid_on=ON, by=book.people.fanny.by,
        at=at,
    )  # fmt: skip


def whole(session: Session) -> None:
    """The trial balance is zero, and what debtors owe is their accounts, debtor by debtor."""
    assert sum(ledger.trial_balance(session).values()) == 0
    owed = session.execute(text(
        "SELECT contract_id, debtor_id, sum(open_minor) FROM receivable GROUP BY 1, 2"
    )).all()  # fmt: skip
    for contract_id, debtor_id, minor in owed:
        account = AccountKey(AccountKind.RECEIVABLE, "EUR", contract_id, debtor_id)
        assert ledger.balance(session, account) == minor
    assert [finding for proof in prove(session) for finding in proof.findings] == []


def test_e2_the_books_are_whole_after_every_event(
    session: Session, book: Book, now: datetime
) -> None:
    done = assigned(session, book, now, invoice(book, "F-1", 12_000_00), invoice(
        book, "F-2", 5_000_00, debtor="mercier"))  # fmt: skip
    whole(session)
    drawn = funding.request_drawdown(
        session, contract_id=book.alpha, amount_minor=1_000_00, by=book.people.fanny.by, at=now
    )
    whole(session)
    credited(session, book, now, "A-1", 2_000_00, "F-1")
    whole(session)
    operations.open_dispute(
        session, receivable_id=receivable(session, "F-1")[0], reason=DisputeReason.PRICE,
        amount_minor=1_000_00, by=book.people.jules.by, at=now,
    )  # fmt: skip
    whole(session)
    kept(session, "F-1", now, book)
    whole(session)
    funding.cancel_drawdown(
        session, drawdown_id=drawn.drawdown_id, reason="plus besoin", by=book.people.fanny.by,
        at=now,
    )  # fmt: skip
    whole(session)
    other = assigned(session, book, now, invoice(book, "F-3", 700_00))
    operations.reverse(
        session, remittance_id=other.remittance_id, reason="erreur", by="system:setup",
        at=now,
    )  # fmt: skip
    whole(session)
    assert done.remittance_id != other.remittance_id


def test_e3_what_is_taken_back_is_the_same_amounts_with_opposite_signs_linked(
    session: Session, book: Book, now: datetime
) -> None:
    assigned(session, book, now, invoice(book, "F-1", 12_000_00))
    before = {key: minor for key, minor in ledger.trial_balance(session).items() if minor}
    drawn = funding.request_drawdown(
        session, contract_id=book.alpha, amount_minor=1_000_00, by=book.people.fanny.by, at=now
    )
    reversed_one = assigned(session, book, now, invoice(book, "F-2", 5_000_00))
    posted = session.execute(text(
        "SELECT id FROM ledger_transaction WHERE reverses_id IS NULL ORDER BY id DESC LIMIT 4"
    )).scalars().all()  # fmt: skip
    funding.cancel_drawdown(
        session, drawdown_id=drawn.drawdown_id, reason="rejet", by=book.people.fanny.by, at=now
    )
    operations.reverse(
        session, remittance_id=reversed_one.remittance_id, reason="rejet",
        by="system:setup", at=now,
    )  # fmt: skip
    mirrored = session.execute(text("""
        SELECT head.id, count(*), bool_and(entry.amount_minor = -mirror.amount_minor),
               bool_and(head.value_date = undone.value_date)
          FROM ledger_transaction AS head
          JOIN ledger_transaction AS undone ON undone.reverses_id = head.id
          JOIN ledger_entry AS entry ON entry.transaction_id = head.id
          JOIN ledger_entry AS mirror ON mirror.transaction_id = undone.id
           AND mirror.account_id = entry.account_id
           AND mirror.receivable_id IS NOT DISTINCT FROM entry.receivable_id
         GROUP BY head.id ORDER BY head.id DESC
    """)).all()  # fmt: skip
    assert [row[0] for row in mirrored] == list(posted)
    assert all(row[2] and row[3] for row in mirrored)
    after = {key: minor for key, minor in ledger.trial_balance(session).items() if minor}
    assert after == before
    whole(session)


def test_late_credit_note_after_the_invoice_was_paid(
    session: Session, book: Book, now: datetime
) -> None:
    assigned(session, book, now, invoice(book, "F-1", 1_000_00))
    kept(session, "F-1", now, book)
    credited(session, book, now, "A-1", 400_00, "F-1")
    assert (receivable(session, "F-1")[1], receivable(session, "A-1")[1]) == (0, -400_00)
    assert availability.availability(
        session, contract_id=book.alpha, on=ON
    ).outstanding_minor == -400_00  # fmt: skip
    whole(session)


def test_late_credit_note_before_the_invoice_is_paid(
    session: Session, book: Book, now: datetime
) -> None:
    assigned(session, book, now, invoice(book, "F-1", 1_000_00))
    credited(session, book, now, "A-1", 400_00, "F-1")
    assert (receivable(session, "F-1")[1], receivable(session, "A-1")[1]) == (600_00, 0)
    found = availability.availability(session, contract_id=book.alpha, on=ON)
    assert found.fundable_minor == found.outstanding_minor == 600_00
    whole(session)


def test_late_credit_note_for_an_invoice_never_assigned(
    session: Session, book: Book, now: datetime
) -> None:
    assigned(session, book, now, invoice(book, "F-1", 1_000_00))
    credited(session, book, now, "A-1", 400_00, "F-UNKNOWN")
    assert (receivable(session, "F-1")[1], receivable(session, "A-1")[1]) == (1_000_00, -400_00)
    found = availability.availability(session, contract_id=book.alpha, on=ON)
    assert found.fundable_minor == found.outstanding_minor == 600_00
    whole(session)


def test_late_credit_note_larger_than_its_invoice(
    session: Session, book: Book, now: datetime
) -> None:
    assigned(session, book, now, invoice(book, "F-1", 1_000_00), invoice(
        book, "M-1", 3_000_00, debtor="mercier"))  # fmt: skip
    credited(session, book, now, "A-1", 1_600_00, "F-1")
    assert (receivable(session, "F-1")[1], receivable(session, "A-1")[1]) == (0, -600_00)
    found = availability.availability(session, contract_id=book.alpha, on=ON)
    assert (found.outstanding_minor, found.fundable_minor) == (2_400_00, 3_000_00)
    # What Durand has in excess lowers the availability, and makes no room with Mercier.
    assert found.non_fundable_minor == -600_00
    whole(session)


def test_late_credit_note_counts_today_and_not_before(session: Session, now: datetime) -> None:
    earlier = now - timedelta(days=3)
    book = open_book(session, earlier, blanket_cover_minor=100_000_00, concentration_rate=None)
    assigned(session, book, earlier, invoice(book, "F-1", 1_000_00))
    yesterday = ON - timedelta(days=1)

    def known() -> dict[str, int]:
        return availability.availability(
            session, contract_id=book.alpha, on=ON, as_of=yesterday
        ).figures()

    before, covered = known(), _cover(session, "F-1")
    credited(session, book, now, "A-1", 400_00, "F-1")
    assert known() == before
    assert (covered, _cover(session, "F-1")) == (1_000_00, 600_00)
    today = availability.availability(session, contract_id=book.alpha, on=ON)
    assert (before["fundable_minor"], today.fundable_minor) == (1_000_00, 600_00)


@pytest.mark.parametrize(("charged", "commission"), [(False, 0), (True, 2_40 + 48)])
def test_late_credit_note_may_attract_commission(
    session: Session, now: datetime, charged: bool, commission: int
) -> None:
    book = open_book(
        session, now, commission_on_credit_notes=charged, retention_rate=Decimal(0),
        blanket_cover_minor=100_000_00,
    )  # fmt: skip
    assigned(session, book, now, invoice(book, "F-1", 1_000_00))
    current = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", book.alpha)
    before = ledger.balance(session, current)
    credited(session, book, now, "A-1", 400_00, "F-1")
    assert ledger.balance(session, current) - before == 400_00 + commission


def _cover(session: Session, number: str) -> int:
    return int(session.execute(text(
        "SELECT covered_minor FROM invoice_cover JOIN receivable ON receivable.id = receivable_id"
        " WHERE number = :number"), {"number": number}).scalar_one())  # fmt: skip
