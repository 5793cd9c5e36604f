"""Where the commission is taken with the drawdown, the client reads it before and after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from cessio import contracts
from cessio.contracts.rules import CommissionTiming, IndexName
from cessio.plumbing.database import transaction
from tests.receivables.books import assigned, invoice
from tests.web.portal.conftest import Portal


def test_the_commission_is_shown_before_and_after(make: Callable[..., Portal]) -> None:
    portal = make(
        commission_timing=CommissionTiming.PRE_COUNTED, payout_approval_threshold_minor=50_000_00,
        value_days_in=0, concentration_rate=None,
    )  # fmt: skip
    on = portal.now.date()
    with transaction(portal.engine) as session:
        contracts.record_fixing(
            session, index=IndexName.EURIBOR_3M, fixed_on=on - timedelta(days=3),
            rate=Decimal("0.02015"), source="EMMI", by=portal.book.people.bruno.by, at=portal.now,
        )  # fmt: skip
        assigned(session, portal.book, portal.now, invoice(
            portal.book, "FA-1", 12_000_00, on=on, days=60))  # fmt: skip
    before = portal.fanny.get("/portal/funding").text
    assert "is taken with the drawdown" in before
    assert "3.215" in before
    drawn = portal.fanny.post("/portal/funding", data={"amount": "10000.00"})
    assert drawn.status_code == 303, drawn.text
    shown = portal.fanny.get(drawn.headers["location"]).text
    assert "Financing commission taken with it" in shown
    assert "53.58" in shown
