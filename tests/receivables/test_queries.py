"""Remittances and receivables as people read them, page by page and as of a past day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, draft, invoice, open_book
from tests.receivables.test_credit_notes import receivable
from tests.receivables.test_reversal import pay

from cessio.kernel.errors import NotFound
from cessio.kernel.paging import PageRequest, decode_cursor
from cessio.receivables import operations, queries
from cessio.receivables.bulk import verifying
from cessio.receivables.queries import Order, ReceivableFilter, Status, search
from cessio.receivables.rules import DisputeReason, RemittanceState, Verdict


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    """Seven invoices over three debtors, one overdue, one disputed, one reversed."""
    book = open_book(session, now, blanket_cover_minor=10**9)
    assigned(
        session, book, now,
        invoice(book, "F-001", 100_00), invoice(book, "F-002", 200_00, days=60),
        invoice(book, "F-003", 300_00, debtor="mercier", days=1),
        invoice(book, "F-004", 400_00, debtor="leroy", days=30),
        invoice(book, "A-1", -50_00, debtor="leroy"),
    )  # fmt: skip
    gone = assigned(session, book, now, invoice(book, "G-1", 7_00))
    operations.reverse(
        session, remittance_id=gone.remittance_id, reason="error", by="system:setup", at=now
    )
    assigned(session, book, now, invoice(book, "H-1", 9_00), contract=book.bravo)
    operations.open_dispute(
        session, receivable_id=receivable(session, "F-004")[0], reason=DisputeReason.QUALITY,
        by=book.by, at=now,
    )  # fmt: skip
    return book


def numbers(session: Session, wanted: ReceivableFilter) -> list[str]:
    page = queries.receivables(session, PageRequest(), wanted)
    return [row.number for row in page.rows]


def test_receivables_are_found_by_what_people_know_of_them(
    session: Session, book: Book, today: date
) -> None:
    every = ReceivableFilter(on=today)
    assert numbers(session, every) == ["H-1", "A-1", "F-004", "F-003", "F-002", "F-001"]
    assert numbers(session, replace(every, client_id=book.people.bravo.id)) == ["H-1"]
    assert numbers(session, replace(every, number="f 00")) == ["F-001", "F-002", "F-003", "F-004"]
    assert numbers(session, replace(every, amount_minor=200_00)) == ["F-002"]
    assert numbers(session, replace(every, siren="501234025")) == ["F-003"]
    assert numbers(session, replace(every, status=Status.OVERDUE)) == ["F-003"]
    assert numbers(session, replace(every, status=Status.DISPUTED)) == ["F-004"]
    assert numbers(session, replace(every, status=Status.REVERSED)) == ["G-1"]
    assert numbers(session, replace(every, uncovered=True)) == ["F-004"]
    assert numbers(session, replace(every, kind="credit_note")) == ["A-1"]


@pytest.mark.parametrize(
    "how",
    [{"order": Order.RECENT}, {"order": Order.DUE}, {"number": "f"},
     {"status": Status.OVERDUE, "on": date(2027, 6, 30)},
     {"status": Status.OVERDUE, "on": date(2027, 6, 30), "order": Order.FIRST}],
    ids=str,
)  # fmt: skip
def test_pages_follow_each_other_both_ways(
    session: Session, book: Book, today: date, how: dict[str, Any]
) -> None:
    wanted = replace(ReceivableFilter(on=today), **how)
    whole = numbers(session, wanted)
    first = queries.receivables(session, PageRequest(limit=2), wanted)
    assert first.next is not None
    second = queries.receivables(
        session, PageRequest(limit=2, after=decode_cursor(first.next)), wanted
    )
    assert [row.number for row in first.rows + second.rows] == whole[:4]
    assert second.previous is not None
    back = queries.receivables(
        session, PageRequest(limit=2, before=decode_cursor(second.previous)), wanted
    )
    assert back.rows == first.rows


def test_totals_of_a_filter_equal_its_rows(session: Session, book: Book, today: date) -> None:
    wanted = ReceivableFilter(on=today, contract_id=book.alpha)
    found = queries.receivable_totals(session, wanted)
    assert (found.count, found.open_minor) == (5, {"EUR": 950_00})


def test_totals_beyond_a_bound_are_added_up_when_asked_for(
    session: Session, book: Book, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ReceivableFilter(on=today, status=Status.ANY, contract_id=book.alpha)
    every = queries.receivable_totals(session, wanted)
    for most, is_cut in ((every.count, False), (every.count - 1, True)):
        monkeypatch.setattr(search, "MOST_SUMMED", most)
        found = queries.found_totals(session, wanted)
        assert found.is_cut is is_cut
        assert (found.count, found.open_minor) == (most, {} if is_cut else every.open_minor)
    asked = queries.found_totals(session, wanted, all_of_it=True)
    assert (asked.count, asked.open_minor) == (every.count, every.open_minor)


def test_a_receivable_tells_its_life(session: Session, book: Book, now: datetime) -> None:
    pay(session, book, "F-004", 150_00, now + timedelta(hours=1))
    found = queries.receivable(session, receivable(session, "F-004")[0])
    told = [(event.what, event.open_minor) for event in found.life]
    assert told[:3] == [("ASSIGNMENT", 400_00), ("DISPUTE_OPENED", None),
                        ("DIRECT_PAYMENT", 250_00)]  # fmt: skip
    assert (found.row.open_minor, found.row.disputed_minor) == (250_00, 400_00)
    assert found.receipt_number is not None
    with pytest.raises(NotFound):
        queries.receivable(session, found.row.id, client_id=book.people.bravo.id)


def test_a_remittance_is_read_with_its_lines_and_reasons(
    session: Session, book: Book, now: datetime
) -> None:
    one = draft(session, book, now, invoice(book, "F-001", 100_00), invoice(book, "F-9", 1_00),
                contract=book.bravo)  # fmt: skip
    operations.check(session, remittance_id=one, on=now.date(), by=book.by, at=now)
    found = queries.remittance(session, one, client_id=book.people.bravo.id)
    assert (found.remittance.state, found.remittance.refused_count) == (RemittanceState.DRAFT, 1)
    assert ("duplicate_assigned", Verdict.REFUSED, 1) in found.reasons
    refused = queries.lines(session, one, PageRequest(), verdict=Verdict.REFUSED).rows
    assert [line.number for line in refused] == ["F-001"]
    assert "client_id" not in refused[0].reasons[0].params
    staff = queries.lines(session, one, PageRequest(), reason="duplicate_assigned", staff=True)
    assert staff.rows[0].reasons[0].params["client_id"] == book.people.alpha.id
    with pytest.raises(NotFound):
        queries.remittance(session, one, client_id=book.people.alpha.id)
    page = queries.remittances(session, PageRequest(), client_id=book.people.bravo.id)
    assert [row.number for row in page.rows] == [2, 1]


def test_a_receipt_is_read_from_its_bytes(session: Session, book: Book) -> None:
    remittance_id = queries.remittances(session, PageRequest(), contract_id=book.bravo).rows[0].id
    found = queries.receipt_view(session, remittance_id)
    assert (found.facts["client"], found.lines[0].number) == ("Bravo Textile SARL", "H-1")
    session.execute(text("ALTER TABLE subrogation_receipt DISABLE TRIGGER USER"))
    session.execute(text("UPDATE subrogation_receipt SET content = content || '\\x00'::bytea"))
    with pytest.raises(queries.ReceiptAltered):
        queries.receipt_view(session, remittance_id)


def test_verify_proves_the_book_and_names_the_first_wrong_receivable(
    session: Session, book: Book
) -> None:
    assert verifying.verify(session) == []
    wrong = receivable(session, "F-002")[0]
    session.execute(
        text("UPDATE receivable SET open_minor = open_minor - 1 WHERE id = :id"), {"id": wrong}
    )
    found = {finding.rule: finding.subject for finding in verifying.verify(session)}
    assert found["open_is_its_entries"] == f"receivable {wrong} (F-002)"
    assert "debtor_account_is_its_receivables" in found
