"""Losses: claims on insurers, and the money that came after an indemnity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.settlement.models import InsurerClaim, LossMovement


def open_claim(session: Session, settlement_id: int) -> InsurerClaim | None:
    """The claim of a settlement that was not withdrawn."""
    model = InsurerClaim
    return session.scalar(
        select(model).where(model.settlement_id == settlement_id, model.withdrawn_at.is_(None))
    )


def losses_of_year(session: Session, *, insurer: str, currency: str, on: date) -> int:
    """What was declared to an insurer earlier in a day's year: it used the deductible up first."""
    model = InsurerClaim
    total = session.scalar(
        select(func.coalesce(func.sum(model.loss_minor), 0)).where(
            func.lower(model.insurer) == insurer.lower(), model.currency == currency,
            model.withdrawn_at.is_(None), model.declared_on >= on.replace(month=1, day=1),
            model.declared_on <= on,
        )
    )  # fmt: skip
    return int(total or 0)


def loss_movements(
    session: Session, settlement_id: int, *, standing: bool = False
) -> Sequence[LossMovement]:
    """Money booked on a loss, in order; ``standing``: without what was taken back."""
    model = LossMovement
    query = select(model).where(model.settlement_id == settlement_id).order_by(model.id)
    if standing:
        query = query.where(model.undone_at.is_(None))
    return session.scalars(query).all()


def loss_movement_for_update(session: Session, movement_id: int) -> LossMovement | None:
    """One of them that stands, locked."""
    model = LossMovement
    return session.scalar(
        select(model).where(model.id == movement_id, model.undone_at.is_(None)).with_for_update()
    )
