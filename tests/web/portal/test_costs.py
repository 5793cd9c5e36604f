"""What a client pays is shown by month, with its formula, and equals its statement."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from cessio import ledger
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.plumbing.database import transaction
from cessio.statements import contract_statement
from cessio.statements.queries import monthly_costs
from cessio.statements.rules import MonthCost
from tests.web.portal.conftest import Portal

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


def month(**amounts: int) -> MonthCost:
    zero = {
        "invoices_minor": 0, "commission_minor": 0, "minimum_minor": 0, "vat_minor": 0,
        "financing_minor": 0, "day_count": 0, "numbers_minor": 0,
    }  # fmt: skip
    return MonthCost(first=date(2026, 10, 1), lowest_rate=None, highest_rate=None,
                     **{**zero, **amounts})  # fmt: skip


def test_the_effective_rate_is_that_of_the_law() -> None:
    """domain.md §5: 285.78 over 3 200 000 of debit numbers make 3.26 % a year."""
    found = month(financing_minor=285_78, numbers_minor=3_200_000_00, day_count=31)
    assert found.effective_rate is not None
    assert found.effective_rate.quantize(Decimal("0.0001")) == Decimal("0.0326")
    assert month(financing_minor=0, numbers_minor=100).effective_rate is None
    assert month(financing_minor=100).effective_rate is None


def test_the_costs_of_a_month_are_those_of_its_statement(portal: Portal, first: int) -> None:
    with transaction(portal.engine) as session:
        (cost,) = monthly_costs(
            session, contract_id=portal.book.alpha, from_on=NOVEMBER[0], to_on=NOVEMBER[1]
        )
        statement = contract_statement(
            session, contract_id=portal.book.alpha, from_on=NOVEMBER[0], to_on=NOVEMBER[1]
        )
    totals = statement.current.totals_by_kind()
    assert cost.total_minor == -totals.get("COMMISSION", 0)
    assert cost.invoices_minor == 2_000_00
    assert cost.vat_minor == pytest.approx(cost.commission_minor * 0.2, abs=1)


def test_what_corrects_the_month_before_is_said_beside_the_commission(
    portal: Portal, first: int
) -> None:
    current = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", portal.book.alpha)
    income = AccountKey(AccountKind.INTEREST_INCOME, "EUR")
    with transaction(portal.engine) as session:
        for effect, minor in (("post_counted", 226_983), ("adjustment", -21)):
            ledger.post(
                session,
                Posting(
                    kind=TransactionKind.FINANCING_COMMISSION, source_kind="financing_charge",
                    source_id=1, effect=effect, value_date=date(2026, 11, 16),
                    contract_id=portal.book.alpha,
                    lines=(Line(current, minor), Line(income, -minor)),
                ),
                by="job:settlement", at=portal.now,
            )  # fmt: skip
        session.execute(text("""
            INSERT INTO financing_day (contract_id, day, base_minor, interest_free_minor,
                                       prepaid_minor, index_rate, rate, day_basis, computed_at)
            VALUES (:contract, '2026-11-15', 100000, 0, 0, 0.02, 0.03, 360, :at)
        """), {"contract": portal.book.alpha, "at": portal.now})  # fmt: skip
        (cost,) = monthly_costs(
            session, contract_id=portal.book.alpha, from_on=NOVEMBER[0], to_on=NOVEMBER[1]
        )
    assert (cost.financing_minor, cost.adjusted_minor) == (226_962, -21)
    page = portal.fanny.get("/portal/costs?month=2026-11").text
    assert "−€0.21 corrects the month before" in page


def test_a_client_reads_what_it_pays_and_takes_it_away(portal: Portal, first: int) -> None:
    client = portal.fanny
    page = client.get("/portal/costs?month=2026-11").text
    assert "Cost of November 2026, VAT included" in page
    assert "€2,000.00 of invoices assigned" in page
    assert "Factoring commission" in client.get("/portal/costs?format=csv").text
    assert client.get("/portal/costs?format=xlsx").content.startswith(b"PK")
