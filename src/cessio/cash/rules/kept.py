"""Unreferenced payments of a debtor whose limit was cancelled (GRIF; domain.md C4).

Its right of succession has ceased: what kept its cover is paid first, so that the factor's risk
falls before anything else. The order is not for the matcher to choose, only to follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from cessio.cash.rules.facts import (
    Allocation,
    LineFacts,
    MatchReason,
    Proposal,
    ReasonCode,
    Slot,
)

#: How sure the order is when the payer is: what it follows is a rule, what it pays is not said.
IN_ORDER = Decimal("0.90")
#: Whatever pays in another order waits for a person, however well an amount fits.
OUT_OF_ORDER = Decimal("0.60")


def in_kept_order(
    line: LineFacts, order: Sequence[Slot], known: tuple[MatchReason, ...], doubt: Decimal,
    others: Iterable[Proposal],
) -> Iterator[Proposal]:  # fmt: skip
    """What the order pays, and the other proposals: as they are when they pay the same.

    ``known`` says how the payer is known, ``doubt`` is taken off for how little that is.
    """
    allocations = spent_in_order(order, line.amount_minor)
    kept = sum(allocation.kept_minor for allocation in allocations)
    paid = {allocation.receivable_id for allocation in allocations}
    numbers = dict.fromkeys(slot.number for slot in order if slot.receivable_id in paid)
    reason = MatchReason(ReasonCode.KEPT_COVER, {"kept_minor": kept, "numbers": ", ".join(numbers)})
    rest = line.amount_minor - sum(allocation.amount_minor for allocation in allocations)
    yield Proposal(allocations, rest, IN_ORDER - doubt, (*known, reason))
    amounts = {(a.receivable_id, a.amount_minor) for a in allocations}
    for other in others:
        if {(a.receivable_id, a.amount_minor) for a in other.allocations} == amounts:
            yield replace(other, allocations=allocations, reasons=(*other.reasons, reason))
        else:
            yield replace(other, confidence=min(other.confidence, OUT_OF_ORDER))


def spent_in_order(order: Sequence[Slot], amount_minor: int) -> tuple[Allocation, ...]:
    """An amount spent slot by slot; one allocation for each invoice."""
    left = amount_minor
    paid: dict[int, list[int]] = {}
    for slot in order:
        part = min(left, slot.amount_minor)
        if part <= 0:
            continue
        left -= part
        sums = paid.setdefault(slot.receivable_id, [0, 0])
        sums[0] += part
        sums[1] += part if slot.is_covered else 0
    return tuple(
        Allocation(receivable_id, minor, kept_minor=kept)
        for receivable_id, (minor, kept) in paid.items()
    )
