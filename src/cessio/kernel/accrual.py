"""Interest by day: balances by value date, interest numbers, exact accrual, one rounding.

Accrued amounts are ``Fraction`` of a minor unit, so that adjacent periods add up exactly; they
are rounded half up once, when posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from cessio.kernel.calendar import ONE_DAY, Period


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of a balance that counts from its value date on."""

    value_date: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Span:
    """A balance that does not change over a period, both ends included."""

    period: Period
    balance_minor: int

    @property
    def numbers_minor(self) -> int:
        """Interest numbers: balance × days."""
        return self.balance_minor * self.period.length


def spans(opening_minor: int, movements: Iterable[Movement], period: Period) -> Iterator[Span]:
    """The balance over a period, cut where it changes.

    ``opening_minor`` is the balance by value date at the start of the first day; movements valued
    before it are taken to be in it already and those after the period are ignored.
    """
    by_day: dict[date, int] = {}
    for movement in movements:
        if movement.value_date in period:
            day = movement.value_date
            by_day[day] = by_day.get(day, 0) + movement.amount_minor
    balance, start = opening_minor, period.start
    for day in sorted(by_day):
        if start < day:
            yield Span(Period(start, day - ONE_DAY), balance)
        balance, start = balance + by_day[day], day
    yield Span(Period(start, period.end), balance)


def simple_interest(amount_minor: int, days: int, rate: Decimal, basis: int) -> Fraction:
    """``amount × days × rate / basis``, exact (ACT/360 or ACT/365)."""
    numerator, denominator = rate.as_integer_ratio()
    return Fraction(amount_minor * days * numerator, denominator * basis)


def round_fraction(value: Fraction) -> int:
    """The nearest whole minor unit, halves away from zero: the one rounding of a posted amount."""
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -size if value < 0 else size


def rounded_parts(parts: Iterable[Fraction]) -> list[int]:
    """Exact parts as whole minor units that add up to their sum rounded once.

    Each part is the difference of two rounded running totals, so none is off by more than one.
    """
    total, posted = Fraction(0), 0
    rounded = []
    for part in parts:
        total += part
        rounded.append(round_fraction(total) - posted)
        posted = round_fraction(total)
    return rounded
