"""How long debtors take: DSO by two methods, payment rates of a cohort, average delay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from cessio.reporting.rules.ratios import as_decimal, ratio

_TENTH = Decimal("0.1")
_HUNDREDTH = Decimal("0.01")


def dso_simple(receivables_minor: int, sales_minor: int, days: int) -> Decimal | None:
    """Receivables over sales, both with tax, times the days of the sales; two decimals."""
    if sales_minor <= 0:
        return None
    return as_decimal(Fraction(receivables_minor * days, sales_minor), _HUNDREDTH)


@dataclass(frozen=True, slots=True)
class MonthlySales:
    """Sales with tax of one month, and the days of that month."""

    sales_minor: int
    days: int


def dso_count_back(outstanding_minor: int, months: Iterable[MonthlySales]) -> Decimal | None:
    """Months of sales, latest first, that make up the outstanding; two decimals.

    Each month wholly used adds its days, the last one pro rata. ``None`` when the months given do
    not reach back far enough.
    """
    left, days = outstanding_minor, Fraction(0)
    if left <= 0:
        return Decimal("0.00")
    for month in months:
        if month.sales_minor >= left:
            return as_decimal(days + Fraction(left * month.days, month.sales_minor), _HUNDREDTH)
        left -= max(0, month.sales_minor)
        days += month.days
    return None


@dataclass(frozen=True, slots=True)
class CohortPayment:
    """A payment of one invoice, or a part of it."""

    paid_on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CohortInvoice:
    """An invoice of one issue month, with its payments."""

    due_date: date
    amount_minor: int
    payments: tuple[CohortPayment, ...] = ()


def payment_rates(
    cohort: Sequence[CohortInvoice], within_days: Sequence[int] = (30, 60, 90)
) -> tuple[Decimal | None, ...]:
    """Share of a cohort's amount paid within so many days of each due date.

    The cohort is the invoices issued in one month, followed until they are paid.
    """
    total = sum(invoice.amount_minor for invoice in cohort)
    delays = [
        ((payment.paid_on - invoice.due_date).days, payment.amount_minor)
        for invoice in cohort
        for payment in invoice.payments
    ]
    return tuple(
        ratio(sum(amount for late, amount in delays if late <= limit), total)
        for limit in within_days
    )


def average_delay(cohort: Sequence[CohortInvoice]) -> Decimal | None:
    """Days from due date to payment, weighted by amount paid; early payments count negatively."""
    paid = weighted = 0
    for invoice in cohort:
        for payment in invoice.payments:
            paid += payment.amount_minor
            weighted += payment.amount_minor * (payment.paid_on - invoice.due_date).days
    return as_decimal(Fraction(weighted, paid), _TENTH) if paid > 0 else None
