"""Late-payment penalties and the 40 € indemnity (Code de commerce L441-10 II and D441-5).

Due without reminder from the day after the due date. The rate of 1 January holds for the first
half-year, that of 1 July for the second. No penalty runs on the indemnity itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cessio.contracts.rules import LateBasis
from cessio.kernel.accrual import Movement, rounded_parts, simple_interest, spans
from cessio.kernel.calendar import Period, half_year
from cessio.kernel.rates import RateSeries

#: Points added to the ECB refinancing rate by default.
ECB_MARGIN = Decimal("0.10")
#: No late-payment rate is below so many times the legal interest rate.
LEGAL_MULTIPLE = 3


@dataclass(frozen=True, slots=True)
class LateRates:
    """What late-payment rates are made from.

    ``ecb_refi`` and ``legal`` are published series; ``legal`` is the rate for professionals.
    ``fixed`` is the rate written on the invoices, for ``LateBasis.FIXED``.
    """

    ecb_refi: RateSeries
    legal: RateSeries
    basis: LateBasis = LateBasis.LEGAL_DEFAULT
    fixed: Decimal | None = None

    def of_half_year(self, on: date) -> Decimal:
        """The annual rate of the half-year of a date. Raises ``RateMissing``."""
        first_day = half_year(on).start
        least = LEGAL_MULTIPLE * self.legal.on(first_day)
        match self.basis:
            case LateBasis.LEGAL_DEFAULT:
                return max(least, self.ecb_refi.on(first_day) + ECB_MARGIN)
            case LateBasis.FIXED:
                return max(least, self.fixed or Decimal(0))
            case LateBasis.LEGAL_MINIMUM:
                return least


@dataclass(frozen=True, slots=True)
class PenaltySegment:
    """Days of one half-year over which one amount was late."""

    period: Period
    amount_minor: int
    rate: Decimal
    penalty_minor: int


@dataclass(frozen=True, slots=True)
class LatePayment:
    """What a late payment owes on top; segments add up to the penalty."""

    days: int
    penalty_minor: int
    indemnity_minor: int
    segments: tuple[PenaltySegment, ...]

    @property
    def total_minor(self) -> int:
        """Penalty and indemnity."""
        return self.penalty_minor + self.indemnity_minor


def late_payment(
    amount_minor: int,
    *,
    due_date: date,
    until: date,
    rates: LateRates,
    payments: Iterable[tuple[date, int]] = (),
    day_count: int = 365,
    indemnity_minor: int = 4000,
) -> LatePayment:
    """Penalties of one invoice up to ``until`` included (the day it is paid, or today).

    ``payments`` are earlier part payments (date, amount); the day of a payment still bears on
    what it paid. The posted penalty is rounded once. Nothing is owed up to the due date.
    """
    late = Period(due_date + timedelta(days=1), until)
    if until <= due_date or amount_minor <= 0:
        return LatePayment(0, 0, 0, ())
    opening, movements = _owed(amount_minor, late, payments)
    pieces = [
        (part, span.balance_minor)
        for span in spans(opening, movements, late)
        if span.balance_minor > 0
        for part in _half_years(span.period)
    ]
    priced = [(part, owed, rates.of_half_year(part.start)) for part, owed in pieces]
    amounts = rounded_parts(
        simple_interest(owed, part.length, rate, day_count) for part, owed, rate in priced
    )
    segments = tuple(
        PenaltySegment(part, owed, rate, amount)
        for (part, owed, rate), amount in zip(priced, amounts, strict=True)
    )
    days = sum(segment.period.length for segment in segments)
    return LatePayment(days, sum(amounts), indemnity_minor if segments else 0, segments)


def half_years_late(due_date: date, until: date) -> tuple[date, ...]:
    """The first day of each half-year in which an invoice was late: each has its rate."""
    late = Period(due_date + timedelta(days=1), until)
    return tuple(half_year(part.start).start for part in _half_years(late))


def _owed(
    amount_minor: int, late: Period, payments: Iterable[tuple[date, int]]
) -> tuple[int, list[Movement]]:
    """What is owed on the first late day, and the days on which part of it stops bearing."""
    movements = [Movement(on + timedelta(days=1), -paid) for on, paid in payments]
    early = sum(move.amount_minor for move in movements if move.value_date < late.start)
    return amount_minor + early, movements


def _half_years(period: Period) -> Iterable[Period]:
    start = period.start
    while start <= period.end:
        end = min(period.end, half_year(start).end)
        yield Period(start, end)
        start = end + timedelta(days=1)
