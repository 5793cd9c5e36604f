"""Payments once a limit is cancelled, and the indemnity of a covered loss."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cessio.contracts.rules import CoverOrderKey
from cessio.kernel.money import apply_rate
from cessio.limits.rules.cover import CoverInvoice, cover_order


@dataclass(frozen=True, slots=True)
class CoveredPayment:
    """A payment's part for one invoice, and the floor the invoice has left."""

    receivable_id: int
    paid_minor: int
    covered_paid_minor: int
    floor_after_minor: int


def pay_covered_first(
    amount_minor: int,
    invoices: Iterable[CoverInvoice],
    order_key: CoverOrderKey = CoverOrderKey.DUE_DATE,
) -> tuple[tuple[CoveredPayment, ...], int]:
    """Spread an unreferenced payment once the limit is cancelled; also what is left of it.

    Covered amounts are paid first, in cover order, then the rest in the same order.
    """
    ordered = cover_order(invoices, order_key)
    left = amount_minor
    on_covered, on_rest = {}, {}
    for invoice in ordered:
        on_covered[invoice.receivable_id] = paid = min(invoice.kept_minor, left)
        left -= paid
    for invoice in ordered:
        uncovered = max(0, invoice.open_minor) - invoice.kept_minor
        on_rest[invoice.receivable_id] = paid = min(uncovered, left)
        left -= paid
    payments = (
        CoveredPayment(
            i.receivable_id,
            on_covered[i.receivable_id] + on_rest[i.receivable_id],
            on_covered[i.receivable_id],
            i.floor_minor - on_covered[i.receivable_id],
        )
        for i in ordered
    )
    return tuple(payment for payment in payments if payment.paid_minor), left


@dataclass(frozen=True, slots=True)
class Indemnity:
    """A covered loss, the part paid to the client, and the client's own part of it."""

    covered_minor: int
    paid_minor: int

    @property
    def own_share_minor(self) -> int:
        """What the quotité leaves to the client."""
        return self.covered_minor - self.paid_minor


def indemnity(covered_minor: int, cover_rate: Decimal) -> Indemnity:
    """Covered × quotité, rounded half up once; the two parts add up to what was covered."""
    return Indemnity(covered_minor, apply_rate(covered_minor, cover_rate))


def insurer_pays(loss_minor: int, *, losses_before_minor: int, deductible_minor: int) -> int:
    """What our insurer reimburses of a loss after the year's deductible.

    The client is indemnified all the same: the deductible is between the insurer and us.
    """
    borne = max(0, deductible_minor - losses_before_minor)
    return max(0, loss_minor - borne)
