"""What is done in SQL is what the rules say, and whole files stay far from quadratic."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import assigned, draft, invoice, open_book, reasons

from cessio.contracts.rules import Terms, commission
from cessio.kernel.money import MAX_MINOR
from cessio.ledger import bulk as ledger_bulk
from cessio.receivables import operations, rules
from cessio.receivables.bulk import verifying
from cessio.receivables.operations import NewDocument
from cessio.receivables.rules import DocumentKind


@settings(max_examples=60)
@given(
    debtor_id=st.integers(1, 2**62),
    number=st.text(min_size=1, max_size=30).filter(lambda text: "\0" not in text),
    issued=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    minor=st.integers(-MAX_MINOR, MAX_MINOR),
)
def test_the_fingerprint_in_sql_is_the_rules(
    session: Session, debtor_id: int, number: str, issued: date, minor: int
) -> None:
    key = rules.number_key(number)
    in_sql = session.scalar(
        text("SELECT receivable_fingerprint(:debtor, :key, :on, :minor, 'EUR')"),
        {"debtor": debtor_id, "key": key, "on": issued, "minor": minor},
    )
    assert in_sql == rules.fingerprint(
        debtor_id=debtor_id, number=number, issue_date=issued, amount_minor=minor, currency="EUR"
    )


@settings(max_examples=15)
@given(
    amounts=st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=12),
    rate=st.decimals(0, Decimal("0.05"), places=6),
    minimum=st.integers(0, 5000),
    on_notes=st.booleans(),
)
def test_the_commission_in_sql_is_the_rules(
    session: Session, now: datetime, amounts: list[int], rate: Decimal, minimum: int,
    on_notes: bool,
) -> None:  # fmt: skip
    terms = {"commission_rate": rate, "commission_minimum_minor": minimum,
             "commission_on_credit_notes": on_notes}  # fmt: skip
    with session.begin_nested() as savepoint:
        book = open_book(session, now, **terms)
        done = assigned(
            session, book, now, *(invoice(book, f"N{n}", one) for n, one in enumerate(amounts))
        )
        expected = commission(Terms(**terms), amounts)
        assert (done.commission_minor, done.vat_minor) == (expected.net_minor, expected.vat_minor)
        savepoint.rollback()


@settings(max_examples=15)
@given(
    lines=st.lists(
        st.tuples(st.integers(-(10**7), 10**7).filter(bool), st.integers(0, 3)),
        min_size=1, max_size=15,
    )
)  # fmt: skip
def test_assigning_creates_and_loses_no_cent(
    session: Session, now: datetime, lines: list[tuple[int, int]]
) -> None:
    with session.begin_nested() as savepoint:
        book = open_book(session, now, blanket_cover_minor=10**6)
        debtors = ("durand", "mercier", "leroy", "oceane")
        documents = [
            invoice(book, f"N{n}", minor, debtor=debtors[whose], original_number=f"N{n - 1}")
            for n, (minor, whose) in enumerate(lines)
        ]
        done = assigned(session, book, now, *documents)
        assert done.amount_minor == sum(minor for minor, _ in lines)
        assert ledger_bulk.verify(session) == []
        assert verifying.verify(session) == []
        savepoint.rollback()


def test_what_a_program_may_send_wrongly_is_told_and_never_an_error(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    one = draft(
        session, book, now,
        invoice(book, "F\0-1", 100),
        invoice(book, "x" * 300, 100),
        invoice(book, "F-3", 10**18),
        invoice(book, "F-4", -10**18, kind=DocumentKind.CREDIT_NOTE),
        invoice(book, "F-5", 100, debtor_id=10**15),
        invoice(book, "F-6", 100, debtor_id=None, debtor_vat="DE000"),
        invoice(book, "F-7", 100, debtor_id=None, debtor_vat="DE136695976"),
        invoice(book, "F-8", 100, vat_minor=90),
        invoice(book, "F-9", 100, kind=DocumentKind.CREDIT_NOTE, vat_minor=16),
        invoice(book, "F-10", 100, on=date(2020, 1, 1)),
        invoice(book, "F-11", 100, days=400),
        invoice(book, "=cmd|'/c calc'!A1", 100, order_ref="=1+1"),
    )  # fmt: skip
    operations.check(session, remittance_id=one, on=now.date(), by=book.by, at=now)
    told = reasons(session, one)
    expected = {
        1: "text_unreadable", 2: "number_too_long", 3: "amount_too_large", 4: "amount_too_large",
        5: "debtor_missing", 6: "vat_number_invalid", 8: "vat_implausible",
        9: "original_not_named", 10: "limitation_passed", 11: "term_beyond_legal",
    }  # fmt: skip
    for line, code in expected.items():
        assert code in told[line][1], (line, told[line])
    assert told[7] == ("warning", ["no_cover"])
    amount = session.scalar(
        text("SELECT amount_minor FROM remittance_line WHERE remittance_id = :id AND line = 9"),
        {"id": one},
    )
    assert amount == -100


@pytest.mark.long
def test_ten_thousand_lines_with_credit_notes_and_duplicates_take_seconds(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now, blanket_cover_minor=10**9)
    rows: list[NewDocument] = [
        invoice(book, f"A{n}", -(n % 977) - 1, original_number=f"N{n - 3}") if n % 4 == 3
        else invoice(book, f"N{n if n % 50 else 0}", 10_000 + n, days=n % 60)
        for n in range(operations.drafts.MAX_ROWS)
    ]  # fmt: skip
    start = perf_counter()
    one = draft(session, book, now, *rows)
    operations.check(session, remittance_id=one, on=now.date(), by=book.by, at=now)
    done = operations.assign(session, remittance_id=one, by=book.by, at=now)
    operations.reverse(session, remittance_id=one, reason="all of it", by="system:setup", at=now)
    assert perf_counter() - start < 60
    assert done.document_count > 9_000
    assert ledger_bulk.verify(session) == []
    assert verifying.verify(session) == []
