"""Who bears a debtor's insolvency, invoice by invoice. Amounts in the contract's minor units."""

from cessio.limits.rules.cover import (
    CoverAllocation,
    CoverChange,
    CoverInvoice,
    InvoiceCover,
    LimitPreview,
    allocate_cover,
    cover_order,
    floors_after_cut,
    preview_limit,
)
from cessio.limits.rules.decisions import (
    LimitDecision,
    UnusedApproval,
    limit_in_force,
    unused_approval,
    with_decision,
)
from cessio.limits.rules.kinds import LimitAction, LimitKind, LimitSource, RequestAnswer
from cessio.limits.rules.losses import (
    CoveredPayment,
    Indemnity,
    indemnity,
    insurer_pays,
    pay_covered_first,
)

__all__ = [
    "CoverAllocation",
    "CoverChange",
    "CoverInvoice",
    "CoveredPayment",
    "Indemnity",
    "InvoiceCover",
    "LimitAction",
    "LimitDecision",
    "LimitKind",
    "LimitPreview",
    "LimitSource",
    "RequestAnswer",
    "UnusedApproval",
    "allocate_cover",
    "cover_order",
    "floors_after_cut",
    "indemnity",
    "insurer_pays",
    "limit_in_force",
    "pay_covered_first",
    "preview_limit",
    "unused_approval",
    "with_decision",
]
