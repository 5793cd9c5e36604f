"""The retention fund: how large it should be, what a remittance adds, what may be released."""

from __future__ import annotations

from cessio.contracts.rules.options import AdvanceMode, RetentionBase, RetentionBuildUp
from cessio.contracts.rules.terms import Terms
from cessio.kernel.money import apply_rate


def retention_base(
    terms: Terms, *, outstanding_minor: int, eligible_minor: int, fundable_minor: int
) -> int:
    """The amount that the contract's retention rate applies to."""
    chosen = {
        RetentionBase.OUTSTANDING: outstanding_minor,
        RetentionBase.ELIGIBLE: eligible_minor,
        RetentionBase.FUNDABLE: fundable_minor,
    }
    return chosen[terms.retention_base]


def retention_target(terms: Terms, base_minor: int, *, contract_ended: bool = False) -> int:
    """The fund's target for a base, between its minimum and maximum.

    Zero in percentage mode, and once an ended contract has nothing outstanding.
    """
    if terms.advance_mode is AdvanceMode.PERCENTAGE or (contract_ended and base_minor <= 0):
        return 0
    target = max(apply_rate(max(0, base_minor), terms.retention_rate), terms.retention_min_minor)
    ceiling = terms.retention_max_minor
    return target if ceiling is None else min(target, ceiling)


def retention_call(
    terms: Terms, *, base_minor: int, balance_minor: int, remittance_minor: int
) -> int:
    """What a remittance adds to the fund; ``base_minor`` already counts the remittance.

    Never more than the gap to the target; while building up progressively, never more than the
    rate on the remittance; and never more than the remittance itself.
    """
    gap = max(0, retention_target(terms, base_minor) - balance_minor)
    remitted = max(0, remittance_minor)
    if terms.retention_build_up is RetentionBuildUp.PROGRESSIVE:
        remitted = apply_rate(remitted, terms.retention_rate)
    return min(gap, remitted)


def retention_release(
    terms: Terms, *, base_minor: int, balance_minor: int, contract_ended: bool = False
) -> int:
    """What the fund may give back to the current account; zero if the contract forbids it.

    An ended contract with nothing outstanding gives everything back whatever its terms say.
    """
    target = retention_target(terms, base_minor, contract_ended=contract_ended)
    settled = contract_ended and base_minor <= 0
    if not (terms.retention_release_allowed or settled):
        return 0
    return max(0, balance_minor - target)
