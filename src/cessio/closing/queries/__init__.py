"""Reading closed days and months, and what a month still needs."""

from cessio.closing.queries.days import (
    ClosedDayView,
    Seal,
    closed_day,
    closed_days,
    figures_of,
    last_closed,
    seal_of,
    verify,
    wait_for_writers,
)
from cessio.closing.queries.entries import entries_of_month
from cessio.closing.queries.months import (
    KEPT,
    SUBJECT,
    ClosedMonthView,
    books,
    books_closed,
    books_hash,
    closed_month,
    closed_months,
    first_open_month,
    last_closed_month,
)
from cessio.closing.queries.seals import SealView, last_seal, seal, seal_count, seals

__all__ = [
    "KEPT",
    "SUBJECT",
    "ClosedDayView",
    "ClosedMonthView",
    "Seal",
    "SealView",
    "books",
    "books_closed",
    "books_hash",
    "closed_day",
    "closed_days",
    "closed_month",
    "closed_months",
    "entries_of_month",
    "figures_of",
    "first_open_month",
    "last_closed",
    "last_closed_month",
    "last_seal",
    "seal",
    "seal_count",
    "seal_of",
    "seals",
    "verify",
    "wait_for_writers",
]
