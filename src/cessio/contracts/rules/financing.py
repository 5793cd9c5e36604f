"""What financing costs a day, and the commission taken in advance for planned days.

Never subject to VAT. Accrued exactly, rounded half up once when posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from cessio.contracts.rules.terms import Terms
from cessio.kernel.accrual import round_fraction, simple_interest
from cessio.kernel.rates import floored


def daily_rate(terms: Terms, index_rate: Decimal) -> Decimal:
    """The annual rate of a day: index, not below its floor, plus margin; never negative."""
    return max(Decimal(0), floored(index_rate, terms.interest_index_floor) + terms.interest_margin)


def pre_counted(terms: Terms, amount_minor: int, days: int, index_rate: Decimal) -> int:
    """The commission taken when an advance is made, for the days it is planned to run."""
    rate = daily_rate(terms, index_rate)
    return round_fraction(simple_interest(amount_minor, days, rate, terms.interest_day_basis))


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A part of an advance and the day it is planned to be repaid on (that day excluded)."""

    amount_minor: int
    to_on: date

    def days(self, from_on: date) -> int:
        """For how long it runs."""
        return max(0, (self.to_on - from_on).days)


def planned_parts(
    expected: Sequence[tuple[date, int]], *, in_use_minor: int, amount_minor: int, from_on: date
) -> tuple[PlannedPart, ...]:
    """When an advance is planned to be repaid, by what debtors are expected to pay, in order.

    ``expected`` are value dates and amounts; the first of them repay what is in use already. What
    no payment is expected for runs to the last of them.
    """
    skip, left, parts = max(0, in_use_minor), amount_minor, []
    last = from_on
    for on, minor in sorted(expected):
        last = max(last, on)
        used = min(skip, minor)
        skip -= used
        taken = min(minor - used, left)
        if taken > 0:
            parts.append(PlannedPart(taken, max(from_on, on)))
            left -= taken
    if left > 0:
        parts.append(PlannedPart(left, last))
    return tuple(parts)


def prepaid_commission(
    parts: Iterable[PlannedPart], *, from_on: date, rate: Decimal, day_basis: int
) -> int:
    """The commission of an advance for its planned days, rounded once."""
    accrued = Fraction(0)
    for part in parts:
        accrued += simple_interest(part.amount_minor, part.days(from_on), rate, day_basis)
    return round_fraction(accrued)


def most_with_commission(
    terms: Terms, expected: Sequence[tuple[date, int]], *, in_use_minor: int, from_on: date,
    index_rate: Decimal, available_minor: int, most_minor: int,
) -> int:  # fmt: skip
    """The largest advance up to ``most_minor`` that fits ``available_minor`` with its commission.

    The commission grows with the advance, so halving finds it.
    """
    rate = daily_rate(terms, index_rate)

    def fits(amount: int) -> bool:
        parts = planned_parts(
            expected, in_use_minor=in_use_minor, amount_minor=amount, from_on=from_on
        )
        cost = prepaid_commission(
            parts, from_on=from_on, rate=rate, day_basis=terms.interest_day_basis
        )
        return amount + cost <= available_minor

    low, high = 0, max(0, min(available_minor, most_minor))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
