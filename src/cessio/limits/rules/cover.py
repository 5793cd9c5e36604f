"""Cover allocated to the open invoices of one debtor, and what a new limit would change.

Succession (FCI GRIF art. 17 vi): an uncovered invoice comes under cover as covered ones are paid,
in order of due date then invoice number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cessio.contracts.rules import CoverOrderKey, CoverReductionMode


@dataclass(frozen=True, slots=True)
class CoverInvoice:
    """An open invoice of one debtor under one contract.

    ``floor_minor`` is the cover it keeps after a reduction or cancellation of the limit.
    """

    receivable_id: int
    number: str
    due_date: date
    open_minor: int
    issue_date: date | None = None
    assigned_on: date | None = None
    disputed_minor: int = 0
    floor_minor: int = 0

    @property
    def coverable_minor(self) -> int:
        """What may be covered: the disputed part takes no cover while the dispute is open."""
        return max(0, self.open_minor - self.disputed_minor)

    @property
    def kept_minor(self) -> int:
        """What stays covered whatever the limit is now."""
        return min(self.floor_minor, self.coverable_minor)


@dataclass(frozen=True, slots=True)
class InvoiceCover:
    """How much of an invoice is covered."""

    receivable_id: int
    number: str
    open_minor: int
    covered_minor: int

    @property
    def uncovered_minor(self) -> int:
        """The rest of the open amount."""
        return self.open_minor - self.covered_minor


@dataclass(frozen=True, slots=True)
class CoverAllocation:
    """The cover of a debtor's open invoices, in cover order."""

    limit_minor: int
    invoices: tuple[InvoiceCover, ...]

    @property
    def covered_minor(self) -> int:
        """Sum covered; above the limit only by what older decisions made keep."""
        return sum(invoice.covered_minor for invoice in self.invoices)

    @property
    def uncovered_minor(self) -> int:
        """Sum open and not covered: what waits for room."""
        return sum(invoice.uncovered_minor for invoice in self.invoices)

    @property
    def free_minor(self) -> int:
        """What is left of the limit."""
        return max(0, self.limit_minor - self.covered_minor)

    def by_receivable(self) -> dict[int, int]:
        """Covered amount per receivable."""
        return {invoice.receivable_id: invoice.covered_minor for invoice in self.invoices}


def cover_order(
    invoices: Iterable[CoverInvoice], order_key: CoverOrderKey
) -> tuple[CoverInvoice, ...]:
    """Invoices in the contract's order; ties by number (code points: ``COLLATE "C"``), then id."""

    def rank(invoice: CoverInvoice) -> tuple[date, str, int]:
        dates = {
            CoverOrderKey.DUE_DATE: invoice.due_date,
            CoverOrderKey.ASSIGNMENT_DATE: invoice.assigned_on or invoice.due_date,
            CoverOrderKey.ISSUE_DATE: invoice.issue_date or invoice.due_date,
        }
        return dates[order_key], invoice.number, invoice.receivable_id

    return tuple(sorted(invoices, key=rank))


def allocate_cover(
    limit_minor: int,
    invoices: Iterable[CoverInvoice],
    order_key: CoverOrderKey = CoverOrderKey.DUE_DATE,
) -> CoverAllocation:
    """Cover from scratch: each invoice keeps its floor, then room is given in order.

    In SQL: ``kept = least(floor, coverable)``, ``room = greatest(0, limit − sum(kept))``,
    ``extra = greatest(0, least(want, room − (running sum of want − want)))`` where
    ``want = coverable − kept``.
    """
    ordered = cover_order(invoices, order_key)
    room = max(0, limit_minor - sum(invoice.kept_minor for invoice in ordered))
    covers = []
    for invoice in ordered:
        extra = min(invoice.coverable_minor - invoice.kept_minor, room)
        room -= extra
        covered = invoice.kept_minor + extra
        covers.append(
            InvoiceCover(invoice.receivable_id, invoice.number, invoice.open_minor, covered)
        )
    return CoverAllocation(limit_minor, tuple(covers))


@dataclass(frozen=True, slots=True)
class CoverChange:
    """An invoice that gains or loses cover."""

    receivable_id: int
    number: str
    before_minor: int
    after_minor: int

    @property
    def gain_minor(self) -> int:
        """Positive for a gain, negative for a loss."""
        return self.after_minor - self.before_minor


@dataclass(frozen=True, slots=True)
class LimitPreview:
    """What a new limit would do: cover before and after, what changes, floors to store."""

    before: CoverAllocation
    after: CoverAllocation
    changes: tuple[CoverChange, ...]
    floors: Mapping[int, int]


def floors_after_cut(
    invoices: Iterable[CoverInvoice], covered: CoverAllocation, mode: CoverReductionMode
) -> dict[int, int]:
    """Cover each invoice keeps from now on when a limit is cut, cancelled or runs out.

    ``covered`` is their cover until then. A dispute suspends an older floor without ending it;
    a part first disputed before the cut has no cover to keep.
    """
    if mode is CoverReductionMode.IMMEDIATE:
        return {}
    now = covered.by_receivable()
    floors = {i.receivable_id: max(i.floor_minor, now[i.receivable_id]) for i in invoices}
    return {receivable_id: floor for receivable_id, floor in floors.items() if floor}


def preview_limit(
    invoices: Sequence[CoverInvoice],
    *,
    before_minor: int,
    after_minor: int,
    order_key: CoverOrderKey = CoverOrderKey.DUE_DATE,
    mode: CoverReductionMode = CoverReductionMode.KEEP_EXISTING,
) -> LimitPreview:
    """The effect of replacing a debtor's limit; an amount of zero is a cancellation."""
    before = allocate_cover(before_minor, invoices, order_key)
    floors = {i.receivable_id: i.floor_minor for i in invoices if i.floor_minor}
    if after_minor < before_minor:
        floors = floors_after_cut(invoices, before, mode)
    refloored = [replace(i, floor_minor=floors.get(i.receivable_id, 0)) for i in invoices]
    after = allocate_cover(after_minor, refloored, order_key)
    pairs = zip(before.invoices, after.invoices, strict=True)
    changes = tuple(
        CoverChange(old.receivable_id, old.number, old.covered_minor, new.covered_minor)
        for old, new in pairs
        if old.covered_minor != new.covered_minor
    )
    return LimitPreview(before, after, changes, floors)
