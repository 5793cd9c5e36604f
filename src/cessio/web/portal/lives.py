"""The life of an invoice in its client's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cessio.contracts.rules import IneligibleReason
from cessio.ledger import TransactionKind
from cessio.plumbing import formats
from cessio.plumbing.i18n import gettext as _
from cessio.receivables.queries import LifeEvent
from cessio.receivables.rules import DisputeOutcome, DisputeReason
from cessio.statements.formats.words import KINDS
from cessio.web.words import label

_LEDGER = frozenset(TransactionKind)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is shown: when, what, in which tone, what it moved and what was left."""

    at: datetime | date
    text: str
    tone: str
    amount_minor: int | None
    open_minor: int | None


def told(events: tuple[LifeEvent, ...]) -> list[Told]:
    """The events, latest first; cover is told by the day."""
    return [_told(event) for event in reversed(events)]


def _told(event: LifeEvent) -> Told:
    when: datetime | date = event.on if event.what == "COVER" else event.at
    text, tone = _words(event)
    return Told(when, text, tone, event.amount_minor, event.open_minor)


def _words(event: LifeEvent) -> tuple[str, str]:
    match event.what:
        case "DISPUTE_OPENED":
            return _("Dispute opened: {reason}", reason=_of(DisputeReason, event.note)), "attention"
        case "DISPUTE_ENDED":
            return _("Dispute ended: {outcome}", outcome=_of(DisputeOutcome, event.note)), "neutral"
        case "HELD":
            return _("Withheld: {reason}", reason=_of(IneligibleReason, event.note)), "attention"
        case "HOLD_LIFTED":
            return _("Released: {reason}", reason=_of(IneligibleReason, event.note)), "positive"
        case "COVER":
            return _("Guaranteed amount"), "neutral"
        case "DUE_DATE":
            first, then = event.due or (event.on, event.on)
            return _("Due on {then} instead of {first}", then=formats.date(then),
                     first=formats.date(first)), "attention"  # fmt: skip
        case "REVERSAL":
            return _("Undone: {what}", what=_kind(event.undoes)), "attention"
    if event.what in _LEDGER:
        kind = TransactionKind(event.what)
        paid = kind in (TransactionKind.CASH_APPLICATION, TransactionKind.ASSIGNMENT)
        return _kind(kind), "positive" if paid else "neutral"
    return label(event.what), "neutral"


def _kind(kind: TransactionKind | None) -> str:
    if kind is TransactionKind.ASSIGNMENT:
        return _("Assigned to us")
    words = KINDS.get(kind) if kind is not None else None
    return str(words) if words is not None else label(kind)


def _of(kind: type[DisputeReason] | type[DisputeOutcome] | type[IneligibleReason],
        value: str | None) -> str:  # fmt: skip
    return label(kind(value)) if value in set(kind) else label(value)
