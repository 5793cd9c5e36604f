"""The availability told before a client confirms is the one it has afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, draft, invoice, open_book
from tests.receivables.test_credit_notes import receivable

from cessio.contracts.rules import AdvanceMode
from cessio.funding.queries import availability, planned_availability
from cessio.funding.rules import Availability
from cessio.receivables import operations
from cessio.receivables.operations import NewDocument
from cessio.receivables.rules import DisputeReason

TERMS: dict[str, Any] = {"blanket_cover_minor": 10_000_00}


def foreseen(session: Session, contract_id: int, remittance_id: int, on: date) -> Availability:
    found = operations.resulting(session, remittance_id=remittance_id, on=on)
    return planned_availability(
        session, contract_id=contract_id, documents=found.documents, charges=found.charges, on=on
    )


def check_and_assign(
    session: Session, book: Book, now: datetime, today: date, *rows: NewDocument
) -> tuple[Availability, Availability]:
    """What was told for a remittance, and what came of it."""
    remittance_id = draft(session, book, now, *rows)
    operations.check(session, remittance_id=remittance_id, on=today, by=book.by, at=now)
    told = foreseen(session, book.alpha, remittance_id, today)
    operations.assign(session, remittance_id=remittance_id, by=book.by, at=now)
    return told, availability(session, contract_id=book.alpha, on=today)


def same(told: Availability, came: Availability) -> bool:
    """Equal but for the ids of debtors nobody knew before."""
    return told.figures() == came.figures() and [
        (line.kind, line.amount_minor, line.reason) for line in told.lines
    ] == [(line.kind, line.amount_minor, line.reason) for line in came.lines]


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"advance_mode": AdvanceMode.PERCENTAGE, "advance_rate": Decimal("0.85"),
         "retention_rate": Decimal(0)},
        {"verification_min_minor": 500_00, "verification_sample_rate": Decimal("0.5")},
        {"new_debtor_days": 90, "new_debtor_limit_minor": 300_00},
        {"concentration_rate": Decimal("0.4"), "cross_ageing_rate": Decimal("0.3"),
         "overdue_days_ineligible": 1},
    ],
)  # fmt: skip
def test_what_is_told_before_confirming_comes_true(
    session: Session, now: datetime, today: date, terms: dict[str, Any]
) -> None:
    book = open_book(session, now, **{**TERMS, **terms})
    assigned(session, book, now, invoice(book, "F-1", 800_00),
             invoice(book, "F-2", 300_00, debtor="mercier", days=1))  # fmt: skip
    operations.open_dispute(
        session, receivable_id=receivable(session, "F-1")[0], reason=DisputeReason.QUALITY,
        amount_minor=700_00, by=book.by, at=now,
    )  # fmt: skip
    told, came = check_and_assign(
        session, book, now, today,
        invoice(book, "G-1", 1_500_00), invoice(book, "G-2", 250_00, debtor="leroy"),
        invoice(book, "A-1", -200_00, original_number="F-1"),
        invoice(book, "A-2", -100_00, original_number="G-1"),
        invoice(book, "A-3", -900_00, debtor="mercier", original_number="F-2"),
        replace(invoice(book, "N-1", 400_00), debtor_id=None, debtor_siren="552100554",
                debtor_name="Nouveau Débiteur SA"),
    )  # fmt: skip
    if "verification_sample_rate" not in terms:
        assert same(told, came)
    assert told.outstanding_minor == came.outstanding_minor
    assert told.current_account_minor == came.current_account_minor


DOCUMENTS = st.lists(
    st.tuples(
        st.sampled_from(["durand", "mercier", "leroy", "oceane"]),
        st.integers(-900, 2000).filter(bool),
        st.integers(0, 120),
        st.sampled_from([None, "F-1", "F-2", "G-0", "G-1", "G-2"]),
    ),
    min_size=1,
    max_size=8,
)


@given(documents=DOCUMENTS)
@settings(max_examples=20)
def test_it_comes_true_whatever_is_assigned(
    session: Session, now: datetime, today: date, documents: list[tuple[str, int, int, str | None]]
) -> None:
    with session.begin_nested() as undone:
        book = open_book(
            session, now, **TERMS, verification_min_minor=1500_00,
            verification_sample_rate=Decimal("0.2"), overdue_days_ineligible=0,
        )  # fmt: skip
        assigned(session, book, now, invoice(book, "F-1", 800_00),
                 invoice(book, "F-2", 300_00, debtor="mercier", days=1))  # fmt: skip
        rows = [
            invoice(book, f"G-{n}", euros * 100, debtor=debtor, days=days,
                    original_number=named if euros < 0 else None)
            for n, (debtor, euros, days, named) in enumerate(documents)
        ]  # fmt: skip
        told, came = check_and_assign(session, book, now, today, *rows)
        assert told == came
        undone.rollback()
