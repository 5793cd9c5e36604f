"""The financing commission: funds in use by value date × (index, floored) + margin, day by day.

Never subject to VAT. Accrued exactly, rounded half up once when posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from cessio.contracts.rules import Terms
from cessio.kernel import calendar
from cessio.kernel.accrual import Movement, round_fraction, simple_interest, spans
from cessio.kernel.calendar import Period
from cessio.kernel.money import apply_rate
from cessio.kernel.rates import RateSeries, floored


def daily_rate(terms: Terms, index_rate: Decimal) -> Decimal:
    """The annual rate of a day: index, not below its floor, plus margin; never negative."""
    return max(Decimal(0), floored(index_rate, terms.interest_index_floor) + terms.interest_margin)


@dataclass(frozen=True, slots=True)
class FinancingBase:
    """What bears interest on a day, and the share of the retention fund that does not."""

    base_minor: int
    interest_free_minor: int


def financing_base(terms: Terms, *, funds_in_use_minor: int, retention_minor: int) -> FinancingBase:
    """Funds in use less the interest-free share of the fund; a creditor position bears nothing."""
    free = apply_rate(max(0, retention_minor), terms.retention_interest_free_rate)
    return FinancingBase(max(0, funds_in_use_minor - free), free)


@dataclass(frozen=True, slots=True)
class FinancingDay:
    """One day's base and rate; what a row of ``financing_day`` holds."""

    on: date
    base_minor: int
    interest_free_minor: int
    index_rate: Decimal
    rate: Decimal
    day_basis: int

    @property
    def accrued(self) -> Fraction:
        """The day's commission, exact."""
        return simple_interest(self.base_minor, 1, self.rate, self.day_basis)


@dataclass(frozen=True, slots=True)
class Balance:
    """An amount by value date: what it was when a period opened, and what moved in it."""

    opening_minor: int
    movements: tuple[Movement, ...] = ()

    def by_day(self, period: Period) -> Iterator[int]:
        """The balance of each day of a period, movements of the day included."""
        for span in spans(self.opening_minor, self.movements, period):
            for _ in range(span.period.length):
                yield span.balance_minor


def financing_days(
    terms: Terms, *, period: Period, funds_in_use: Balance, retention: Balance, index: RateSeries
) -> tuple[FinancingDay, ...]:
    """Every day of a period. Raises ``RateMissing`` when the index has no fixing yet."""
    balances = zip(
        calendar.days(period.start, period.stop),
        funds_in_use.by_day(period),
        retention.by_day(period),
        strict=True,
    )
    found = []
    for on, in_use, held in balances:
        base = financing_base(terms, funds_in_use_minor=in_use, retention_minor=held)
        rate = index.on(on)
        found.append(
            FinancingDay(
                on, base.base_minor, base.interest_free_minor, rate, daily_rate(terms, rate),
                terms.interest_day_basis,
            )
        )  # fmt: skip
    return tuple(found)


@dataclass(frozen=True, slots=True)
class FinancingCommission:
    """A period's commission as posted, and its interest numbers (base × days)."""

    numbers_minor: int
    amount_minor: int


def financing_commission(days: Iterable[FinancingDay]) -> FinancingCommission:
    """The commission of some days, rounded once."""
    numbers, accrued = 0, Fraction(0)
    for day in days:
        numbers += day.base_minor
        accrued += day.accrued
    return FinancingCommission(numbers, round_fraction(accrued))


# -- value dates -------------------------------------------------------------------------------


def collection_value_date(terms: Terms, on: date) -> date:
    """The day from which a debtor's payment received ``on`` lowers the funds in use."""
    return calendar.value_date(on, terms.value_days_in)


def payout_value_date(terms: Terms, on: date) -> date:
    """The day from which a payout ordered ``on`` bears interest."""
    return calendar.value_date(on, terms.value_days_out)


# -- pre-counted commission --------------------------------------------------------------------


def pre_counted(terms: Terms, amount_minor: int, days: int, index_rate: Decimal) -> int:
    """The commission taken when an advance is made, for the days it is planned to run."""
    rate = daily_rate(terms, index_rate)
    return round_fraction(simple_interest(amount_minor, days, rate, terms.interest_day_basis))


def pre_counted_adjustment(
    terms: Terms, amount_minor: int, *, planned_days: int, used_days: int, index_rate: Decimal
) -> int:
    """What is still owed (positive) or given back (negative) once the advance is repaid.

    Days beyond the plan are always owed; unused days come back only if the contract says so.
    """
    taken = pre_counted(terms, amount_minor, planned_days, index_rate)
    adjustment = pre_counted(terms, amount_minor, used_days, index_rate) - taken
    return adjustment if adjustment > 0 or terms.pre_counted_refund else 0
