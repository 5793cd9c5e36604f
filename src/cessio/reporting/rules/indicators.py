"""A contract's indicators as its client reads them, made of what was read (domain.md section 9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from cessio.kernel.calendar import month_end
from cessio.reporting.rules.delays import MonthlySales, dso_count_back, dso_simple
from cessio.reporting.rules.ratios import ratio


class Indicator(StrEnum):
    """What a client may put on its page, in the order it is offered."""

    DSO = "dso"
    AGED_BALANCE = "aged_balance"
    PAYMENT_RATES = "payment_rates"
    DELAY_BY_AMOUNT = "delay_by_amount"
    DILUTION = "dilution"
    CONCENTRATION = "concentration"
    FORECAST = "forecast"


#: The days of sales that the simple DSO looks at.
SALES_DAYS = 90


@dataclass(frozen=True, slots=True)
class SalesMonth:
    """Invoices and credit notes of one month of issue, with tax."""

    first: date
    invoiced_minor: int
    credited_minor: int

    @property
    def net_minor(self) -> int:
        """Invoices less credit notes."""
        return self.invoiced_minor - self.credited_minor


@dataclass(frozen=True, slots=True)
class DaysOutstanding:
    """DSO by both methods, in days."""

    simple: Decimal | None
    count_back: Decimal | None


def days_outstanding(
    outstanding_minor: int, months: Sequence[SalesMonth], *, lately_minor: int, on: date
) -> DaysOutstanding:
    """DSO on a day: ``months`` latest first, ``lately_minor`` the sales of ``SALES_DAYS``."""
    used = [
        MonthlySales(one.net_minor, (min(on, month_end(one.first)) - one.first).days + 1)
        for one in months if one.first <= on
    ]  # fmt: skip
    return DaysOutstanding(
        dso_simple(outstanding_minor, lately_minor, SALES_DAYS),
        dso_count_back(outstanding_minor, used),
    )


@dataclass(frozen=True, slots=True)
class RateMonth:
    """What was paid of a month's invoices within so many days of their due dates.

    A share is final once the last of them is so many days overdue.
    """

    first: date
    issued_minor: int
    paid_minor: Mapping[int, int]
    last_due_on: date

    def share(self, days: int) -> Decimal | None:
        """The part paid within 30, 60 or 90 days."""
        return ratio(self.paid_minor[days], self.issued_minor)

    def is_final(self, days: int, on: date) -> bool:
        """Whether nothing paid from a day on changes that part."""
        return self.last_due_on + timedelta(days=days) < on


@dataclass(frozen=True, slots=True)
class Bracket:
    """How late invoices of one size were paid; ``upto_minor`` None: no upper end."""

    from_minor: int
    upto_minor: int | None
    invoice_count: int
    paid_minor: int
    days_late: Decimal


@dataclass(frozen=True, slots=True)
class Diluted:
    """What of three months' invoices never became cash, by what took it away."""

    invoiced_minor: int
    credit_notes_minor: int
    differences_minor: int

    @property
    def rate(self) -> Decimal | None:
        """A factor's dilution: over invoices."""
        return ratio(self.credit_notes_minor + self.differences_minor, self.invoiced_minor)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday: what was expected to come in, and what came."""

    monday: date
    expected_minor: int
    collected_minor: int


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def weeks(
    expected: Iterable[tuple[date, int]], collected: Iterable[tuple[date, int]], *, on: date,
    back: int, ahead: int,
) -> tuple[tuple[Week, ...], tuple[Week, ...]]:  # fmt: skip
    """The whole weeks before the one of ``on``, and that one with those to come.

    ``expected`` are amounts by the day they are likely on. What should have come before now and is
    still open is not in ``expected``: nobody knows its day.
    """
    this = monday_of(on)
    mondays = [this + timedelta(weeks=place) for place in range(-back, ahead)]
    hoped, came = dict.fromkeys(mondays, 0), dict.fromkeys(mondays, 0)
    for sums, facts in ((hoped, expected), (came, collected)):
        for day, minor in facts:
            if monday_of(day) in sums:
                sums[monday_of(day)] += minor
    made = tuple(Week(monday, hoped[monday], came[monday]) for monday in mondays)
    return made[:back], made[back:]
