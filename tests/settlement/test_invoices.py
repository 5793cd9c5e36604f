"""What a client is charged in a month is on one invoice, once, under numbers without a gap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import settlement
from cessio.closing.bulk import prove
from cessio.kernel.paging import PageRequest
from cessio.plumbing.database import transaction
from cessio.receivables import operations
from cessio.settlement.operations import MonthNotOver
from cessio.statements.queries.invoices import fee_invoices, fee_invoices_of

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
JOB = "job:closing.day_end"


def issue(session: Session, month: date, at: datetime) -> tuple[str, ...]:
    return settlement.issue_fee_invoices(session, month=month, by=JOB, at=at)


def whole(session: Session) -> None:
    assert [finding for proof in prove(session) for finding in proof.findings] == []


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    made = open_book(session, now)
    assigned(session, made, now, invoice(made, "FA-1", 12_000_00))
    assigned(session, made, now, invoice(made, "BT-1", 1_000_00), contract=made.bravo)
    return made


def test_a_months_commissions_are_one_invoice_a_contract(
    session: Session, book: Book, now: datetime
) -> None:
    first = now + timedelta(days=15)  # 1 December
    assert issue(session, NOVEMBER, first) == ("F2026-000001", "F2026-000002")
    assert issue(session, NOVEMBER, first) == ()
    bravo, alpha = fee_invoices(session, PageRequest(10)).rows
    assert (alpha.contract_id, alpha.net_minor, alpha.vat_minor) == (book.alpha, 72_00, 14_40)
    assert (alpha.total_minor, alpha.kind, alpha.to_on) == (86_40, "invoice", date(2026, 11, 30))
    assert (bravo.contract_id, bravo.total_minor) == (book.bravo, 7_20)
    whole(session)


def test_what_is_taken_back_later_is_a_credit_note_of_the_next_month(
    session: Session, book: Book, now: datetime
) -> None:
    issue(session, NOVEMBER, now + timedelta(days=15))
    remittance = session.execute(
        text("SELECT id FROM remittance WHERE contract_id = :id"), {"id": book.alpha}
    ).scalar_one()
    operations.reverse(
        session, remittance_id=remittance, reason="erreur", by="system:setup",
        at=now + timedelta(days=20),
    )  # fmt: skip
    assert issue(session, DECEMBER, now + timedelta(days=50)) == ("F2027-000001",)
    note = fee_invoices_of(session, contract_id=book.alpha)[0]
    assert (note.kind, note.net_minor, note.vat_minor) == ("credit_note", -72_00, -14_40)
    whole(session)


def test_a_month_is_invoiced_once_it_is_over(session: Session, book: Book, now: datetime) -> None:
    with pytest.raises(MonthNotOver):
        issue(session, NOVEMBER, now)


def test_an_invoice_is_never_changed(session: Session, book: Book, now: datetime) -> None:
    issue(session, NOVEMBER, now + timedelta(days=15))
    for statement in ("UPDATE fee_invoice SET net_minor = 0", "DELETE FROM fee_invoice_line"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement))


def test_two_who_invoice_at_once_leave_no_gap_and_no_double(engine: Engine, now: datetime) -> None:
    with transaction(engine) as session:
        made = open_book(session, now)
        assigned(session, made, now, invoice(made, "FA-1", 12_000_00))
        assigned(session, made, now, invoice(made, "BT-1", 1_000_00), contract=made.bravo)

    def both(_: int) -> tuple[str, ...]:
        with transaction(engine) as own:
            return issue(own, NOVEMBER, now + timedelta(days=15))

    with ThreadPoolExecutor(2) as pool:
        given = sorted(pool.map(both, range(2)))
    assert given == [(), ("F2026-000001", "F2026-000002")]
    with transaction(engine) as session:
        whole(session)
