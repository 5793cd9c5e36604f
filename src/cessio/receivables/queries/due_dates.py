"""Reading due dates that moved, or are asked to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.kernel.errors import NotFound
from cessio.receivables.models import DueDateChange, DueDatePolicy, Receivable
from cessio.receivables.rules.due_dates import ALONE_DAYS, DueDateOutcome, DueDateReason

#: Joined as ``moved``: the due date that an invoice had at ``:before``, where it moved since.
MOVED_SINCE = """
    SELECT DISTINCT ON (receivable_id) receivable_id, from_on FROM due_date_change
     WHERE outcome = 'applied' AND decided_at >= :before ORDER BY receivable_id, id
"""


@dataclass(frozen=True, slots=True)
class DueDateView:
    """A change of a due date; ``outcome`` None while it waits for a second person."""

    id: int
    receivable_id: int
    from_on: date
    to_on: date
    reason: DueDateReason
    comment: str
    asked_at: datetime
    asked_by: str
    outcome: DueDateOutcome | None
    decided_at: datetime | None
    decided_by: str | None
    decision_comment: str | None


@dataclass(frozen=True, slots=True)
class DueDatePolicyView:
    """How far one person pushes a due date back; ``set_by`` None: nobody changed it yet."""

    alone_days: int
    set_at: datetime | None = None
    set_by: str | None = None


def due_date_changes(session: Session, receivable_id: int) -> tuple[DueDateView, ...]:
    """Every change of an invoice's due date, the first first."""
    model = DueDateChange
    rows = session.scalars(
        select(model).where(model.receivable_id == receivable_id).order_by(model.id)
    )
    return tuple(map(_view, rows))


def due_date_change(session: Session, change_id: int) -> DueDateView:
    """One change. Raises ``NotFound``."""
    model = DueDateChange
    row = session.scalar(select(model).where(model.id == change_id))
    if row is None:
        raise NotFound("due_change_unknown", "there is no change of due date {id}", id=change_id)
    return _view(row)


def first_due_on(session: Session, receivable: Receivable) -> date:
    """The due date an invoice was assigned with."""
    model = DueDateChange
    moved = session.scalar(
        select(model.from_on)
        .where(model.receivable_id == receivable.id, model.outcome == DueDateOutcome.APPLIED.value)
        .order_by(model.id).limit(1)
    )  # fmt: skip
    return moved or receivable.due_date


def waiting_change(session: Session, receivable_id: int) -> int | None:
    """The change of an invoice's due date that waits for a second person."""
    model = DueDateChange
    return session.scalar(
        select(model.id).where(model.receivable_id == receivable_id, model.outcome.is_(None))
    )


def locked_change(session: Session, change_id: int) -> DueDateChange | None:
    """A change that nobody decided yet, locked."""
    model = DueDateChange
    query = select(model).where(model.id == change_id, model.outcome.is_(None))
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def due_date_policy(session: Session) -> DueDatePolicyView:
    """The house's rule in force."""
    row = session.scalar(select(DueDatePolicy).order_by(DueDatePolicy.id.desc()).limit(1))
    if row is None:
        return DueDatePolicyView(ALONE_DAYS)
    return DueDatePolicyView(row.alone_days, row.set_at, row.set_by)


def _view(row: DueDateChange) -> DueDateView:
    return DueDateView(
        row.id, row.receivable_id, row.from_on, row.to_on, DueDateReason(row.reason), row.comment,
        row.asked_at, row.asked_by, DueDateOutcome(row.outcome) if row.outcome else None,
        row.decided_at, row.decided_by, row.decision_comment,
    )  # fmt: skip
