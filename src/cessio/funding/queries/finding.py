"""Finding drawdowns from a payment reference or an amount."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cessio.funding.models import Drawdown
from cessio.funding.queries.drawdowns import DrawdownView, view_of, views


def drawdowns_found(
    session: Session, *, reference: str, amount_minor: int | None = None, limit: int = 8
) -> list[DrawdownView]:
    """Drawdowns of a payment reference, or of exactly this amount; latest first."""
    wanted = Drawdown.end_to_end_id == reference.strip().upper()
    if amount_minor is not None:
        wanted = or_(wanted, Drawdown.amount_minor == amount_minor)
    ids = session.scalars(
        select(Drawdown.id).where(wanted).order_by(Drawdown.id.desc()).limit(limit)
    )
    query = views().where(Drawdown.id.in_(ids.all())).order_by(Drawdown.id.desc())
    return [view_of(row) for row in session.execute(query)]
