"""Disputes and holds: why an invoice is contested, what came of it, why we withhold it."""

from __future__ import annotations

from enum import StrEnum

from cessio.contracts.rules import IneligibleReason


class DisputeReason(StrEnum):
    """What the debtor says is wrong."""

    QUANTITY = "quantity"
    QUALITY = "quality"
    PRICE = "price"
    DELIVERY = "delivery"
    ALREADY_PAID = "already_paid"
    NOT_ORDERED = "not_ordered"
    INVOICE_ERROR = "invoice_error"
    CREDIT_NOTE_EXPECTED = "credit_note_expected"
    EXISTENCE = "existence"  # the debt itself is denied: transfer back may follow at once
    OTHER = "other"


class DisputeOutcome(StrEnum):
    """How a dispute ended."""

    WITHDRAWN = "withdrawn"  # the debtor will pay
    CREDITED = "credited"  # a credit note settles it
    AGREED = "agreed"  # for part of it
    FOUNDED = "founded"  # the debtor was right
    UNFOUNDED = "unfounded"
    TRANSFERRED_BACK = "transferred_back"
    REVERSED = "reversed"  # the assignment itself was taken back


#: Outcomes after which the debtor owes the invoice: it may be funded again.
WELL_ENDED = frozenset({DisputeOutcome.WITHDRAWN, DisputeOutcome.UNFOUNDED, DisputeOutcome.AGREED})

#: Reasons a person, an alert or a platform may hold the funding of an invoice for.
HOLDABLE = frozenset(
    {
        IneligibleReason.ON_HOLD,
        IneligibleReason.REFUSED_BY_DEBTOR,
        IneligibleReason.DUPLICATE_SUSPECTED,
        IneligibleReason.DEFUNDED,
        IneligibleReason.NOT_VERIFIED,
        IneligibleReason.DOCUMENT_MISSING,
    }
)
