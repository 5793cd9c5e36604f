"""Holds and disputes of many receivables at once, and those one person placed in one go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from cessio.receivables.models import Dispute, Hold, Verification
from cessio.receivables.rules.verification import WITHHOLDING


@dataclass(frozen=True, slots=True)
class Placed:
    """A hold or a dispute of a batch; ``is_open`` until somebody ended it."""

    id: int
    receivable_id: int
    reason: str
    comment: str | None
    is_open: bool


def held(session: Session, receivable_ids: Collection[int], reason: str) -> set[int]:
    """Those of some receivables that are held for a reason now."""
    query = select(Hold.receivable_id).where(
        Hold.receivable_id.in_(receivable_ids), Hold.reason == reason, Hold.ended_at.is_(None)
    )
    return set(session.scalars(query))


def disputed(session: Session, receivable_ids: Collection[int]) -> set[int]:
    """Those of some receivables that are disputed now."""
    query = select(Dispute.receivable_id).where(
        Dispute.receivable_id.in_(receivable_ids), Dispute.ended_at.is_(None)
    )
    return set(session.scalars(query))


def open_holds(session: Session, hold_ids: Collection[int]) -> Sequence[Hold]:
    """Open holds by id, locked in id order; not those that end once their invoice is verified."""
    unverified = exists().where(
        Verification.receivable_id == Hold.receivable_id, Hold.reason == "not_verified",
        Verification.state.in_([state.value for state in WITHHOLDING]),
    )  # fmt: skip
    return session.scalars(
        select(Hold).where(Hold.id.in_(hold_ids), Hold.ended_at.is_(None), ~unverified)
        .order_by(Hold.id).with_for_update().execution_options(populate_existing=True)
    ).all()  # fmt: skip


def open_disputes(session: Session, dispute_ids: Collection[int]) -> Sequence[Dispute]:
    """Open disputes by id, locked in id order."""
    return session.scalars(
        select(Dispute).where(Dispute.id.in_(dispute_ids), Dispute.ended_at.is_(None))
        .order_by(Dispute.id).with_for_update().execution_options(populate_existing=True)
    ).all()  # fmt: skip


def holds_placed(session: Session, *, by: str, at: datetime) -> tuple[Placed, ...]:
    """The holds one person placed at one instant."""
    return _placed(session, Hold, Hold.placed_by == by, Hold.placed_at == at)


def disputes_opened(session: Session, *, by: str, at: datetime) -> tuple[Placed, ...]:
    """The disputes one person opened at one instant."""
    return _placed(session, Dispute, Dispute.opened_by == by, Dispute.opened_at == at)


def _placed(
    session: Session, mark: type[Hold] | type[Dispute], *where: ColumnElement[bool]
) -> tuple[Placed, ...]:
    rows = session.execute(
        select(mark.id, mark.receivable_id, mark.reason, mark.comment, mark.ended_at.is_(None))
        .where(*where)
        .order_by(mark.id)
    )
    return tuple(Placed(*row) for row in rows)
