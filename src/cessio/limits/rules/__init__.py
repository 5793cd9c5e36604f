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
from cessio.limits.rules.desk import (
    ANSWER_DAYS,
    NOTICE_DAYS,
    PromiseBand,
    SecondPerson,
    SecondPersonCode,
    Urgency,
    beyond_authority,
    promised_days,
    urgency,
)
from cessio.limits.rules.groups import GroupUse, MemberLimit, beyond_cap, group_use
from cessio.limits.rules.kinds import LimitAction, LimitKind, LimitSource, RequestAnswer
from cessio.limits.rules.losses import (
    CoveredPayment,
    Indemnity,
    indemnity,
    insurer_pays,
    pay_covered_first,
)

__all__ = [
    "ANSWER_DAYS",
    "NOTICE_DAYS",
    "CoverAllocation",
    "CoverChange",
    "CoverInvoice",
    "CoveredPayment",
    "GroupUse",
    "Indemnity",
    "InvoiceCover",
    "LimitAction",
    "LimitDecision",
    "LimitKind",
    "LimitPreview",
    "LimitSource",
    "MemberLimit",
    "PromiseBand",
    "RequestAnswer",
    "SecondPerson",
    "SecondPersonCode",
    "UnusedApproval",
    "Urgency",
    "allocate_cover",
    "beyond_authority",
    "beyond_cap",
    "cover_order",
    "floors_after_cut",
    "group_use",
    "indemnity",
    "insurer_pays",
    "limit_in_force",
    "pay_covered_first",
    "preview_limit",
    "promised_days",
    "unused_approval",
    "urgency",
    "with_decision",
]
