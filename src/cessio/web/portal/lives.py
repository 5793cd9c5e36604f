"""The life of an invoice in its client's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cessio.collections.queries.pursued import Pursuit, Turn
from cessio.contracts.rules import IneligibleReason
from cessio.ledger import TransactionKind
from cessio.plumbing import formats
from cessio.plumbing.i18n import gettext as _
from cessio.receivables.queries import LifeEvent, ReceivableRow
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
    note: str | None = None


def whole(events: tuple[LifeEvent, ...], turns: Iterable[Turn]) -> list[Told]:
    """What was booked and what became of its collection, latest first."""
    dated = [(one.at, _told(one)) for one in events]
    for turn in turns:
        text, tone = turned(turn)
        dated.append((turn.at, Told(turn.at, text, tone, None, None)))
    return [shown for _at, shown in sorted(dated, key=lambda pair: pair[0])][::-1]


def turned(turn: Turn) -> tuple[str, str]:
    """A turn in how it is collected, and its tone."""
    match turn.what:
        case Pursuit.HANDED_OVER:
            return _("Handed over for legal recovery"), "danger"
        case Pursuit.RECOVERY_ENDED:
            return _("Legal recovery ended"), "neutral"
        case Pursuit.INSOLVENT:
            return _("Debtor insolvent since {date}", date=formats.date(turn.on)), "danger"
        case Pursuit.INSOLVENCY_ENDED:
            return _("Insolvency of the debtor ended"), "neutral"


def standing(
    row: ReceivableRow, turns: Sequence[Turn], *, counts_insolvent: bool
) -> list[tuple[str, str]]:
    """What holds now that it is not collected in the usual way, and what it means for drawing."""
    now = {one.what in (Pursuit.HANDED_OVER, Pursuit.RECOVERY_ENDED): one for one in turns}
    law, lost = now.get(True), now.get(False)
    found: list[tuple[str, str]] = []
    if row.closed_on is not None:
        return found
    if law is not None and law.what is Pursuit.HANDED_OVER:
        found.append((
            _("Handed over for legal recovery on {date}", date=formats.date(law.on)),
            _("We have it recovered at law and no longer remind the debtor. That alone does not"
              " change what you can draw."),
        ))  # fmt: skip
    if lost is not None and lost.what is Pursuit.INSOLVENT:
        found.append((
            _("Its debtor is insolvent since {date}", date=formats.date(lost.on)),
            _("Your contract goes on counting it in what you can draw.") if counts_insolvent
            else _("It no longer counts in what you can draw. What is guaranteed of it is"
                   " indemnified as your contract says."),
        ))  # fmt: skip
    return found


def told(events: tuple[LifeEvent, ...]) -> list[Told]:
    """The events, latest first; cover is told by the day."""
    return [_told(event) for event in reversed(events)]


def _told(event: LifeEvent) -> Told:
    when: datetime | date = event.on if event.what == "COVER" else event.at
    text, tone = _words(event)
    return Told(when, text, tone, event.amount_minor, event.open_minor, _meaning(event))


def _meaning(event: LifeEvent) -> str | None:
    """What a movement means for what the client can draw, where it is asked."""
    if event.what == TransactionKind.INDEMNITY:
        return _("We bear what is guaranteed: only the part that your contract leaves to you was"
                 " taken from your current account.")  # fmt: skip
    if event.what == TransactionKind.TRANSFER_BACK:
        return _("It is yours to collect again: its amount was taken from your current account,"
                 " and what you can draw is lower by what it was funded.")  # fmt: skip
    return None


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
