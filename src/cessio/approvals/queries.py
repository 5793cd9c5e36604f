"""Reading what waits for a second person, and what was decided."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.approvals.models import Approval
from cessio.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """A decision asked of a second person, and how it ended if it did."""

    id: int
    subject_kind: str
    subject_id: int
    client_id: int | None
    subject_hash: bytes
    summary: dict[str, Any]
    maker: str
    maker_id: int | None
    asked_at: datetime
    checker: str | None
    checker_id: int | None
    for_id: int | None
    decision: str | None
    decided_at: datetime | None
    reason: str | None


def approval(session: Session, approval_id: int) -> ApprovalView:
    """One approval. Raises ``NotFound``."""
    row = session.scalar(
        select(Approval).where(Approval.id == approval_id).execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("approval_not_found", "There is no such request")
    return _view(row)


def pending(
    session: Session,
    *,
    subject_kinds: Collection[str] | None = None,
    client_id: int | None = None,
    not_by: int | None = None,
    by: int | None = None,
    limit: int | None = 200,
) -> tuple[ApprovalView, ...]:
    """What waits, oldest first. ``not_by``: leave out what this person asked for themselves;
    ``by``: only that."""
    query = select(Approval).where(Approval.decision.is_(None))
    if subject_kinds is not None:
        query = query.where(Approval.subject_kind.in_(subject_kinds))
    if client_id is not None:
        query = query.where(Approval.client_id == client_id)
    if not_by is not None:
        query = query.where(Approval.maker_id.is_distinct_from(not_by))
    if by is not None:
        query = query.where(Approval.maker_id == by)
    return tuple(map(_view, session.scalars(query.order_by(Approval.id).limit(limit))))


def open_for(session: Session, subject_kind: str, subject_id: int) -> ApprovalView | None:
    """The approval that a thing waits for now, if any."""
    row = session.scalar(
        select(Approval).where(
            Approval.subject_kind == subject_kind,
            Approval.subject_id == subject_id,
            Approval.decision.is_(None),
        )
    )
    return None if row is None else _view(row)


def of_subject(session: Session, subject_kind: str, subject_id: int) -> tuple[ApprovalView, ...]:
    """Every decision asked about a thing, latest first: its four-eyes history."""
    query = (
        select(Approval)
        .where(Approval.subject_kind == subject_kind, Approval.subject_id == subject_id)
        .order_by(Approval.id.desc())
    )
    return tuple(map(_view, session.scalars(query)))


def _view(row: Approval) -> ApprovalView:
    return ApprovalView(**{name: getattr(row, name) for name in ApprovalView.__slots__})
