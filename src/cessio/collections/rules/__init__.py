"""When money is due, and what being late costs."""

from cessio.collections.rules.due_dates import (
    DEFAULT_DAYS,
    LEGAL_DAYS,
    LEGAL_DAYS_END_OF_MONTH,
    PaymentTerm,
    due_date,
    is_lawful,
    latest_lawful_due_date,
)
from cessio.collections.rules.penalties import (
    LatePayment,
    LateRates,
    PenaltySegment,
    late_payment,
)

__all__ = [
    "DEFAULT_DAYS",
    "LEGAL_DAYS",
    "LEGAL_DAYS_END_OF_MONTH",
    "LatePayment",
    "LateRates",
    "PaymentTerm",
    "PenaltySegment",
    "due_date",
    "is_lawful",
    "late_payment",
    "latest_lawful_due_date",
]
