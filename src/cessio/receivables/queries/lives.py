"""One receivable whole, and its life told from the ledger's entries and its marks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from cessio.identity import queries as identity
from cessio.kernel.calendar import business_date, end_of_day
from cessio.kernel.errors import NotFound
from cessio.ledger.models import LedgerEntry, LedgerTransaction
from cessio.ledger.rules import TransactionKind
from cessio.limits.models import CoverHistory
from cessio.receivables.models import (
    Dispute,
    Hold,
    Receivable,
    Remittance,
    SetOff,
    SubrogationReceipt,
)
from cessio.receivables.queries.due_dates import DueDateView, due_date_changes
from cessio.receivables.queries.locks import ReceivableUnknown
from cessio.receivables.queries.search import ReceivableRow, rows_of
from cessio.receivables.rules.due_dates import DueDateOutcome

#: Marks whose note is the code of a reason or an outcome, not a sentence of ours.
_CODED = frozenset({"DISPUTE_OPENED", "DISPUTE_ENDED", "HELD", "HOLD_LIFTED"})


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute, open while ``ended_at`` is None."""

    id: int
    receivable_id: int
    amount_minor: int
    reason: str
    comment: str | None
    opened_on: date
    opened_at: datetime
    opened_by: str
    ended_at: datetime | None
    ended_by: str | None
    outcome: str | None
    defunds_on: date | None = None


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold, standing while ``ended_at`` is None."""

    id: int
    receivable_id: int
    reason: str
    comment: str | None
    placed_at: datetime
    placed_by: str
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class SetOffView:
    """A credit used against an invoice; undone if ``undone_at`` is set."""

    id: int
    credit_id: int
    credit_number: str
    invoice_id: int
    invoice_number: str
    amount_minor: int
    made_at: datetime
    made_by: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """Something that happened to a receivable.

    ``what`` is a kind of ledger transaction (``REVERSAL`` with ``undoes``), or ``DISPUTE_OPENED``,
    ``DISPUTE_ENDED``, ``HELD``, ``HOLD_LIFTED``, ``COVER``, ``DUE_DATE`` (with ``due``: from when
    to when). ``amount_minor`` moves what is open (debit positive) for a ledger event and is the
    disputed or covered amount for others; ``open_minor`` is what was open after a ledger event.
    """

    at: datetime
    on: date
    what: str
    amount_minor: int | None
    open_minor: int | None
    by: str | None
    source_kind: str | None = None
    source_id: int | None = None
    undoes: TransactionKind | None = None
    note: str | None = None
    due: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class ReceivableView:
    """A receivable with everything that hangs on it."""

    row: ReceivableRow
    order_ref: str | None
    vat_minor: int | None
    original_id: int | None
    original_number: str | None
    remittance_id: int | None
    remittance_number: int | None
    receipt_number: str | None
    assigned_at: datetime
    disputes: tuple[DisputeView, ...]
    holds: tuple[HoldView, ...]
    set_offs: tuple[SetOffView, ...]
    due_dates: tuple[DueDateView, ...]
    life: tuple[LifeEvent, ...]


def receivable(
    session: Session, receivable_id: int, *, client_id: int | None = None
) -> ReceivableView:
    """One receivable with its life, oldest first.

    ``client_id``: as its client reads it, reasons in words and nothing written among ourselves.
    Raises ``ReceivableUnknown``, also for another client's.
    """
    original = aliased(Receivable)
    query = (
        select(
            Receivable.order_ref, Receivable.vat_minor, Receivable.original_id,
            original.number.label("original_number"), Receivable.remittance_id,
            Remittance.number.label("remittance_number"),
            SubrogationReceipt.number.label("receipt_number"), Receivable.assigned_at,
        )
        .outerjoin(original, original.id == Receivable.original_id)
        .outerjoin(Remittance, Remittance.id == Receivable.remittance_id)
        .outerjoin(SubrogationReceipt, SubrogationReceipt.remittance_id == Remittance.id)
        .where(Receivable.id == receivable_id)
    )  # fmt: skip
    if client_id is not None:
        query = query.where(Receivable.client_id == client_id)
    found = session.execute(query).one_or_none()
    if found is None:
        raise ReceivableUnknown(
            "receivable_unknown", "there is no receivable {id}", id=receivable_id
        )
    facts: dict[str, Any] = dict(found._mapping)
    disputes, holds = _disputes(session, receivable_id), _holds(session, receivable_id)
    dues = due_date_changes(session, receivable_id)
    life = [
        *_movements(session, receivable_id), *_dispute_events(disputes), *_hold_events(holds),
        *_cover_events(session, receivable_id), *_due_events(dues),
    ]  # fmt: skip
    view = ReceivableView(
        row=rows_of(session, [receivable_id])[0], **facts,
        disputes=disputes, holds=holds, set_offs=set_offs_of(session, receivable_id),
        due_dates=dues,
        life=tuple(sorted(life, key=lambda event: event.at)),
    )  # fmt: skip
    return view if client_id is None else _as_read_by(session, view, client_id)


def _as_read_by(session: Session, view: ReceivableView, client_id: int) -> ReceivableView:
    """Without what our people wrote of a hold, a due date or an undone posting, and without a
    change of due date that is not applied; what the client's own people wrote is theirs."""
    return replace(
        view,
        disputes=tuple(
            one if _is_of(session, one.opened_by, client_id) else replace(one, comment=None)
            for one in view.disputes
        ),
        holds=tuple(replace(one, comment=None) for one in view.holds),
        due_dates=tuple(
            replace(one, comment="", decision_comment=None)
            for one in view.due_dates if one.outcome is DueDateOutcome.APPLIED
        ),
        life=tuple(one if one.what in _CODED else replace(one, note=None) for one in view.life),
    )  # fmt: skip


def _is_of(session: Session, actor: str, client_id: int) -> bool:
    """Whether an actor is one of a client's people, or a program of theirs."""
    person_id = identity.person_behind(session, actor)
    return person_id is not None and identity.person(session, person_id).client_id == client_id


def set_offs_of(session: Session, receivable_id: int) -> tuple[SetOffView, ...]:
    """The set-offs that a credit or an invoice took part in, oldest first."""
    credit, invoice = aliased(Receivable), aliased(Receivable)
    rows = session.execute(
        select(
            SetOff.id, SetOff.credit_id, credit.number, SetOff.invoice_id, invoice.number,
            SetOff.amount_minor, SetOff.made_at, SetOff.made_by, SetOff.undone_at,
        )
        .join(credit, credit.id == SetOff.credit_id)
        .join(invoice, invoice.id == SetOff.invoice_id)
        .where((SetOff.credit_id == receivable_id) | (SetOff.invoice_id == receivable_id))
        .order_by(SetOff.id)
    )  # fmt: skip
    return tuple(SetOffView(*row) for row in rows)


def dispute(session: Session, dispute_id: int) -> DisputeView:
    """One dispute. Raises ``NotFound``."""
    found = session.get(Dispute, dispute_id)
    if found is None:
        raise NotFound("dispute_unknown", "there is no dispute {id}", id=dispute_id)
    return _dispute(found)


def _disputes(session: Session, receivable_id: int) -> tuple[DisputeView, ...]:
    rows = session.scalars(
        select(Dispute).where(Dispute.receivable_id == receivable_id).order_by(Dispute.id)
    )
    return tuple(_dispute(row) for row in rows)


def _dispute(row: Dispute) -> DisputeView:
    return DisputeView(row.id, row.receivable_id, row.amount_minor, row.reason, row.comment,
                       row.opened_on, row.opened_at, row.opened_by, row.ended_at, row.ended_by,
                       row.outcome, row.defunds_on)  # fmt: skip


def _holds(session: Session, receivable_id: int) -> tuple[HoldView, ...]:
    rows = session.scalars(
        select(Hold).where(Hold.receivable_id == receivable_id).order_by(Hold.id)
    )
    return tuple(
        HoldView(row.id, row.receivable_id, row.reason, row.comment, row.placed_at, row.placed_by,
                 row.ended_at, row.ended_by)
        for row in rows
    )  # fmt: skip


def _movements(session: Session, receivable_id: int) -> list[LifeEvent]:
    undone = aliased(LedgerTransaction)
    tx = LedgerTransaction
    rows = session.execute(
        select(
            tx.recorded_at, tx.booked_on, tx.kind, LedgerEntry.amount_minor, tx.recorded_by,
            tx.source_kind, tx.source_id, undone.kind, tx.memo,
        )
        .join(tx, tx.id == LedgerEntry.transaction_id)
        .outerjoin(undone, undone.id == tx.reverses_id)
        .where(LedgerEntry.receivable_id == receivable_id)
        .order_by(LedgerEntry.id)
    )  # fmt: skip
    events, opened = [], 0
    for at, on, kind, amount, by, source_kind, source_id, undoes, memo in rows:
        opened += amount
        events.append(
            LifeEvent(at, on, kind, amount, opened, by, source_kind, source_id,
                      TransactionKind(undoes) if undoes else None, memo)
        )  # fmt: skip
    return events


def _dispute_events(disputes: tuple[DisputeView, ...]) -> list[LifeEvent]:
    events = []
    for one in disputes:
        events.append(
            LifeEvent(one.opened_at, one.opened_on, "DISPUTE_OPENED", one.amount_minor, None,
                      one.opened_by, "dispute", one.id, note=one.reason)
        )  # fmt: skip
        if one.ended_at is not None:
            events.append(
                LifeEvent(one.ended_at, business_date(one.ended_at), "DISPUTE_ENDED",
                          one.amount_minor, None, one.ended_by, "dispute", one.id,
                          note=one.outcome)
            )  # fmt: skip
    return events


def _hold_events(holds: tuple[HoldView, ...]) -> list[LifeEvent]:
    events = []
    for one in holds:
        events.append(
            LifeEvent(one.placed_at, business_date(one.placed_at), "HELD", None, None,
                      one.placed_by, "hold", one.id, note=one.reason)
        )  # fmt: skip
        if one.ended_at is not None:
            events.append(
                LifeEvent(one.ended_at, business_date(one.ended_at), "HOLD_LIFTED", None, None,
                          one.ended_by, "hold", one.id, note=one.reason)
            )  # fmt: skip
    return events


def _due_events(changes: tuple[DueDateView, ...]) -> list[LifeEvent]:
    return [
        LifeEvent(one.decided_at, business_date(one.decided_at), "DUE_DATE", None, None,
                  one.asked_by, note=one.comment, due=(one.from_on, one.to_on))
        for one in changes
        if one.outcome is DueDateOutcome.APPLIED and one.decided_at is not None
    ]  # fmt: skip


def _cover_events(session: Session, receivable_id: int) -> list[LifeEvent]:
    rows = session.execute(
        select(CoverHistory.on, CoverHistory.covered_minor)
        .where(CoverHistory.receivable_id == receivable_id)
        .order_by(CoverHistory.on)
    )
    return [
        LifeEvent(end_of_day(on), on, "COVER", covered, None, None) for on, covered in rows
    ]  # fmt: skip
