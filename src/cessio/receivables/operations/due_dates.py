"""Moving the due date of an assigned invoice, with a second person where it goes far.

What is due later keeps its place in the order of cover no more, is funded for longer and is
reminded of later: the change is a row for good, and the database moves the date by it alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from cessio import approvals, audit
from cessio.contracts import contract as contract_view
from cessio.identity import Permission
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid
from cessio.parties import queries as parties
from cessio.receivables.bulk.cover import recompute_cover
from cessio.receivables.models import DueDateChange, DueDatePolicy, Receivable
from cessio.receivables.queries import due_dates as reads
from cessio.receivables.queries import locks
from cessio.receivables.rules.due_dates import (
    DueDateOutcome,
    DueDateReason,
    due_date_fault,
    needs_second,
)

Found = TypeVar("Found")

#: What an approval of a new due date is about, and the history of the house's rule.
SUBJECT, POLICY = "due_date", ("due_date_policy", 0)
approvals.decided_with(SUBJECT, Permission.APPROVE_REMITTANCES)

MOST_ALONE_DAYS = 365


class DueDateWaits(Conflict):
    """Another date is asked for already."""


class DueDateDecided(Conflict):
    """The change was applied, refused or withdrawn before."""


class _TakenBack(Exception):
    """Ends the savepoint of a trial."""


@dataclass(frozen=True, slots=True)
class DueDateMoved:
    """A change, applied at once or (``waits``) asked of a second person."""

    change_id: int
    waits: bool


def move_due_date(
    session: Session, *, receivable_id: int, to_on: date, reason: DueDateReason, comment: str,
    by: str, at: datetime,
) -> DueDateMoved:  # fmt: skip
    """Let an invoice be due another day, or ask a second person to.

    Cover follows its order at once, and so does what is withheld for dates. Raises ``NotMovable``,
    ``DueDateWaits``, ``Invalid``.
    """
    invoice = locks.locked_receivables(session, [receivable_id])[receivable_id]
    _check(invoice, to_on)
    if not comment.strip():
        raise Invalid("reason_missing", "say why it is due another day", field="comment")
    if reads.waiting_change(session, receivable_id) is not None:
        raise DueDateWaits("due_date_waits", "another due date waits for a second person already")
    waits = _needs_second(session, invoice, to_on)
    row = _new(session, invoice, to_on, reason, comment.strip(), by, at)
    if waits:
        _ask(session, row, invoice, by, at)
        return DueDateMoved(row.id, waits=True)
    _apply(session, row, invoice, row.comment, by, at)
    return DueDateMoved(row.id, waits=False)


def preview_due_date(
    session: Session, *, receivable_id: int, to_on: date, read: Callable[[], Found], by: str,
    at: datetime,
) -> tuple[bool, Found]:  # fmt: skip
    """Whether a second person decides, and what ``read`` finds once it is moved; nothing stays.

    Of an invoice with a change that waits, it is that change. Raises ``NotMovable``, ``Invalid``.
    """
    invoice = locks.locked_receivables(session, [receivable_id])[receivable_id]
    _check(invoice, to_on)
    waits = _needs_second(session, invoice, to_on)
    found: list[Found] = []
    with suppress(_TakenBack), session.begin_nested():
        waiting = reads.waiting_change(session, receivable_id)
        row = None if waiting is None else reads.locked_change(session, waiting)
        row = row or _new(session, invoice, to_on, DueDateReason.OTHER, "", by, at)
        _apply(session, row, invoice, "", by, at)
        found.append(read())
        raise _TakenBack
    return waits, found[0]


def approve_due_date(
    session: Session, *, change_id: int, seen_hash: bytes, by: str, at: datetime
) -> None:
    """A second person agrees: the invoice is due the new day from now on.

    Raises ``DueDateDecided``, ``NotMovable``, and what ``approvals.approve`` raises.
    """
    row, invoice = _open(session, change_id)
    _check(invoice, row.to_on)
    approvals.approve(session, approval_id=_approval_of(session, row), subject_hash=seen_hash,
                      by=by, at=at)  # fmt: skip
    _apply(session, row, invoice, row.comment, by, at)


def reject_due_date(
    session: Session, *, change_id: int, seen_hash: bytes, reason: str, by: str, at: datetime
) -> None:
    """A second person declines and says why. Raises as ``approve_due_date``; ``Invalid``."""
    if not reason.strip():
        raise Invalid("reason_missing", "say why you refuse", field="reason")
    row, _invoice = _open(session, change_id)
    approvals.reject(session, approval_id=_approval_of(session, row), subject_hash=seen_hash,
                     reason=reason, by=by, at=at)  # fmt: skip
    _end(session, row, DueDateOutcome.REJECTED, reason, by, at)


def withdraw_due_date(
    session: Session, *, change_id: int, reason: str = "withdrawn", by: str, at: datetime
) -> None:
    """The change is not wanted any more. Raises ``DueDateDecided``."""
    row, _invoice = _open(session, change_id)
    approvals.void_open(session, subject_kind=SUBJECT, subject_id=row.id, reason=reason,
                        by=by, at=at)  # fmt: skip
    _end(session, row, DueDateOutcome.WITHDRAWN, None, by, at)


def due_date_hash(view: reads.DueDateView) -> bytes:
    """The hash of everything a second person is asked to agree to."""
    kept = ("id", "receivable_id", "from_on", "to_on", "reason", "comment", "asked_at", "asked_by")
    return approvals.subject_hash({name: getattr(view, name) for name in kept})


def set_due_date_policy(session: Session, *, alone_days: int, by: str, at: datetime) -> None:
    """Say by how many days in all one person pushes a due date back. Raises ``Invalid``."""
    if not 0 <= alone_days <= MOST_ALONE_DAYS:
        raise Invalid("alone_days", "from 0 to {most} days", field="alone_days",
                      most=MOST_ALONE_DAYS)  # fmt: skip
    before = reads.due_date_policy(session).alone_days
    if before == alone_days:
        return
    session.add(DueDatePolicy(alone_days=alone_days, set_at=at, set_by=by))
    session.flush()
    audit.record(
        session, verb="set_due_date_policy", subject_kind=POLICY[0],
        subject_id=POLICY[1], by=by, at=at, before={"alone_days": before},
        after={"alone_days": alone_days},
    )  # fmt: skip


def _check(invoice: Receivable, to_on: date) -> None:
    fault = due_date_fault(
        number=invoice.number, kind=invoice.kind, open_minor=invoice.open_minor,
        issued_on=invoice.issue_date, from_on=invoice.due_date, to_on=to_on,
    )  # fmt: skip
    if fault is not None:
        raise fault


def _needs_second(session: Session, invoice: Receivable, to_on: date) -> bool:
    return needs_second(
        first_due_on=reads.first_due_on(session, invoice),
        from_on=invoice.due_date,
        to_on=to_on,
        alone_days=reads.due_date_policy(session).alone_days,
    )


def _new(
    session: Session, invoice: Receivable, to_on: date, reason: DueDateReason, comment: str,
    by: str, at: datetime,
) -> DueDateChange:  # fmt: skip
    row = DueDateChange(
        receivable_id=invoice.id, contract_id=invoice.contract_id, from_on=invoice.due_date,
        to_on=to_on, reason=reason.value, comment=comment, asked_at=at, asked_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _ask(session: Session, row: DueDateChange, invoice: Receivable, by: str, at: datetime) -> None:
    contract = contract_view(session, invoice.contract_id)
    debtor = parties.debtor_names(session, [invoice.debtor_id]).get(invoice.debtor_id)
    approvals.ask(
        session, subject_kind=SUBJECT, subject_id=row.id,
        subject_hash=due_date_hash(reads.due_date_change(session, row.id)),
        summary={"client": contract.client_name, "debtor": debtor, "contract": contract.reference,
                 "number": invoice.number, "due_date": row.from_on, "new_due_date": row.to_on,
                 "why": row.comment, "amount_minor": invoice.open_minor,
                 "currency": contract.currency},
        client_id=invoice.client_id, by=by, at=at,
    )  # fmt: skip


def _open(session: Session, change_id: int) -> tuple[DueDateChange, Receivable]:
    """A change that waits and its invoice, both locked: the invoice first, as whoever asks."""
    seen = reads.due_date_change(session, change_id)
    invoice = locks.locked_receivables(session, [seen.receivable_id])[seen.receivable_id]
    row = reads.locked_change(session, change_id)
    if row is None:
        raise DueDateDecided("due_date_decided", "this change of due date was decided before")
    return row, invoice


def _approval_of(session: Session, row: DueDateChange) -> int:
    found = approvals.open_for(session, SUBJECT, row.id)
    if found is None:
        raise DueDateDecided("due_date_decided", "this change of due date was decided before")
    return found.id


def _apply(
    session: Session, row: DueDateChange, invoice: Receivable, why: str, by: str, at: datetime
) -> None:
    _end(session, row, DueDateOutcome.APPLIED, None, by, at)
    invoice.due_date = row.to_on
    session.flush()
    audit.record(
        session, verb="receivable.due_date", subject_kind="receivable", subject_id=invoice.id,
        before={"due_date": row.from_on},
        after={"number": invoice.number, "due_date": row.to_on, "reason": row.reason}, why=why,
        by=by, at=at, client_id=invoice.client_id,
    )  # fmt: skip
    recompute_cover(session, contract_id=invoice.contract_id, debtor_ids=[invoice.debtor_id],
                    on=business_date(at), at=at)  # fmt: skip


def _end(
    session: Session, row: DueDateChange, outcome: DueDateOutcome, comment: str | None, by: str,
    at: datetime,
) -> None:  # fmt: skip
    row.outcome, row.decided_at, row.decided_by = outcome.value, at, by
    row.decision_comment = comment
    session.flush()
