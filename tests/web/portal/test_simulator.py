"""What the simulator says is what then happens, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts import record_fixing
from cessio.contracts.rules import AdvanceMode, CommissionTiming, IndexName
from cessio.funding import queries as funding
from cessio.kernel.accrual import Movement
from cessio.kernel.calendar import Period
from cessio.kernel.errors import Invalid
from cessio.kernel.rates import RateSeries
from cessio.limits import NewLimit
from cessio.plumbing.database import transaction
from cessio.receivables import operations
from cessio.receivables.operations.limits import decide_limit
from cessio.settlement.rules import Balance, financing_commission, financing_days
from cessio.web.simulating import Sale, keep, sell
from cessio.web.what_if import limit_effect
from tests.receivables.books import Book, assigned, draft, invoice, open_book
from tests.web.portal.conftest import Portal

TERMS: dict[str, Any] = {"blanket_cover_minor": 10_000_00}
PAGE = "/portal/costs/simulator"


def fixed(session: Session, book: Book, now: datetime) -> None:
    record_fixing(
        session, index=IndexName.EURIBOR_3M, fixed_on=date(2026, 11, 13), rate=Decimal("0.02015"),
        source="ECB", by="system:setup", at=now,
    )  # fmt: skip


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"commission_minimum_minor": 900},
        {"advance_mode": AdvanceMode.PERCENTAGE, "advance_rate": Decimal("0.85"),
         "retention_rate": Decimal(0)},
        {"concentration_rate": Decimal("0.4"), "blanket_cover_minor": 3_000_00},
        {"verification_min_minor": 500_00},
        {"payment_term_days_max": 30},
    ],
)  # fmt: skip
@pytest.mark.parametrize("debtor", ["durand", "mercier"])
@pytest.mark.parametrize(("count", "minor"), [(1, 1_234_57), (3, 712_33)])
def test_a_remittance_brings_and_costs_what_was_simulated(
    session: Session, now: datetime, today: date, terms: dict[str, Any], debtor: str, count: int,
    minor: int,
) -> None:  # fmt: skip
    book = open_book(session, now, **{**TERMS, **terms})
    assigned(session, book, now, invoice(book, "F-1", 800_00))
    due = today + timedelta(days=45)
    sale = Sale(contract_id=book.alpha, debtor_id=getattr(book.people, debtor).id, count=count,
                amount_minor=minor, due_on=due)  # fmt: skip
    told = sell(session, sale, on=today, counts_on=today)
    rows = [
        replace(invoice(book, f"S-{number}", minor, debtor=debtor), issue_date=today, due_date=due)
        for number in range(count)
    ]
    done = operations.assign(session, remittance_id=draft(session, book, now, *rows), by=book.by,
                             at=now)  # fmt: skip
    came = funding.availability(session, contract_id=book.alpha, on=today)
    assert told.after.figures() == came.figures()
    assert told.charges.amount_minor == count * minor
    assert done.remittance_id
    assert told.before.available_minor + sum(
        one.delta_minor for one in told.changes if not one.is_result
    ) == came.available_minor  # fmt: skip


def test_the_financing_foreseen_is_what_a_drawdown_takes_in_advance(
    session: Session, now: datetime, today: date
) -> None:
    book = open_book(session, now, commission_timing=CommissionTiming.PRE_COUNTED, **TERMS)
    fixed(session, book, now)
    assigned(session, book, now, invoice(book, "F-1", 800_00))
    due = today + timedelta(days=45)
    sale = Sale(contract_id=book.alpha, debtor_id=book.people.durand.id, count=1,
                amount_minor=2_000_00, due_on=due)  # fmt: skip
    told = sell(session, sale, on=today, counts_on=today)
    row = replace(invoice(book, "S-1", 2_000_00), issue_date=today, due_date=due)
    assigned(session, book, now, row)
    came = funding.availability(session, contract_id=book.alpha, on=today)
    quoted = funding.quote(
        session, contract_id=book.alpha, terms=contracts.terms_in_force(session, book.alpha, today),
        amount_minor=told.released_minor, in_use_minor=came.funds_in_use_minor, on=today,
        counted_on=today,
    )  # fmt: skip
    assert told.cost == quoted
    assert quoted.commission_minor > 0


def test_a_limit_does_what_was_simulated(session: Session, now: datetime, today: date) -> None:
    book = open_book(session, now, blanket_cover_minor=0)
    assigned(session, book, now, invoice(book, "F-1", 800_00), invoice(book, "F-2", 500_00))
    limit = NewLimit(contract_id=book.alpha, debtor_id=book.people.durand.id, amount_minor=1_000_00)
    told = limit_effect(session, limit, today)
    decide_limit(session, limit=limit, by=book.people.chloe.by, at=now)
    came = funding.availability(session, contract_id=book.alpha, on=today)
    assert told.after.figures() == came.figures()
    assert [(one.number, one.after_minor) for one in told.preview.changes] == [
        ("F-1", 800_00), ("F-2", 200_00),
    ]  # fmt: skip


@pytest.mark.parametrize(("minor", "days"), [(10_000_00, 10), (123_45, 31), (777_777, 1)])
def test_what_is_not_in_use_for_some_days_is_not_charged(
    session: Session, now: datetime, today: date, minor: int, days: int
) -> None:
    """The commission of a month in which the amount is in use, and of one in which it is not."""
    book = open_book(session, now, **TERMS)
    fixed(session, book, now)
    told = keep(session, contract_id=book.alpha, amount_minor=minor, days=days, later=True,
                on=today)  # fmt: skip
    terms = contracts.terms_in_force(session, book.alpha, today)
    charged = financing_commission(
        financing_days(
            terms, period=Period(today, today + timedelta(days=days - 1)),
            funds_in_use=Balance(0, (Movement(today, minor),)), retention=Balance(0),
            index=RateSeries.constant(Decimal("0.02015")),
        )
    )  # fmt: skip
    assert told.saved_minor == charged.amount_minor


def test_more_than_is_in_use_cannot_be_repaid(session: Session, now: datetime, today: date) -> None:
    book = open_book(session, now, **TERMS)
    fixed(session, book, now)
    with pytest.raises(Invalid, match="no more can be repaid"):
        keep(session, contract_id=book.alpha, amount_minor=1, days=5, later=False, on=today)


def test_a_simulation_is_an_address_and_a_file(portal: Portal) -> None:
    fanny, book = portal.fanny, portal.book
    with transaction(portal.engine) as session:
        assigned(session, book, portal.now, invoice(book, "F-1", 800_00))
    asked = f"?what=remittance&debtor={book.people.durand.id}&count=2&amount=1,000.00"
    asked += "&due_on=2026-12-31"
    page = fanny.get(PAGE + asked)
    assert page.status_code == 200
    assert "You could draw more" in page.text
    told = fanny.get(f"{PAGE}{asked}&format=csv").text
    assert "2000.00" in told
    wrong = fanny.get(f"{PAGE}?what=remittance&count=0&amount=x&due_on=2020-01-01")
    assert wrong.status_code == 422
    assert "form-errors" in wrong.text
    past = fanny.get(f"{PAGE}?what=remittance&count=1&amount=5&due_on=2020-01-01")
    assert "due today at the earliest" in past.text
    unknown = f"{PAGE}?what=remittance&debtor={book.people.leroy.id}&count=1&amount=5"
    assert fanny.get(f"{unknown}&due_on=2026-12-31").status_code == 422
    limit = f"{PAGE}?what=limit&debtor={book.people.durand.id}&amount=9,000.00"
    assert "Covered then" in fanny.get(limit).text
    assert fanny.get(f"{PAGE}?what=limit&debtor=999999&amount=9").status_code == 422


def test_nobody_simulates_on_the_book_of_another_client(portal: Portal) -> None:
    bravo = portal.book.bravo
    assert portal.fanny.get(f"{PAGE}?contract={bravo}").status_code == 404
