"""What a contract costs its client: the legal effective rate, and a year's estimate."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from cessio.kernel.accrual import round_fraction, simple_interest
from cessio.kernel.money import apply_rate
from cessio.kernel.rates import RATE_STEP


def effective_rate(
    financing_minor: int,
    numbers_minor: int,
    *,
    retention_numbers_minor: int = 0,
    days_in_year: int = 365,
) -> Decimal | None:
    """The annual effective rate of factoring (Code de la consommation, annexe art. R314-6).

    Financing commissions and fees over the debit numbers, less the credit numbers of the
    retention account, times the days of the year. None when nothing was in use.
    """
    numbers = numbers_minor - retention_numbers_minor
    if numbers <= 0:
        return None
    exact = Fraction(financing_minor * days_in_year, numbers)
    quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
    return quotient.quantize(RATE_STEP, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class YearlyCost:
    """What a year would cost, before VAT."""

    commission_minor: int
    financing_minor: int

    @property
    def total_minor(self) -> int:
        """Both commissions."""
        return self.commission_minor + self.financing_minor


def yearly_cost(
    *,
    turnover_minor: int,
    commission_rate: Decimal,
    drawn_minor: int,
    financing_rate: Decimal,
    day_basis: int = 360,
) -> YearlyCost:
    """A simulation: turnover assigned in a year and the amount drawn on average over 365 days."""
    financing = simple_interest(drawn_minor, 365, financing_rate, day_basis)
    return YearlyCost(apply_rate(turnover_minor, commission_rate), round_fraction(financing))


def financing_line(turnover_minor: int, payment_days: int, days_in_year: int = 360) -> int:
    """The outstanding that a yearly turnover paid after so many days keeps open."""
    return round_fraction(Fraction(turnover_minor * payment_days, days_in_year))
