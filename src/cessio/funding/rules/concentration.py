"""How much one debtor may weigh in what is fundable."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from cessio.contracts.rules import ConcentrationBase, Terms


def concentration_cap(
    terms: Terms, *, outstanding_minor: int, eligible_minor: int, within_limits: Sequence[int]
) -> int | None:
    """The most one debtor may count for; None when the contract has no cap.

    ``within_limits`` is each debtor's amount after its funding limit. A cap never rounds up.
    """
    rate = terms.concentration_rate
    if rate is None:
        return None
    if terms.concentration_base is ConcentrationBase.FINAL:
        return final_cap(rate, within_limits)
    base = {
        ConcentrationBase.OUTSTANDING: outstanding_minor,
        ConcentrationBase.ELIGIBLE: eligible_minor,
        ConcentrationBase.WITHIN_LIMITS: sum(within_limits),
    }[terms.concentration_base]
    share = Decimal(max(0, base)) * rate
    return int(share.to_integral_value(rounding=ROUND_FLOOR))


def final_cap(rate: Decimal, within_limits: Sequence[int]) -> int:
    """The cap that is ``rate`` of the fundable total it leads to (the largest such total).

    Repeating "cap at the rate of the total" until nothing changes ends here. With the ``k``
    largest debtors capped, ``total = rest / (1 − k × rate)``; the first ``k`` whose cap leaves
    the next debtor whole is the answer. Fewer than ``1 / rate`` debtors: nothing is fundable.
    """
    share, whole = rate.as_integer_ratio()
    amounts = sorted(within_limits, reverse=True)
    rest, capped = sum(amounts), 0
    while capped < len(amounts) and share * rest < amounts[capped] * (whole - capped * share):
        rest -= amounts[capped]
        capped += 1
    return share * rest // (whole - capped * share)
