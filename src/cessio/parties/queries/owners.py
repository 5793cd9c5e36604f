"""Who owns or controls companies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.parties.models import BeneficialOwner
from cessio.parties.rules.owners import WHOLE_BP


@dataclass(frozen=True, slots=True)
class OwnerView:
    """A person behind a company; ``share_bp`` None: control by other means."""

    id: int
    name: str
    born_on: date
    share_bp: int | None
    since_on: date
    until_on: date | None
    added_at: datetime
    added_by: str

    @property
    def share(self) -> Decimal | None:
        """The share as a fraction."""
        return None if self.share_bp is None else Decimal(self.share_bp) / WHOLE_BP


def owners(session: Session, company_id: int, *, ended: bool = False) -> tuple[OwnerView, ...]:
    """Those of a company, the largest share first; with ``ended``, also the former ones."""
    query = select(BeneficialOwner).where(BeneficialOwner.company_id == company_id)
    if not ended:
        query = query.where(BeneficialOwner.ended_at.is_(None))
    rows = session.scalars(query.order_by(
        BeneficialOwner.ended_at.is_not(None), BeneficialOwner.share_bp.desc().nulls_last(),
        BeneficialOwner.id,
    ))  # fmt: skip
    return tuple(
        OwnerView(**{name: getattr(row, name) for name in OwnerView.__slots__}) for row in rows
    )
