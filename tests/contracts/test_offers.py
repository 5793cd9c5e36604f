"""Products and fee grids of the house: versions from a date on, and what contracts start from."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session
from tests.books import BY, new_client

from cessio import audit
from cessio.contracts import operations, queries
from cessio.contracts.operations import Named
from cessio.contracts.queries.catalogue import terms_read
from cessio.contracts.rules import FeeKind, Product, product_defaults
from cessio.contracts.rules.grids import FeeLine, fee_of, grid_problems
from cessio.kernel.errors import Conflict, Problems

NAMED = Named("AFF-PME", "Affacturage PME", "Factoring for SMEs")
LINES = (
    FeeLine(FeeKind.PAYOUT, flat_minor=8_00),
    FeeLine(FeeKind.DEBTOR_STUDY, flat_minor=15_00),
    FeeLine(FeeKind.DEBTOR_STUDY, from_minor=50_000_00, flat_minor=30_00, rate=Decimal("0.0001")),
)


def test_the_highest_line_reached_prices_the_whole() -> None:
    bases = (0, 49_999_99, 50_000_00, 100_000_05)
    assert [fee_of(LINES, FeeKind.DEBTOR_STUDY, base) for base in bases] == [
        15_00, 15_00, 35_00, 40_00,
    ]  # fmt: skip
    assert fee_of(LINES, FeeKind.AUDIT) is None


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "grid_empty"),
        ((LINES[0], LINES[0]), "tier_twice"),
        ((FeeLine(FeeKind.AUDIT),), "tier_free"),
        ((FeeLine(FeeKind.AUDIT, flat_minor=-1),), "tier_range"),
        ((FeeLine(FeeKind.AUDIT, rate=Decimal("1.01")),), "tier_range"),
        (tuple(FeeLine(FeeKind.AUDIT, n, 1) for n in range(61)), "grid_long"),
    ],
)
def test_a_grid_at_fault_says_why(lines: tuple[FeeLine, ...], code: str) -> None:
    assert code in [fault.code for fault in grid_problems(lines)]


@pytest.mark.parametrize("product", list(Product))
def test_terms_of_a_product_come_back_as_they_were(product: Product) -> None:
    terms = product_defaults(product, concentration_rate=Decimal("0.123456"))
    stored = audit.json_safe(terms)
    assert terms_read(stored, product) == terms
    del stored["value_days_in"]
    assert terms_read({**stored, "gone": 1}, product) == terms


def test_a_contract_starts_from_the_product_and_keeps_its_own_terms(
    session: Session, now: datetime
) -> None:
    today = now.date()
    grid = operations.add_fee_grid(
        session, named=Named("STD", "Standard", "Standard"), lines=LINES, effective_from=today,
        by=BY, at=now,
    )  # fmt: skip
    terms = product_defaults(Product.FULL, commission_rate=Decimal("0.0045"))
    offer = operations.add_offer(session, named=NAMED, kind=Product.FULL, terms=terms,
                                 effective_from=today, fee_grid_id=grid, by=BY, at=now)  # fmt: skip
    contract = operations.sign_contract(
        session, client_id=new_client(session), product=Product.FULL, terms=terms,
        signed_on=today, offer_id=offer, fee_grid_id=grid, by=BY, at=now,
    )  # fmt: skip
    later = today + timedelta(days=30)
    dearer = replace(terms, commission_rate=Decimal("0.005"))
    operations.change_offer(session, offer_id=offer, terms=dearer, effective_from=later,
                            fee_grid_id=grid, note="Prices of 2027", by=BY, at=now)  # fmt: skip
    found = queries.offer(session, offer)
    assert found.contracts == queries.fee_grid(session, grid).contracts == 1
    held = [found.on(day) for day in (today - timedelta(days=1), today, later)]
    assert [one.version if one else None for one in held] == [None, 1, 2]
    assert queries.terms_in_force(session, contract, later) == terms
    assert queries.contract(session, contract).offer_id == offer
    latest = audit.history(session, "offer", offer)[0]
    assert ("commission_rate", "0.0045", "0.005") in [
        (one.field, one.before, one.after) for one in latest.changes
    ]


def test_versions_of_the_past_and_names_in_use_are_refused(session: Session, now: datetime) -> None:
    terms = product_defaults(Product.SPOT)
    offer = operations.add_offer(session, named=NAMED, kind=Product.SPOT, terms=terms,
                                 effective_from=now.date(), by=BY, at=now)  # fmt: skip
    with pytest.raises(Conflict, match="in use"):
        operations.add_offer(session, named=NAMED, kind=Product.SPOT, terms=terms,
                             effective_from=now.date(), by=BY, at=now)  # fmt: skip
    with pytest.raises(Conflict, match="already"):
        operations.change_offer(session, offer_id=offer, terms=terms, effective_from=now.date(),
                                by=BY, at=now)  # fmt: skip
    with pytest.raises(Problems):
        operations.change_offer(
            session, offer_id=offer, terms=replace(terms, value_days_in=3),
            effective_from=date(2026, 1, 1), by=BY, at=now,
        )  # fmt: skip
    for bad in (Named("lower", "a", "b"), Named("OK", "", "b"), Named("", "a", "b")):
        with pytest.raises(Problems):
            operations.add_offer(session, named=bad, kind=Product.SPOT, terms=terms,
                                 effective_from=now.date(), by=BY, at=now)  # fmt: skip
    operations.retire_offer(session, offer_id=offer, by=BY, at=now)
    assert queries.offer(session, offer).retired_at == now
    operations.retire_offer(session, offer_id=offer, retired=False, by=BY, at=now)
    assert queries.offer(session, offer).retired_at is None


def test_a_grid_changes_from_a_day_on(session: Session, now: datetime) -> None:
    grid = operations.add_fee_grid(
        session, named=Named("STD", "Standard", "Standard"), lines=LINES,
        effective_from=now.date(), by=BY, at=now,
    )  # fmt: skip
    later = now.date() + timedelta(days=10)
    operations.change_fee_grid(session, grid_id=grid, lines=LINES[:1], effective_from=later,
                               by=BY, at=now)  # fmt: skip
    found = queries.fee_grid(session, grid)
    today, then = found.on(now.date()), found.on(later)
    assert today is not None
    assert then is not None
    assert (len(today.lines), len(then.lines)) == (3, 1)
    with pytest.raises(Conflict):
        operations.change_fee_grid(session, grid_id=grid, lines=LINES[:1], effective_from=later,
                                   by=BY, at=now)  # fmt: skip
