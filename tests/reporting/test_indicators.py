"""A contract's indicators equal its books, and each is the formula it says."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.walking import UNTIL

from cessio.contracts import queries as contracts
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.reporting.queries import indicators
from cessio.reporting.rules import SalesMonth, days_outstanding, weeks

MONDAY = date(2026, 11, 16)


def test_dso_counts_back_over_the_months_of_sales() -> None:
    """domain.md section 9: 2 500 owed on 30 November makes 82.4 days."""
    months = [
        SalesMonth(date(2025, 11, 1), 1_300_00, 100_00), SalesMonth(date(2025, 10, 1), 800_00, 0),
        SalesMonth(date(2025, 9, 1), 700_00, 0),
    ]  # fmt: skip
    found = days_outstanding(2_500_00, months, lately_minor=2_700_00, on=date(2025, 11, 30))
    assert found.count_back == Decimal("82.43")
    assert found.simple == Decimal("83.33")


def test_of_the_month_that_runs_only_the_days_gone_by_count() -> None:
    months = [SalesMonth(date(2026, 11, 1), 1_000_00, 0)]
    found = days_outstanding(1_000_00, months, lately_minor=1_000_00, on=date(2026, 11, 10))
    assert found.count_back == 10


@given(st.lists(st.tuples(st.integers(-90, 90), st.integers(-10**6, 10**6))),
       st.integers(0, 6))  # fmt: skip
def test_a_week_holds_what_falls_into_it_and_nothing_twice(
    facts: list[tuple[int, int]], weekday: int
) -> None:
    on = MONDAY + timedelta(days=weekday)
    dated = [(on + timedelta(days=shift), minor) for shift, minor in facts]
    past, coming = weeks(dated, dated, on=on, back=8, ahead=8)
    assert len(past) == len(coming) == 8
    first, last = past[0].monday, coming[-1].monday + timedelta(days=6)
    inside = sum(minor for day, minor in dated if first <= day <= last)
    assert sum(one.expected_minor for one in past + coming) == inside
    assert all(one.expected_minor == one.collected_minor for one in past + coming)
    assert coming[0].monday <= on < coming[1].monday


def test_what_is_owed_is_what_the_ledger_has(session: Session) -> None:
    for contract in contracts.contracts(session):
        found = indicators(session, contract_id=contract.id, on=UNTIL)
        (balance,) = session.execute(
            text("""SELECT coalesce(sum(balance_minor), 0)::bigint FROM ledger_account
                     WHERE contract_id = :id AND kind = 'RECEIVABLE'"""), {"id": contract.id},
        ).one()  # fmt: skip
        assert found.aged.total_minor == found.outstanding_minor == balance
        assert sum(one.open_minor for one in found.debtors) == balance
        to_come = sum(one.expected_minor for one in found.forecast.coming)
        assert found.forecast.late_minor >= 0
        assert to_come >= 0


def test_what_came_in_is_what_the_ledger_booked(session: Session) -> None:
    for contract in contracts.contracts(session):
        found = indicators(session, contract_id=contract.id, on=UNTIL)
        first = found.forecast.past[0].monday
        _opening, moves = ledger.contract_movements(
            session, contract_id=contract.id, account=AccountKind.RECEIVABLE, from_on=first,
            to_on=UNTIL,
        )  # fmt: skip
        paid = session.execute(
            text("""
                SELECT coalesce(-sum(entry.amount_minor), 0)::bigint
                  FROM ledger_transaction AS head
                  JOIN ledger_entry AS entry ON entry.transaction_id = head.id
                  JOIN receivable ON receivable.id = entry.receivable_id
                   AND receivable.kind = 'invoice'
                 WHERE head.id = ANY(:moves)
            """),
            {"moves": [
                one.transaction_id for one in moves
                if (one.reversed_kind or one.kind) in ("CASH_APPLICATION", "DIRECT_PAYMENT")
            ]},
        ).scalar_one()  # fmt: skip
        weeks_found = found.forecast.past + found.forecast.coming
        assert sum(one.collected_minor for one in weeks_found) == paid


def test_rates_of_a_month_grow_with_the_days_and_never_pass_what_was_issued(
    session: Session,
) -> None:
    seen = 0
    for contract in contracts.contracts(session):
        for month in indicators(session, contract_id=contract.id, on=UNTIL).rates:
            paid = [month.paid_minor[days] for days in (30, 60, 90)]
            assert 0 <= paid[0] <= paid[1] <= paid[2] <= month.issued_minor
            seen += paid[0] > 0
    assert seen
