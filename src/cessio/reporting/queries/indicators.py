"""What a contract's indicators are made of, each in one statement over its own invoices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.kernel.calendar import add_months, month_start
from cessio.receivables.queries.behaviour import BRACKETS
from cessio.reporting.queries.portfolio import Weight, concentration
from cessio.reporting.rules import (
    AgedBalance,
    Bracket,
    Concentration,
    DaysOutstanding,
    Diluted,
    OpenItem,
    RateMonth,
    SalesMonth,
    Week,
    aged_balance,
    days_outstanding,
    weeks,
)
from cessio.reporting.rules import concentration as shares
from cessio.reporting.rules.indicators import SALES_DAYS, monday_of

#: How far back payments and sales are looked at.
MONTHS = 12
WEEKS_BACK, WEEKS_AHEAD = 8, 8

_OPEN = text("""
    SELECT due_date, sum(open_minor)::bigint FROM receivable
     WHERE contract_id = :contract AND closed_on IS NULL GROUP BY due_date
""")

_SALES = text("""
    SELECT date_trunc('month', issue_date)::date,
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'invoice'), 0)::bigint,
           coalesce(-sum(amount_minor) FILTER (WHERE kind = 'credit_note'), 0)::bigint,
           coalesce(sum(amount_minor) FILTER (WHERE issue_date > :lately), 0)::bigint
      FROM receivable
     WHERE contract_id = :contract AND kind <> 'on_account' AND reversed_at IS NULL
       AND issue_date BETWEEN :since AND :on
     GROUP BY 1 ORDER BY 1 DESC
""")

# Payments of the contract's invoices; one taken back counts against the day it was taken back.
_PAID = """
    WITH paid AS MATERIALIZED (
      SELECT receivable.id, receivable.debtor_id, receivable.due_date, receivable.amount_minor,
             receivable.issue_date, head.booked_on, -entry.amount_minor AS minor
        FROM ledger_transaction AS head
        JOIN ledger_entry AS entry ON entry.transaction_id = head.id
        JOIN receivable ON receivable.id = entry.receivable_id AND receivable.kind = 'invoice'
        LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
       WHERE head.contract_id = :contract AND head.booked_on BETWEEN :since AND :on
         AND coalesce(undone.kind, head.kind) IN ('CASH_APPLICATION', 'DIRECT_PAYMENT')
    )
"""

_RATES = text(f"""
    {_PAID}, cohort AS (
      SELECT id, date_trunc('month', issue_date)::date AS month, amount_minor, due_date
        FROM receivable
       WHERE contract_id = :contract AND kind = 'invoice' AND reversed_at IS NULL
         AND issue_date BETWEEN :since AND :on
    ), within AS (
      SELECT id, sum(minor) FILTER (WHERE booked_on <= due_date + 30) AS d30,
             sum(minor) FILTER (WHERE booked_on <= due_date + 60) AS d60,
             sum(minor) FILTER (WHERE booked_on <= due_date + 90) AS d90
        FROM paid GROUP BY id
    )
    SELECT cohort.month, sum(cohort.amount_minor)::bigint, coalesce(sum(d30), 0)::bigint,
           coalesce(sum(d60), 0)::bigint, coalesce(sum(d90), 0)::bigint, max(cohort.due_date)
      FROM cohort LEFT JOIN within ON within.id = cohort.id
     GROUP BY cohort.month ORDER BY cohort.month DESC
""")  # noqa: S608

_BRACKETS = text(f"""
    {_PAID}
    SELECT width_bucket(amount_minor, CAST(:brackets AS bigint[])), count(DISTINCT id),
           sum(minor)::bigint, round(sum(minor * (booked_on - due_date))::numeric / sum(minor), 1)
      FROM paid GROUP BY 1 HAVING sum(minor) > 0 ORDER BY 1
""")  # noqa: S608

#: What was assigned, credited and written off, of entries that the statement's own ``WHERE`` names.
DILUTED = """
           coalesce(sum(entry.amount_minor) FILTER (
             WHERE coalesce(undone.kind, head.kind) = 'ASSIGNMENT' AND entry.amount_minor > 0
               AND receivable.kind = 'invoice'), 0)::bigint,
           coalesce(-sum(entry.amount_minor) FILTER (
             WHERE coalesce(undone.kind, head.kind) IN ('ASSIGNMENT', 'CREDIT_NOTE')
               AND receivable.kind = 'credit_note'), 0)::bigint,
           coalesce(-sum(entry.amount_minor) FILTER (
             WHERE coalesce(undone.kind, head.kind) = 'PAYMENT_DIFFERENCE'), 0)::bigint
      FROM ledger_transaction AS head
      JOIN ledger_entry AS entry ON entry.transaction_id = head.id
      JOIN receivable ON receivable.id = entry.receivable_id AND receivable.reversed_at IS NULL
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
     WHERE true
"""

_DILUTED = text(f"""
    SELECT {DILUTED}
       AND head.contract_id = :contract AND head.booked_on BETWEEN :since AND :on
""")

# An invoice is expected as late as its debtor paid on average; of who never paid yet, when due.
_EXPECTED = text(f"""
    {_PAID}, habit AS (
      SELECT debtor_id, greatest(0, round(sum(minor * (booked_on - due_date))::numeric
               / nullif(sum(minor), 0)))::integer AS days
        FROM paid GROUP BY debtor_id
    ), likely AS (
      SELECT receivable.due_date + coalesce(habit.days, 0) AS day, receivable.open_minor,
             receivable.amount_minor, receivable.closed_on
        FROM receivable LEFT JOIN habit ON habit.debtor_id = receivable.debtor_id
       WHERE receivable.contract_id = :contract AND receivable.kind = 'invoice'
         AND receivable.reversed_at IS NULL
         AND (receivable.closed_on IS NULL OR receivable.due_date >= :due_since)
    )
    SELECT 'expected', day,
           sum(CASE WHEN day < :on THEN amount_minor ELSE open_minor END)::bigint
      FROM likely WHERE day >= :monday AND (closed_on IS NULL OR day < :on) GROUP BY day
     UNION ALL
    SELECT 'collected', booked_on, sum(minor)::bigint
      FROM paid WHERE booked_on >= :monday GROUP BY booked_on
     UNION ALL
    SELECT 'late', NULL, coalesce(sum(open_minor), 0)::bigint
      FROM likely WHERE closed_on IS NULL AND day < :on
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Forecast:
    """Weeks gone by and to come, and what is later than it was likely to be."""

    past: tuple[Week, ...]
    coming: tuple[Week, ...]
    late_minor: int


@dataclass(frozen=True, slots=True)
class Indicators:
    """All of a contract's indicators on a day, in its currency."""

    outstanding_minor: int
    sales: tuple[SalesMonth, ...]
    dso: DaysOutstanding
    aged: AgedBalance
    rates: tuple[RateMonth, ...]
    brackets: tuple[Bracket, ...]
    days_late: Decimal | None
    diluted: Diluted
    debtors: tuple[Weight, ...]
    concentration: Concentration | None
    forecast: Forecast


def indicators(session: Session, *, contract_id: int, on: date) -> Indicators:
    """A contract's indicators as its books are now; ``on`` is today."""
    facts = {
        "contract": contract_id, "on": on, "since": add_months(month_start(on), 1 - MONTHS),
        "brackets": list(BRACKETS),
    }  # fmt: skip
    aged = aged_balance((OpenItem(due, minor) for due, minor in session.execute(_OPEN, facts)), on)
    lately = {**facts, "lately": on - timedelta(days=SALES_DAYS)}
    months = session.execute(_SALES, lately).all()
    sales = tuple(SalesMonth(*row[:3]) for row in months)
    brackets = _brackets(session, facts)
    debtors = concentration(session, contract_ids=[contract_id])
    return Indicators(
        outstanding_minor=aged.total_minor, sales=sales,
        dso=days_outstanding(
            aged.total_minor, sales, lately_minor=sum(row[3] for row in months), on=on
        ),
        aged=aged, rates=_rates(session, facts), brackets=brackets, days_late=_mean(brackets),
        diluted=Diluted(
            *session.execute(_DILUTED, {**facts, "since": add_months(on, -3)}).one()
        ),
        debtors=debtors, concentration=shares([one.open_minor for one in debtors]),
        forecast=_forecast(session, facts, on),
    )  # fmt: skip


def _rates(session: Session, facts: Mapping[str, object]) -> tuple[RateMonth, ...]:
    return tuple(
        RateMonth(month, issued, {30: d30, 60: d60, 90: d90}, last)
        for month, issued, d30, d60, d90, last in session.execute(_RATES, facts)
    )


def _brackets(session: Session, facts: Mapping[str, object]) -> tuple[Bracket, ...]:
    ends = (*BRACKETS[1:], None)
    return tuple(
        Bracket(BRACKETS[place - 1], ends[place - 1], count, paid, late)
        for place, count, paid, late in session.execute(_BRACKETS, facts)
    )


def _mean(brackets: tuple[Bracket, ...]) -> Decimal | None:
    """Days late over all sizes, weighted by what was paid."""
    paid = sum(one.paid_minor for one in brackets)
    if not paid:
        return None
    weighted = sum((one.days_late * one.paid_minor for one in brackets), Decimal(0))
    return (weighted / paid).quantize(Decimal("0.1"))


def _forecast(session: Session, facts: Mapping[str, object], on: date) -> Forecast:
    first = monday_of(on) - timedelta(weeks=WEEKS_BACK)
    found = session.execute(
        _EXPECTED, {**facts, "monday": first, "due_since": first - timedelta(days=180)}
    ).all()
    past, coming = weeks(
        ((day, minor) for what, day, minor in found if what == "expected"),
        ((day, minor) for what, day, minor in found if what == "collected"),
        on=on, back=WEEKS_BACK, ahead=WEEKS_AHEAD,
    )  # fmt: skip
    return Forecast(past, coming, sum(minor for what, _, minor in found if what == "late"))
