"""How much of a debtor the factor covers and funds, per contract.

A *cover limit* says up to which amount the debtor's insolvency is ours; a *funding limit* up to
which its invoices may be drawn on. A *permanent* decision is replaced by the next; a *temporary*
one stands beside it until its end, and the higher holds. A debtor never named has the contract's
*blanket* cover. The *cover rate* (quotité) is the indemnified share of a covered loss. A *floor*
is cover an invoice keeps after its debtor's limit was cut. A decision that changes cover is taken
through ``receivables.decide_limit``, which moves the cover of the invoices with it.
"""

from cessio.limits.operations import (
    Decided,
    NewLimit,
    announce_endings,
    announce_idle_approvals,
    answer_request,
    ask_for_limit,
    end_limit,
    record_limit,
)
from cessio.limits.queries import EffectiveLimits, all_effective_limits, effective_limits
from cessio.limits.rules import LimitKind, RequestAnswer

__all__ = [
    "Decided",
    "EffectiveLimits",
    "LimitKind",
    "NewLimit",
    "RequestAnswer",
    "all_effective_limits",
    "announce_endings",
    "announce_idle_approvals",
    "answer_request",
    "ask_for_limit",
    "effective_limits",
    "end_limit",
    "record_limit",
]
