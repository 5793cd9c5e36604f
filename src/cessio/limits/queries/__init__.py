"""Reading limits: in force on a date, as decided, as asked for, and what needs watching."""

from cessio.limits.queries.decided import (
    IdleApproval,
    LimitRow,
    RequestRow,
    decisions,
    expiring_limits,
    idle_approvals,
    limit_history,
    open_limits,
    request,
    requests,
)
from cessio.limits.queries.force import (
    LIMITS_IN_FORCE,
    EffectiveLimits,
    LimitAmounts,
    all_effective_limits,
    effective_limits,
    funding_by_rule,
    limit_amounts,
)

__all__ = [
    "LIMITS_IN_FORCE",
    "EffectiveLimits",
    "IdleApproval",
    "LimitAmounts",
    "LimitRow",
    "RequestRow",
    "all_effective_limits",
    "decisions",
    "effective_limits",
    "expiring_limits",
    "funding_by_rule",
    "idle_approvals",
    "limit_amounts",
    "limit_history",
    "open_limits",
    "request",
    "requests",
]
