"""When money is due, what being late costs, who is reminded, whether a promise was kept."""

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
from cessio.collections.rules.plans import (
    LADDER,
    TEXTS,
    DunningChannel,
    LeftOut,
    Step,
    Track,
    plan_problems,
    promised_since,
)
from cessio.collections.rules.promises import (
    Paid,
    PromiseEnd,
    PromiseStanding,
    PromiseState,
    awaited_until,
    standing,
)

__all__ = [
    "DEFAULT_DAYS",
    "LADDER",
    "LEGAL_DAYS",
    "LEGAL_DAYS_END_OF_MONTH",
    "TEXTS",
    "DunningChannel",
    "LatePayment",
    "LateRates",
    "LeftOut",
    "Paid",
    "PaymentTerm",
    "PenaltySegment",
    "PromiseEnd",
    "PromiseStanding",
    "PromiseState",
    "Step",
    "Track",
    "awaited_until",
    "due_date",
    "is_lawful",
    "late_payment",
    "latest_lawful_due_date",
    "plan_problems",
    "promised_since",
    "standing",
]
