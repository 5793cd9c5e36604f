"""Moving the due date of an assigned invoice: when it may be, and when one person may not alone.

A due date pushed back keeps an old invoice young (``reliability.md`` §3.1, re-ageing): it stays
funded for longer. So days are counted from the date it was assigned with, over all changes.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from cessio.kernel.errors import CessioError, Conflict, Invalid
from cessio.receivables.rules.verdicts import DocumentKind

#: Further than so after its date, an invoice is no trade invoice.
MOST_DAYS = 730
#: Days that one person grants alone unless the house says otherwise.
ALONE_DAYS = 15


class DueDateReason(StrEnum):
    """Why a due date moves."""

    AGREED = "agreed"  # client and debtor agreed on another date
    INVOICE_ERROR = "invoice_error"  # it was never the date of the invoice
    DISPUTE = "dispute"  # what ended a dispute
    OTHER = "other"


class DueDateOutcome(StrEnum):
    """How a change ended."""

    APPLIED = "applied"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class NotMovable(Conflict):
    """Only an invoice that still owes something is due another day."""


def needs_second(*, first_due_on: date, from_on: date, to_on: date, alone_days: int) -> bool:
    """Whether a second person decides: later than now, and by more in all than one grants."""
    return to_on > from_on and (to_on - first_due_on).days > alone_days


def due_date_fault(
    *, number: str, kind: str, open_minor: int, issued_on: date, from_on: date, to_on: date
) -> CessioError | None:
    """Why an invoice can not be due on another day, or None."""
    if kind != DocumentKind.INVOICE or open_minor <= 0:
        return NotMovable("not_movable", "{number} is not an open invoice: its due date stays",
                          number=number)  # fmt: skip
    if to_on == from_on:
        return Invalid("due_date_same", "it is due on that day already", field="to_on")
    if to_on < issued_on:
        return Invalid("due_before_issued", "it was issued on {issued_on}: it is not due before",
                       field="to_on", issued_on=issued_on)  # fmt: skip
    if to_on > issued_on + timedelta(days=MOST_DAYS):
        return Invalid("due_too_far", "an invoice is due {most} days after its date at most",
                       field="to_on", most=MOST_DAYS)  # fmt: skip
    return None
