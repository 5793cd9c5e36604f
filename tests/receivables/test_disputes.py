"""Disputes and holds begin and end with who, when and why; disputed euros take no cover."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import assigned, invoice, open_book
from tests.receivables.test_credit_notes import receivable

from cessio import audit
from cessio.contracts.rules import IneligibleReason
from cessio.kernel.errors import Invalid
from cessio.receivables import operations
from cessio.receivables.rules import DisputeOutcome, DisputeReason


def covered(session: Session) -> dict[str, int]:
    rows = session.execute(
        text("SELECT number, covered_minor FROM receivable_cover JOIN receivable r"
             " ON r.id = receivable_id ORDER BY number")
    )  # fmt: skip
    return dict(list(map(tuple, rows)))


def test_a_disputed_part_gives_its_cover_to_the_next_and_takes_it_back(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now, blanket_cover_minor=100_00)
    assigned(session, book, now, invoice(book, "F-1", 80_00), invoice(book, "F-2", 80_00, days=50))
    assert covered(session) == {"F-1": 80_00, "F-2": 20_00}
    dispute = operations.open_dispute(
        session, receivable_id=receivable(session, "F-1")[0], reason=DisputeReason.PRICE,
        amount_minor=30_00, by=book.by, at=now,
    )  # fmt: skip
    assert covered(session) == {"F-1": 50_00, "F-2": 50_00}
    operations.end_dispute(
        session, dispute_id=dispute, outcome=DisputeOutcome.WITHDRAWN, by=book.by, at=now
    )
    assert covered(session) == {"F-1": 80_00, "F-2": 20_00}
    verbs = [event.verb for event in audit.history(session, "dispute", dispute)]
    assert verbs == ["dispute.end", "dispute.open"]


def test_an_invoice_is_disputed_once_at_a_time_and_never_beyond_what_is_open(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    assigned(session, book, now, invoice(book, "F-1", 80_00), invoice(book, "A-1", -1))
    owed, credit = receivable(session, "F-1")[0], receivable(session, "A-1")[0]
    with pytest.raises(Invalid):
        operations.open_dispute(session, receivable_id=owed, reason=DisputeReason.PRICE,
                                amount_minor=80_01, by=book.by, at=now)  # fmt: skip
    operations.open_dispute(
        session, receivable_id=owed, reason=DisputeReason.PRICE, by=book.by, at=now
    )
    for one in (owed, credit):
        with pytest.raises(operations.NotDisputable):
            operations.open_dispute(
                session, receivable_id=one, reason=DisputeReason.PRICE, by=book.by, at=now
            )


def test_a_verified_invoice_is_no_longer_held(session: Session, now: datetime) -> None:
    book = open_book(session, now, verification_min_minor=1)
    assigned(session, book, now, invoice(book, "F-1", 80_00))
    owed = receivable(session, "F-1")[0]
    with pytest.raises(operations.NotHoldable):
        operations.place_hold(session, receivable_id=owed, reason=IneligibleReason.NOT_VERIFIED,
                              by=book.by, at=now)  # fmt: skip
    assert operations.verify_invoices(session, receivable_ids=[owed], by=book.by, at=now) == 1
    hold = operations.place_hold(session, receivable_id=owed, by=book.by, at=now)
    operations.lift_hold(session, hold_id=hold, by=book.by, at=now)
    assert session.scalar(text("SELECT count(*) FROM hold WHERE ended_at IS NULL")) == 0
