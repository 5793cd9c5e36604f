"""Disputes across the book: those that wait for an end, and how many each contract has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Dispute, Receivable
from cessio.receivables.rules import DisputeOutcome, DisputeReason


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute in a list, with its invoice."""

    id: int
    receivable_id: int
    number: str
    contract_id: int
    contract_reference: str
    currency: str
    client_name: str
    debtor_id: int
    debtor_name: str
    due_date: date
    open_minor: int
    amount_minor: int
    reason: DisputeReason
    comment: str | None
    opened_on: date
    opened_by: str
    ended_by: str | None
    outcome: DisputeOutcome | None


def disputes(
    session: Session, request: PageRequest, *, is_open: bool | None = True,
    reason: DisputeReason | None = None, contract_id: int | None = None,
    debtor_id: int | None = None, client_id: int | None = None,
) -> Page[DisputeRow]:  # fmt: skip
    """Disputes, latest first; ``is_open`` None lists ended ones too."""
    debtor, seller = Company.__table__.alias("debtor_company"), Company.__table__.alias("seller")
    query = (
        select(
            Dispute.id, Dispute.receivable_id, Receivable.number, Dispute.contract_id,
            Contract.reference, Contract.currency, seller.c.name, Receivable.debtor_id,
            debtor.c.name, Receivable.due_date, Receivable.open_minor, Dispute.amount_minor,
            Dispute.reason, Dispute.comment, Dispute.opened_on, Dispute.opened_by,
            Dispute.ended_by, Dispute.outcome,
        )
        .join(Receivable, Receivable.id == Dispute.receivable_id)
        .join(Contract, Contract.id == Dispute.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .join(seller, seller.c.id == Client.company_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .join(debtor, debtor.c.id == Debtor.company_id)
    )  # fmt: skip
    if is_open is not None:
        query = query.where(Dispute.ended_at.is_(None) == is_open)
    if reason is not None:
        query = query.where(Dispute.reason == reason.value)
    if contract_id is not None:
        query = query.where(Dispute.contract_id == contract_id)
    if debtor_id is not None:
        query = query.where(Receivable.debtor_id == debtor_id)
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    if request.key is not None:
        key = request.key[0]
        query = query.where(Dispute.id > key if request.backwards else Dispute.id < key)
    order = Dispute.id.asc() if request.backwards else Dispute.id.desc()
    rows = session.execute(query.order_by(order).limit(request.fetch))
    return page_of([_row(row) for row in rows], request, lambda row: (row.id,))


def open_disputes(session: Session) -> dict[int, tuple[int, int]]:
    """Count and sum of the open disputes by contract."""
    rows = session.execute(
        select(Dispute.contract_id, func.count(), func.sum(Dispute.amount_minor))
        .where(Dispute.ended_at.is_(None))
        .group_by(Dispute.contract_id)
    )
    return {row[0]: (row[1], int(row[2])) for row in rows}


def disputed_totals(
    session: Session, *, is_open: bool, reason: DisputeReason | None = None,
    contract_id: int | None = None,
) -> dict[str, int]:  # fmt: skip
    """The disputed amounts by currency, of every dispute the filter finds."""
    query = (
        select(Contract.currency, func.sum(Dispute.amount_minor))
        .join(Contract, Contract.id == Dispute.contract_id)
        .where(Dispute.ended_at.is_(None) == is_open)
        .group_by(Contract.currency)
    )
    if reason is not None:
        query = query.where(Dispute.reason == reason.value)
    if contract_id is not None:
        query = query.where(Dispute.contract_id == contract_id)
    return {currency: int(minor) for currency, minor in session.execute(query)}


def _row(found: Any) -> DisputeRow:
    reason, comment, opened_on, opened_by, ended_by, outcome = found[12:]
    ended = DisputeOutcome(outcome) if outcome else None
    last = (DisputeReason(reason), comment, opened_on, opened_by, ended_by, ended)
    return DisputeRow(*(*found[:12], *last))
