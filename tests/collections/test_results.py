"""Results of collection against figures worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from tests import books
from tests.collections.test_letters import AT, reminded
from tests.collections.test_plans import BY, ON, addressed, house, late

from cessio.cash.models import CashAllocation, CashApplication
from cessio.collections.operations.figures import keep_results
from cessio.collections.queries.results import USUAL, ResultsBy, kept_results, results
from cessio.parties.models import Debtor

LATER = ON + timedelta(days=20)


@pytest.fixture
def told(session: Session) -> int:
    """Two invoices reminded of, 1 000 and 500: 600 of the first is paid since, none of the other.

    What was applied wrongly and undone, or paid before, is not received since.

    Before, the debtor paid 2 000 forty days late and 2 000 in time; since, 1 000 ten days late.
    """
    pair = books.new_pair(session)
    addressed(session, pair.debtor_id, "compta@delta.example")
    house(session)
    before = [
        books.new_invoice(session, pair, "A-1", 2_000_00, due_date=ON - timedelta(days=60)),
        books.new_invoice(session, pair, "A-2", 2_000_00, due_date=ON - timedelta(days=5)),
    ]
    for receivable_id, on in zip(before, (20, 5), strict=True):
        books.pay(session, receivable_id, 2_000_00, ON - timedelta(days=on))
    first = late(session, pair, "F-1", 3)
    late(session, pair, "F-2", 4, 500_00)
    soon = books.new_invoice(session, pair, "B-1", 1_000_00, due_date=ON)
    reminded(session)
    books.pay(session, first, 600_00, ON + timedelta(days=2))
    for on, minor, undone in ((2, 600_00, None), (2, 400_00, AT), (-1, 100_00, None)):
        applied = CashApplication(
            kind="direct", amount_minor=minor, applied_on=ON + timedelta(days=on), at=AT, by=BY,
            reasons=[], undone_at=undone, undone_by=undone and BY,
        )  # fmt: skip
        session.add(applied)
        session.flush()
        session.add(CashAllocation(application_id=applied.id, receivable_id=first,
                                   amount_minor=minor, kind="payment"))  # fmt: skip
    session.flush()
    books.pay(session, soon, 1_000_00, ON + timedelta(days=10))
    return pair.debtor_id


def test_recovery_and_days_gained_are_those_of_the_facts(session: Session, told: int) -> None:
    [one] = results(session, by=ResultsBy.PLAN, from_on=ON, to_on=LATER, on=LATER)
    assert (one.key, one.count, one.reminded_minor, one.received_minor) == (
        "Ladder", 2, 1_500_00, 600_00
    )  # fmt: skip
    assert one.rate == Decimal("0.4")
    assert (one.days_before, one.days_since) == (Decimal("20.0"), Decimal("10.0"))
    assert one.days_gained == Decimal("10.0")


def test_they_are_told_apart_by_segment_and_collector(session: Session, told: int) -> None:
    session.execute(update(Debtor).where(Debtor.id == told).values(segment="at_risk"))
    [segment] = results(session, by=ResultsBy.SEGMENT, from_on=ON, to_on=LATER, on=LATER)
    [nobody] = results(session, by=ResultsBy.COLLECTOR, from_on=ON, to_on=LATER, on=LATER)
    assert (segment.key, nobody.key) == ("at_risk", None)
    assert segment.received_minor == nobody.received_minor == 600_00


def test_an_invoice_counts_in_the_period_of_its_first_reminder(session: Session, told: int) -> None:
    later = ON + timedelta(days=12)
    reminded(session, later)  # F-1 and F-2 have reached their letter with penalties
    assert results(session, by=None, from_on=later, to_on=later, on=later) == ()
    [one] = results(session, by=None, from_on=ON, to_on=later, on=later)
    assert one.count == 2
    assert results(session, by=None, from_on=date(2026, 1, 1), to_on=date(2026, 2, 1), on=ON) == ()


def test_what_is_kept_at_night_is_what_the_page_would_add_up(session: Session, told: int) -> None:
    live = {by: results(session, by=by, from_on=LATER - USUAL, to_on=LATER, on=LATER)
            for by in (None, *ResultsBy)}  # fmt: skip
    assert live[ResultsBy.PLAN]
    assert keep_results(session, on=LATER, at=AT) == len(live)
    kept = kept_results(session, day=LATER)
    assert kept is not None
    assert {by: kept.of(by) for by in live} == live
    assert (kept.from_on, kept.day) == (LATER - USUAL, LATER)
    assert kept_results(session, day=LATER - timedelta(days=1)) is None


def test_what_was_kept_stays_as_it_was_that_night(session: Session, told: int) -> None:
    keep_results(session, on=LATER, at=AT)
    before = kept_results(session, day=LATER)
    session.execute(update(CashApplication).values(undone_at=AT, undone_by=BY))
    keep_results(session, on=LATER, at=AT + timedelta(hours=1))
    session.expire_all()
    assert kept_results(session, day=LATER) == before


def test_money_of_a_later_day_is_none_of_the_day_told_of(session: Session, told: int) -> None:
    [then] = results(session, by=None, from_on=ON, to_on=ON, on=ON + timedelta(days=1))
    [since] = results(session, by=None, from_on=ON, to_on=ON, on=LATER)
    assert (then.received_minor, since.received_minor) == (0, 600_00)
