"""Reading limits."""

from cessio.limits.queries.force import (
    LIMITS_IN_FORCE,
    EffectiveLimits,
    all_effective_limits,
    effective_limits,
    funding_by_rule,
)

__all__ = [
    "LIMITS_IN_FORCE",
    "EffectiveLimits",
    "all_effective_limits",
    "effective_limits",
    "funding_by_rule",
]
