"""Every line of an availability opens the invoices it is made of, and they add up to it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import assigned, invoice, open_book
from tests.receivables.test_credit_notes import receivable

from cessio.contracts.rules import IneligibleReason
from cessio.funding.queries import availability, beyond_of, withheld
from cessio.funding.rules import BY_RECEIVABLE, LineKind
from cessio.kernel.errors import NotFound
from cessio.receivables import operations
from cessio.receivables.queries import rows_of
from cessio.receivables.rules import DisputeReason


def test_each_line_is_its_invoices_to_the_cent(
    session: Session, now: datetime, today: date
) -> None:
    book = open_book(
        session, now, blanket_cover_minor=1_000_00, concentration_rate=Decimal("0.3"),
        overdue_days_ineligible=0,
    )  # fmt: skip
    assigned(
        session, book, now,
        invoice(book, "F-1", 900_00), invoice(book, "F-2", 700_00, days=60),
        invoice(book, "F-3", 333_33, debtor="mercier", days=1),
        invoice(book, "F-4", 450_01, debtor="mercier"),
        invoice(book, "A-1", -100_00, debtor="mercier"),
        invoice(book, "F-5", 50_00, debtor="leroy"), invoice(book, "A-2", -80_00, debtor="leroy"),
        invoice(book, "F-6", 600_00, debtor="oceane"),
    )  # fmt: skip
    operations.open_dispute(
        session, receivable_id=receivable(session, "F-2")[0], reason=DisputeReason.QUALITY,
        amount_minor=120_50, by=book.by, at=now,
    )  # fmt: skip
    found = availability(session, contract_id=book.alpha, on=today)
    opened = [line for line in found.lines if line.kind in BY_RECEIVABLE]
    assert {line.kind for line in opened} == BY_RECEIVABLE
    for line in opened:
        assert line.reason is None or isinstance(line.reason, IneligibleReason)
        behind = withheld(
            session, contract_id=book.alpha, kind=line.kind, reason=line.reason, on=today
        )
        assert behind.line == line
        assert sum(one.amount_minor for one in behind.receivables) == abs(line.amount_minor)
        assert all(one.amount_minor for one in behind.receivables)
    for kind in (LineKind.OVER_LIMIT, LineKind.CONCENTRATION):
        behind = withheld(session, contract_id=book.alpha, kind=kind, on=today)
        assert behind.receivables
        amounts = {one.row.id: one.amount_minor for one in behind.receivables}
        for row in rows_of(session, receivable_ids(session)):
            beyond = beyond_of(session, row, on=today)
            told = {LineKind.OVER_LIMIT: beyond.over_limit_minor,
                    LineKind.CONCENTRATION: beyond.concentration_minor}  # fmt: skip
            assert row.kind != "invoice" or told[kind] == amounts.get(row.id, 0), row.number
    disputed = withheld(session, contract_id=book.alpha, kind=LineKind.INELIGIBLE,
                        reason=IneligibleReason.DISPUTED, on=today)  # fmt: skip
    assert [(one.row.number, one.amount_minor) for one in disputed.receivables] == [("F-2", 120_50)]


def test_a_line_that_is_gone_is_empty_and_one_without_invoices_is_not_there(
    session: Session, now: datetime, today: date
) -> None:
    book = open_book(session, now, blanket_cover_minor=1_000_00)
    gone = withheld(session, contract_id=book.alpha, kind=LineKind.OVER_LIMIT, on=today)
    assert gone.receivables == ()
    assert gone.amount_minor == 0
    with pytest.raises(NotFound):
        withheld(session, contract_id=book.alpha, kind=LineKind.RETENTION_FUND, on=today)
    with pytest.raises(NotFound):
        withheld(session, contract_id=book.alpha, kind=LineKind.INELIGIBLE, on=today)


def receivable_ids(session: Session) -> list[int]:
    return list(session.scalars(text("SELECT id FROM receivable WHERE closed_on IS NULL")))
