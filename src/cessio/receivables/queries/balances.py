"""What is open of one debtor under one contract."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.receivables.models import Receivable


def open_credits(session: Session, *, contract_id: int, debtor_id: int) -> list[tuple[int, str]]:
    """Id and number of what a debtor has in its favour under a contract, by due date."""
    model = Receivable
    found = session.execute(
        select(model.id, model.number)
        .where(
            model.closed_on.is_(None), model.contract_id == contract_id,
            model.debtor_id == debtor_id, model.open_minor < 0,
        )
        .order_by(model.due_date, model.number, model.id)
    )  # fmt: skip
    return [(row[0], row[1]) for row in found]
