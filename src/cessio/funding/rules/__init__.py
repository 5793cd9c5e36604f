"""What a client may draw and why: availability, drawdowns, funding limits."""

from cessio.funding.rules.concentration import concentration_cap, final_cap
from cessio.funding.rules.drawdowns import (
    DrawdownFacts,
    DrawdownStateName,
    Granted,
    RefusalCode,
    RefusalReason,
    Refused,
    automatic_amount,
    decide_drawdown,
    funding_limit,
    needs_approval,
)
from cessio.funding.rules.facts import (
    BY_RECEIVABLE,
    Availability,
    AvailabilityFacts,
    DebtorAvailability,
    DebtorFacts,
    Line,
    LineKind,
    Part,
    Reserve,
)
from cessio.funding.rules.invoices import OpenReceivable, ReceivableFunding, fund_receivables
from cessio.funding.rules.payouts import (
    Hold,
    HoldCode,
    Limits,
    OutcomeSaid,
    PayoutFacts,
    holds,
    order_holds,
)
from cessio.funding.rules.waterfall import advance_of, all_reserves, availability

__all__ = [
    "BY_RECEIVABLE",
    "Availability",
    "AvailabilityFacts",
    "DebtorAvailability",
    "DebtorFacts",
    "DrawdownFacts",
    "DrawdownStateName",
    "Granted",
    "Hold",
    "HoldCode",
    "Limits",
    "Line",
    "LineKind",
    "OpenReceivable",
    "OutcomeSaid",
    "Part",
    "PayoutFacts",
    "ReceivableFunding",
    "RefusalCode",
    "RefusalReason",
    "Refused",
    "Reserve",
    "advance_of",
    "all_reserves",
    "automatic_amount",
    "availability",
    "concentration_cap",
    "decide_drawdown",
    "final_cap",
    "fund_receivables",
    "funding_limit",
    "holds",
    "needs_approval",
    "order_holds",
]
