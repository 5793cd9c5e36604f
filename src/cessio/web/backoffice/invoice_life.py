"""The life of an invoice as one line of events, each with who, when and the page of its cause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from cessio.cash import queries as cash
from cessio.collections import DunningChannel, PromiseState
from cessio.collections.queries import PromiseView
from cessio.collections.queries import letters as dunning
from cessio.collections.queries.pursued import Pursuit, turns
from cessio.contracts.rules import IneligibleReason, Terms
from cessio.correspondence import queries as letters
from cessio.correspondence.kinds import kind_of
from cessio.documents.queries import DocumentView
from cessio.funding import queries as funding
from cessio.kernel.calendar import start_of_day
from cessio.receivables.queries import LifeEvent, ReceivableRow, ReceivableView
from cessio.receivables.queries.marked import Followed
from cessio.receivables.queries.verification import VerificationView
from cessio.replies import ReplyKind
from cessio.replies import queries as replies
from cessio.web.portal import lives
from cessio.web.portal.lives import told
from cessio.web.render import _
from cessio.web.words import label


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: when, what, in which tone, by whom; where its cause is; figures in words."""

    at: datetime | date
    text: str
    tone: str = "neutral"
    by: str | None = None
    href: str | None = None
    amount_minor: int | None = None
    open_minor: int | None = None
    detail: str | None = None

    @property
    def instant(self) -> datetime:
        """What it is sorted by."""
        return self.at if isinstance(self.at, datetime) else start_of_day(self.at)


@dataclass(frozen=True, slots=True)
class Posting:
    """A ledger entry of the invoice: it moves what is open; ``balance_minor`` is what was left."""

    on: date
    at: datetime
    text: str
    href: str | None
    debit_minor: int
    credit_minor: int
    balance_minor: int
    by: str | None


def happenings(
    session: Session, view: ReceivableView, terms: Terms, on: date, *,
    promises: tuple[PromiseView, ...], follows: tuple[Followed, ...],
    verifications: tuple[VerificationView, ...], attached: tuple[DocumentView, ...],
    lines: dict[int, int | None],
) -> list[Happening]:  # fmt: skip
    """Everything that happened to it, latest first."""
    row = view.row
    found = [
        *_booked(view, lines), *_dated(row, terms, on), *_drawn(session, view),
        *_promised(promises), *_followed(follows), *_verified(verifications),
        *_attached(row.id, attached), *_written(session, row.id), *_said(session, row.id),
        *_reminded(session, row.id), *_turned(session, row),
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.instant, reverse=True)


def postings(view: ReceivableView, lines: dict[int, int | None]) -> list[Posting]:
    """Its entries in the ledger, oldest first; the last balance is what is open."""
    events = [one for one in view.life if one.open_minor is not None]
    words = {id(event): shown.text for event, shown in zip(
        reversed(view.life), told(view.life), strict=True)}  # fmt: skip
    return [
        Posting(one.on, one.at, words[id(one)], _cause(view, one, lines),
                max(0, one.amount_minor or 0), max(0, -(one.amount_minor or 0)),
                one.open_minor or 0, one.by)
        for one in events
    ]  # fmt: skip


def bank_lines(session: Session, receivable_id: int) -> dict[int, int | None]:
    """By application of money to it, the bank line the money came on."""
    applied = cash.applications_to(session, receivable_id=receivable_id)
    return {one.application_id: one.line_id for one in applied}


def _booked(view: ReceivableView, lines: dict[int, int | None]) -> Iterator[Happening]:
    covered = 0
    shown = dict(zip(map(id, reversed(view.life)), told(view.life), strict=True))
    for event in view.life:
        said = shown[id(event)]
        text, tone = said.text, said.tone
        if event.what == "COVER":
            minor = event.amount_minor or 0
            text = _("Came under cover") if minor > covered else _("Lost cover")
            tone = "positive" if minor > covered else "attention"
            if minor == covered:
                continue
            covered = minor
        yield Happening(said.at, text, tone, event.by, _cause(view, event, lines),
                        event.amount_minor, event.open_minor,
                        event.note if event.what == "DUE_DATE" else None)  # fmt: skip


def _cause(view: ReceivableView, event: LifeEvent, lines: dict[int, int | None]) -> str | None:
    """The page of what made an event."""
    match event.source_kind:
        case "remittance":
            return f"/backoffice/remittances/{event.source_id}"
        case "cash_application":
            line = lines.get(event.source_id or 0)
            return f"/backoffice/bank/lines/{line}" if line is not None else None
        case "set_off":
            for one in view.set_offs:
                if one.id == event.source_id:
                    other = one.credit_id if one.invoice_id == view.row.id else one.invoice_id
                    return f"/backoffice/receivables/{other}"
    if event.what == "COVER":
        return f"/backoffice/limits/pairs/{view.row.contract_id}/{view.row.debtor_id}"
    return None


def ineligible_from(row: ReceivableRow, terms: Terms) -> dict[IneligibleReason, date]:
    """The first day on which its dates alone take it out of what is funded, by reason."""
    limits = {
        IneligibleReason.OVERDUE: (row.due_date, terms.overdue_days_ineligible),
        IneligibleReason.TOO_OLD: (row.issue_date, terms.invoice_age_days_ineligible),
    }
    return {
        reason: start + timedelta(days=days + 1)
        for reason, (start, days) in limits.items()
        if days is not None and reason in terms.ineligible_reasons
    }


def _dated(row: ReceivableRow, terms: Terms, on: date) -> Iterator[Happening]:
    if row.kind != "invoice":
        return
    for reason, day in ineligible_from(row, terms).items():
        ended = row.closed_on is not None and row.closed_on <= day
        if row.assigned_on < day <= on and not ended:
            yield Happening(day, _("No longer funded: {reason}", reason=label(reason)), "attention")
    if row.issue_date > row.assigned_on and row.issue_date <= on:
        yield Happening(row.issue_date, _("Delivered: it may be funded"), "positive")


def _drawn(session: Session, view: ReceivableView) -> Iterator[Happening]:
    """Under a current account funding is the contract's: the first drawdown after it came."""
    first = funding.first_drawdown(
        session, contract_id=view.row.contract_id, after=view.assigned_at
    )
    gone = view.row.closed_on
    if view.row.kind == "invoice" and first and (gone is None or first.requested_on <= gone):
        yield Happening(
            first.requested_at, _("First drawdown of the client since its assignment"), "info",
            first.requested_by, f"/backoffice/funding/{first.drawdown_id}", first.amount_minor,
        )  # fmt: skip


def _turned(session: Session, row: ReceivableRow) -> Iterator[Happening]:
    """Handed over for legal recovery, its debtor insolvent, and back."""
    for one in turns(session, row):
        at_law = one.what in (Pursuit.HANDED_OVER, Pursuit.RECOVERY_ENDED)
        page = "recovery" if at_law else "insolvency"
        text, tone = lives.turned(one)
        yield Happening(one.at, text, tone, one.by, f"/backoffice/debtors/{row.debtor_id}/{page}")


def _promised(promises: tuple[PromiseView, ...]) -> Iterator[Happening]:
    for one in promises:
        href = f"/backoffice/debtors/{one.debtor_id}/promises"
        yield Happening(
            one.noted_at, _("Payment promised"), "info", one.noted_by, href, one.amount_minor,
            detail=one.contact,
        )  # fmt: skip
        if one.state is PromiseState.BROKEN:
            broken = one.awaited_until + timedelta(days=1)
            yield Happening(broken, _("Promise not kept"), "danger", href=href,
                            amount_minor=one.missing_minor)  # fmt: skip
        elif one.standing.complete_on is not None:
            yield Happening(one.standing.complete_on, _("Promise kept"), "positive", href=href)


def _followed(follows: tuple[Followed, ...]) -> Iterator[Happening]:
    for one in follows:
        yield Happening(one.given_at, _("Given to {name} to follow", name=one.name), "info",
                        one.given_by, detail=one.comment)  # fmt: skip


def _verified(verifications: tuple[VerificationView, ...]) -> Iterator[Happening]:
    for one in verifications:
        if one.asked_at is not None:
            yield Happening(one.asked_at, _("The debtor was asked to confirm it"), "info",
                            one.asked_by, detail=one.asked_to)  # fmt: skip


def _attached(receivable_id: int, attached: tuple[DocumentView, ...]) -> Iterator[Happening]:
    for one in attached:
        if one.withdrawn_at is not None:
            yield Happening(one.withdrawn_at, _("Taken back from the client: {name}",
                            name=one.filename), "attention", one.withdrawn_by)  # fmt: skip
        yield Happening(one.at, _("Document attached: {name}", name=one.filename), "neutral",
                        one.by, f"/backoffice/receivables/{receivable_id}/documents/{one.id}",
                        )  # fmt: skip


def _said(session: Session, receivable_id: int) -> Iterator[Happening]:
    """What its debtor said of it by the code of a letter, which is neither cash nor a dispute."""
    for one in replies.replies_about(session, receivable_id):
        text = (_("The debtor says that it paid") if one.kind is ReplyKind.PAID
                else _("The debtor contests it"))  # fmt: skip
        yield Happening(
            one.said_at, text, "attention", f"debtor:{one.debtor_id}",
            f"/backoffice/replies/{one.id}", one.amount_minor, detail=label(one.state),
        )  # fmt: skip


def _reminded(session: Session, receivable_id: int) -> Iterator[Happening]:
    for one in dunning.letters_on(session, receivable_id):
        text = str(kind_of(one.template).label) if one.template else label(one.channel)
        yield Happening(
            one.written_at or one.day, text,
            "danger" if one.channel in (DunningChannel.REGISTERED, DunningChannel.LEGAL)
            else "attention", one.written_by, f"/backoffice/collections/letters/{one.id}",
            detail=_("Not sent") if one.dropped else label(one.channel),
        )  # fmt: skip


def _written(session: Session, receivable_id: int) -> Iterator[Happening]:
    for one in letters.messages_about(session, kind="receivable", id=receivable_id):
        yield Happening(one.at, _("Written to {name}", name=one.recipient), "info", one.by,
                        detail=one.subject)  # fmt: skip
