"""A refused line is corrected and sent again under its own number."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import draft, invoice, open_book, reasons

from cessio.kernel.errors import NotFound
from cessio.receivables import operations


def test_a_line_of_a_draft_is_corrected_in_its_place(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    one = draft(session, book, now, invoice(book, "F-1", 0), invoice(book, "F-2", 100))
    operations.check(session, remittance_id=one, on=now.date(), by=book.by, at=now)
    assert reasons(session, one)[1][0] == "refused"
    found = operations.correct_line(
        session, remittance_id=one, line=1, document=invoice(book, "F-1", 50), by=book.by, at=now
    )
    assert (found.refused_count, found.invoices_minor) == (0, 150)
    found = operations.add_lines(
        session, remittance_id=one, rows=[invoice(book, "F-3", 7)], by=book.by, at=now
    )
    found = operations.remove_line(session, remittance_id=one, line=2, by=book.by, at=now)
    assert (found.line_count, found.invoices_minor) == (2, 57)
    with pytest.raises(NotFound):
        operations.remove_line(session, remittance_id=one, line=2, by=book.by, at=now)


def test_refused_lines_are_sent_again_in_a_remittance_of_their_own(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    one = draft(session, book, now, invoice(book, "F-1", 100), invoice(book, "F-2", 100,
                debtor_id=None, debtor_siren="123456789"))  # fmt: skip
    done = operations.assign(session, remittance_id=one, by=book.by, at=now)
    assert (done.document_count, done.refused_count) == (1, 1)
    again = operations.redraft_refused(session, remittance_id=one, by=book.by, at=now)
    operations.check(session, remittance_id=again, on=now.date(), by=book.by, at=now)
    assert reasons(session, again)[1][0] == "refused"
    operations.correct_line(
        session, remittance_id=again, line=1, document=invoice(book, "F-2", 100), by=book.by,
        at=now,
    )  # fmt: skip
    done = operations.assign(session, remittance_id=again, by=book.by, at=now)
    numbers = session.scalars(text("SELECT number FROM receivable ORDER BY id")).all()
    assert numbers == ["F-1", "F-2"]
    with pytest.raises(operations.NothingRefused):
        operations.redraft_refused(session, remittance_id=again, by=book.by, at=now)
