"""Who the factor is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.banking.models import FactorIdentity


@dataclass(frozen=True, slots=True)
class FactorView:
    """The factor as its documents name it; ``legal`` says what kind of company it is."""

    name: str
    legal: str
    siren: str
    street: str
    post_code: str
    city: str
    set_at: datetime
    set_by: str

    @property
    def address(self) -> tuple[str, str]:
        return self.street, f"{self.post_code} {self.city}"


def factor_identity(session: Session) -> FactorView | None:
    """The identity that holds, if one was ever set."""
    row = session.scalars(
        select(FactorIdentity)
        .where(FactorIdentity.ended_at.is_(None))
        .order_by(FactorIdentity.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return FactorView(
        row.name, row.legal, row.siren, row.street, row.post_code, row.city, row.set_at, row.set_by
    )
