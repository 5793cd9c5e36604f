"""When an invoice is due, and the latest date the law allows (Code de commerce L441-10 I)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from cessio.contracts.rules import MonthEndReading
from cessio.kernel.calendar import month_end

#: L441-10 I: at most so many days from the invoice date by agreement …
LEGAL_DAYS = 60
#: … or so many days end of month, or for periodic invoices …
LEGAL_DAYS_END_OF_MONTH = 45
#: … and so many by default.
DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class PaymentTerm:
    """Days from the invoice date, net or end of month.

    "45 days end of month" has two lawful readings; the contract or the debtor says which.
    """

    days: int = DEFAULT_DAYS
    end_of_month: bool = False
    reading: MonthEndReading = MonthEndReading.END_THEN_DAYS


def due_date(issue_date: date, term: PaymentTerm) -> date:
    """The due date of an invoice; a day that is not a business day is not moved."""
    days = timedelta(days=term.days)
    if not term.end_of_month:
        return issue_date + days
    if term.reading is MonthEndReading.DAYS_THEN_END:
        return month_end(issue_date + days)
    return month_end(issue_date) + days


def latest_lawful_due_date(
    issue_date: date, *, periodic: bool = False, reading: MonthEndReading | None = None
) -> date:
    """The latest due date that may be agreed.

    60 days net; 45 days for periodic invoices; with ``reading``, 45 days end of month if the
    contract says so expressly, when that is later than 60 days.
    """
    if periodic:
        return issue_date + timedelta(days=LEGAL_DAYS_END_OF_MONTH)
    net = issue_date + timedelta(days=LEGAL_DAYS)
    if reading is None:
        return net
    return max(net, due_date(issue_date, PaymentTerm(LEGAL_DAYS_END_OF_MONTH, True, reading)))


def is_lawful(
    issue_date: date, due: date, *, periodic: bool = False, reading: MonthEndReading | None = None
) -> bool:
    """Whether a due date respects the legal maximum."""
    return due <= latest_lawful_due_date(issue_date, periodic=periodic, reading=reading)
