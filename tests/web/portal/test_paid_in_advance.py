"""Where the commission is taken with the drawdown, the client reads it before and after."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cessio import contracts
from cessio.contracts.rules import CommissionTiming, IndexName
from cessio.funding.queries import availability
from cessio.plumbing.database import transaction
from tests.receivables.books import assigned, invoice
from tests.web.portal.conftest import Portal, make_portal

TERMS: dict[str, Any] = {
    "commission_timing": CommissionTiming.PRE_COUNTED, "payout_approval_threshold_minor": 50_000_00,
    "value_days_in": 0, "concentration_rate": None,
}  # fmt: skip


def _owed(portal: Portal) -> None:
    """An invoice of 12 000 due in sixty days."""
    on = portal.now.date()
    with transaction(portal.engine) as session:
        contracts.record_fixing(
            session, index=IndexName.EURIBOR_3M, fixed_on=on - timedelta(days=3),
            rate=Decimal("0.02015"), source="EMMI", by="system:setup", at=portal.now,
        )  # fmt: skip
        assigned(session, portal.book, portal.now, invoice(
            portal.book, "FA-1", 12_000_00, on=on, days=60))  # fmt: skip


def test_the_commission_is_shown_before_and_after(make: Callable[..., Portal]) -> None:
    portal = make(**TERMS)
    _owed(portal)
    before = portal.fanny.get("/portal/funding").text
    assert "is taken with the drawdown" in before
    assert "3.215" in before
    drawn = portal.fanny.post("/portal/funding", data={"amount": "10000.00"})
    assert drawn.status_code == 303, drawn.text
    shown = portal.fanny.get(drawn.headers["location"]).text
    assert "Financing commission taken with it" in shown
    assert "53.58" in shown


def test_what_an_amount_costs_is_shown_before_it_is_drawn(make: Callable[..., Portal]) -> None:
    portal = make(**TERMS)
    _owed(portal)
    for typed in ("/portal", "/portal/funding"):
        assert '<form class="draw" action="/portal/funding/new">' in portal.fanny.get(typed).text
    page = portal.fanny.get("/portal/funding/new?amount=10000.00")
    assert page.status_code == 200
    assert "53.58" in page.text
    assert "FR76 3000 4008" in page.text.replace("\u00a0", " ")
    assert 'name="amount" value="10,000.00"' in page.text
    wrong = portal.fanny.get("/portal/funding/new?amount=ten")
    assert wrong.status_code == 422
    refused = portal.fanny.get("/portal/funding/new?amount=90000.00").text
    assert "This would be refused" in refused
    assert 'method="post" action="/portal/funding?' not in refused
    with transaction(portal.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM drawdown")) == 0


def test_after_the_cut_off_the_commission_shown_is_the_one_taken(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    portal = make_portal(engine, now.replace(hour=17), tmp_path, **TERMS)
    _owed(portal)
    page = portal.fanny.get("/portal/funding").text
    shown = re.search(r"due to pay: (\S+) for all of it", page)
    every = re.search(r'name="all" value="(\d+)"', page)
    assert shown is not None
    assert every is not None
    drawn = portal.fanny.post("/portal/funding", data={"all": every[1]})
    assert drawn.status_code == 303, drawn.text
    with transaction(portal.engine) as session:
        taken = session.scalar(text(
            "SELECT -sum(amount_minor) FROM ledger_entry JOIN ledger_account"
            " ON ledger_account.id = account_id WHERE kind = 'INTEREST_INCOME'"
        ))  # fmt: skip
    assert shown[1] == f"€{Decimal(taken) / 100:,.2f}"


@pytest.mark.parametrize("hour", [14, 15], ids=["before the cut-off", "after it"])
def test_what_can_be_drawn_is_one_figure_everywhere(
    engine: Engine, now: datetime, tmp_path: Path, hour: int
) -> None:
    portal = make_portal(engine, now.replace(hour=hour, minute=0), tmp_path, **TERMS)
    _owed(portal)
    page = portal.fanny.get("/portal/funding").text
    every = re.search(r'name="all" value="(\d+)"', page)
    assert every is not None
    most = int(every[1])
    with transaction(portal.engine) as session:
        owed = availability(session, contract_id=portal.book.alpha, on=portal.now.date())
    # Past 15:30 in Paris it counts from the next day: a day's commission less.
    assert (most > owed.payable_now_minor) is (hour == 15)
    assert f'name="all" value="{most}"' in portal.fanny.get("/portal").text
    drawn = portal.fanny.post("/portal/funding", data={"all": str(most)})
    assert drawn.status_code == 303, drawn.text
    with transaction(portal.engine) as session:
        counted = date(2026, 11, 16 + (hour == 15))
        left = availability(session, contract_id=portal.book.alpha, on=portal.now.date(),
                            counts_on=counted)  # fmt: skip
        taken = session.execute(text("SELECT state FROM drawdown")).scalar_one()
    assert taken in ("granted", "requested")
    assert left.payable_now_minor == 0
    assert 0 <= left.available_minor <= 1
