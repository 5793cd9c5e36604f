"""What is open, now or as it was known at the end of a past day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.kernel.calendar import end_of_day
from cessio.ledger.models import LedgerEntry, LedgerTransaction
from cessio.receivables.models import Receivable


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A receivable that is open; amounts signed."""

    receivable_id: int
    debtor_id: int
    kind: str
    number: str
    issue_date: date
    due_date: date
    amount_minor: int
    open_minor: int


def open_book(
    session: Session, contract_id: int, *, debtor_id: int | None = None, as_of: date | None = None
) -> tuple[OpenDocument, ...]:
    """The open documents of a contract, or of one debtor under it, by due date then number.

    ``as_of``: what was recorded by the end of that day; later facts never change it.
    """
    model = Receivable
    columns = (
        model.id, model.debtor_id, model.kind, model.number, model.issue_date, model.due_date,
        model.amount_minor,
    )  # fmt: skip
    if as_of is None:
        query = select(*columns, model.open_minor).where(model.closed_on.is_(None))
    else:
        total = func.sum(LedgerEntry.amount_minor)
        query = (
            select(*columns, total)
            .join(LedgerEntry, LedgerEntry.receivable_id == model.id)
            .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
            .where(LedgerTransaction.recorded_at < end_of_day(as_of))
            .group_by(model.id)
            .having(total != 0)
        )
    query = query.where(model.contract_id == contract_id)
    if debtor_id is not None:
        query = query.where(model.debtor_id == debtor_id)
    rows = session.execute(query.order_by(model.due_date, model.number, model.id))
    return tuple(OpenDocument(*row[:7], int(row[7])) for row in rows)


def open_by_debtor(
    session: Session, contract_id: int, *, as_of: date | None = None
) -> dict[int, int]:
    """What each debtor owes under a contract (signed), now or at the end of a past day."""
    owed: dict[int, int] = {}
    for document in open_book(session, contract_id, as_of=as_of):
        owed[document.debtor_id] = owed.get(document.debtor_id, 0) + document.open_minor
    return owed
