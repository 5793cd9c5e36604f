"""The receivables behind a debtor's availability: which invoice is fundable, and why not.

Under a current account, funding belongs to the contract; per invoice it is an explanation. The
earliest invoices use the room first (due date, then number, or as the contract declares).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from cessio.contracts.rules import IneligibleReason
from cessio.funding.rules.facts import DebtorAvailability, LineKind


@dataclass(frozen=True, slots=True)
class OpenReceivable:
    """An open receivable of a debtor with its ineligible euros by reason.

    ``order_on`` is its date in the contract's order; ``open_minor`` is signed.
    """

    receivable_id: int
    number: str
    order_on: date
    open_minor: int
    ineligible: tuple[tuple[IneligibleReason, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ReceivableFunding:
    """The open euros of an invoice, each in one place; they add up to ``open_minor``.

    ``offset_minor`` are euros that the debtor's credits already took out of its outstanding.
    """

    receivable_id: int
    open_minor: int
    ineligible: tuple[tuple[IneligibleReason, int], ...]
    over_limit_minor: int
    concentration_minor: int
    offset_minor: int
    fundable_minor: int

    def amount(self, kind: LineKind, reason: IneligibleReason | None = None) -> int:
        """Its euros behind a line of the explanation (positive)."""
        match kind:
            case LineKind.INELIGIBLE:
                return sum(amount for found, amount in self.ineligible if found is reason)
            case LineKind.OVER_LIMIT:
                return self.over_limit_minor
            case LineKind.CONCENTRATION:
                return self.concentration_minor
        return 0


def fund_receivables(
    debtor: DebtorAvailability, receivables: Iterable[OpenReceivable]
) -> tuple[ReceivableFunding, ...]:
    """Spread a debtor's amounts over its invoices, in order; credits are left out.

    The sums equal the debtor's: by reason, over the limit, concentration, fundable.
    """
    invoices = sorted(
        (item for item in receivables if item.open_minor > 0),
        key=lambda item: (item.order_on, item.number, item.receivable_id),
    )
    kept = _keep(invoices, dict(debtor.ineligible))
    start = 0
    found = []
    for item in invoices:
        stop = start + item.open_minor - sum(amount for _, amount in item.ineligible)
        reasons = kept[item.receivable_id]
        beyond = beyond_room(debtor, start, stop)
        fundable = _overlap(start, stop, 0, debtor.fundable_minor)
        placed = fundable + beyond.concentration_minor + beyond.over_limit_minor
        placed += sum(amount for _, amount in reasons)
        found.append(
            ReceivableFunding(
                item.receivable_id, item.open_minor, reasons, beyond.over_limit_minor,
                beyond.concentration_minor, item.open_minor - placed, fundable,
            )
        )  # fmt: skip
        start = stop
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Beyond:
    """Eligible euros of an invoice for which its debtor has no room left."""

    over_limit_minor: int = 0
    concentration_minor: int = 0


def beyond_room(debtor: DebtorAvailability, start: int, stop: int) -> Beyond:
    """What is beyond the room of a debtor, of its eligible euros from ``start`` to ``stop``.

    They count from the first invoice in the contract's order on.
    """
    return Beyond(
        _overlap(start, stop, debtor.within_limit_minor, debtor.eligible_minor),
        _overlap(start, stop, debtor.fundable_minor, debtor.within_limit_minor),
    )


def _overlap(start: int, stop: int, low: int, high: int) -> int:
    """How much of ``start``–``stop`` lies within ``low``–``high``."""
    return max(0, min(stop, high) - max(start, low))


def _keep(
    invoices: Sequence[OpenReceivable], left: dict[IneligibleReason, int]
) -> dict[int, tuple[tuple[IneligibleReason, int], ...]]:
    """Each invoice's ineligible euros within what the debtor keeps of each reason, in order."""
    kept = {}
    for item in invoices:
        reasons = []
        for reason, amount in item.ineligible:
            amount = min(amount, left.get(reason, 0))
            if amount:
                left[reason] -= amount
                reasons.append((reason, amount))
        kept[item.receivable_id] = tuple(reasons)
    return kept
