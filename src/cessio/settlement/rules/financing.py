"""The financing commission: funds in use by value date × (index, floored) + margin, day by day.

Never subject to VAT. Accrued exactly, rounded half up once when posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from cessio.contracts.rules import Terms, daily_rate
from cessio.kernel import calendar
from cessio.kernel.accrual import Movement, round_fraction, simple_interest, spans
from cessio.kernel.calendar import Period
from cessio.kernel.money import apply_rate
from cessio.kernel.rates import RateSeries


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
    """One day's base and rate; what a row of ``financing_day`` holds.

    ``base_minor`` is what is in use beyond ``prepaid_minor``, the part whose day was paid for at
    its drawdown; ``unused`` is what comes back of that payment, exact.
    """

    on: date
    base_minor: int
    interest_free_minor: int
    index_rate: Decimal
    rate: Decimal
    day_basis: int
    prepaid_minor: int = 0
    unused: Fraction = Fraction(0)

    @property
    def accrued(self) -> Fraction:
        """The day's commission, exact; negative when more comes back than is owed."""
        return simple_interest(self.base_minor, 1, self.rate, self.day_basis) - self.unused


@dataclass(frozen=True, slots=True)
class Prepaid:
    """An advance, or a part of it, whose days were paid for when it was drawn (``to_on`` not).

    ``commission_minor`` was debited with it and bears nothing until then either.
    """

    amount_minor: int
    commission_minor: int
    from_on: date
    to_on: date
    rate: Decimal
    day_basis: int

    @property
    def cost_of_day(self) -> Fraction:
        """What one of its days cost, exact."""
        return simple_interest(self.amount_minor, 1, self.rate, self.day_basis)


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
    terms: Terms, *, period: Period, funds_in_use: Balance, retention: Balance, index: RateSeries,
    prepaid: Sequence[Prepaid] = (),
) -> tuple[FinancingDay, ...]:  # fmt: skip
    """Every day of a period. Raises ``RateMissing`` when the index has no fixing yet.

    Days paid for in advance are not charged again: what debtors pay later than planned is, and
    what they pay earlier comes back if the contract says so.
    """
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
        running = [part for part in prepaid if part.from_on <= on < part.to_on]
        paid = sum(part.amount_minor + part.commission_minor for part in running)
        found.append(
            FinancingDay(
                on, max(0, base.base_minor - paid), base.interest_free_minor, rate,
                daily_rate(terms, rate), terms.interest_day_basis, paid,
                _unused(terms, running, paid, base.base_minor),
            )
        )  # fmt: skip
    return tuple(found)


def _unused(terms: Terms, running: Sequence[Prepaid], paid_minor: int, base_minor: int) -> Fraction:
    """What comes back of a day paid for in advance: its share that was not in use."""
    if not terms.pre_counted_refund or base_minor >= paid_minor:
        return Fraction(0)
    cost = sum((part.cost_of_day for part in running), Fraction(0))
    return cost * Fraction(paid_minor - base_minor, paid_minor)


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
