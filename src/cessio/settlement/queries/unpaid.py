"""Receivables nobody paid: what the contract lets become of each on a date, and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.rules import Terms
from cessio.limits.queries import all_effective_limits
from cessio.settlement.models import UnpaidSettlement
from cessio.settlement.rules import UnpaidFacts, UnpaidOutcome, unpaid_outcome


@dataclass(frozen=True, slots=True)
class UnpaidReceivable:
    """An open invoice for which something may be done on a date, and what."""

    receivable_id: int
    contract_id: int
    client_id: int
    debtor_id: int
    number: str
    due_date: date
    open_minor: int
    cover_rate: Decimal
    outcome: UnpaidOutcome


@dataclass(frozen=True, slots=True)
class SettlementView:
    """What was done with an unpaid receivable; each amount was taken from what was open."""

    id: int
    receivable_id: int
    contract_id: int
    on: date
    indemnity_minor: int
    own_share_minor: int
    transfer_back_minor: int
    cover_rate: Decimal
    settled_at: datetime
    settled_by: str
    undone_at: datetime | None


_OPEN = text("""
    SELECT owed.id, owed.contract_id, owed.client_id, owed.debtor_id, owed.number,
           owed.issue_date, owed.due_date, owed.open_minor, coalesce(cover.covered_minor, 0),
           coalesce(contest.amount_minor, 0), coalesce(contest.reason = 'existence', false),
           debtor.insolvent_on
      FROM receivable AS owed
      JOIN debtor ON debtor.id = owed.debtor_id
      LEFT JOIN invoice_cover AS cover ON cover.receivable_id = owed.id
      LEFT JOIN dispute AS contest
        ON contest.receivable_id = owed.id AND contest.ended_at IS NULL
     WHERE owed.kind = 'invoice' AND owed.closed_on IS NULL AND owed.open_minor > 0
       AND (owed.due_date < :on OR owed.issue_date < :on AND contest.reason = 'existence'
            OR debtor.insolvent_on <= :on)
       AND (CAST(:contract AS bigint) IS NULL OR owed.contract_id = :contract)
       AND (CAST(:one AS bigint) IS NULL OR owed.id = :one)
     ORDER BY owed.contract_id, owed.due_date, owed.id
""")


def unpaid(
    session: Session, *, on: date, contract_id: int | None = None, receivable_id: int | None = None
) -> list[UnpaidReceivable]:
    """Open invoices of which something may be indemnified or given back on a date, in order."""
    rows = session.execute(
        _OPEN, {"on": on, "contract": contract_id, "one": receivable_id}
    ).all()  # fmt: skip
    concerned = sorted({row[1] for row in rows})
    terms = contracts.terms_of_all(session, on, contract_ids=concerned)
    pairs = sorted({(row[1], row[3]) for row in rows})
    limits = all_effective_limits(
        session, on=on, pairs=pairs, terms=terms, contract_ids=concerned
    ) if rows else {}  # fmt: skip
    found = []
    for row in rows:
        one = _outcome(row, terms[row[1]], limits[row[1], row[3]].cover_rate, on)
        if one.outcome.waiting_minor < one.open_minor:
            found.append(one)
    return found


def _outcome(row: Any, terms: Terms, rate: Decimal, on: date) -> UnpaidReceivable:
    (receivable_id, contract_id, client_id, debtor_id, number, issued, due, minor, covered,
     disputed, contested, insolvent_on) = row  # fmt: skip
    facts = UnpaidFacts(
        issue_date=issued, due_date=due, open_minor=minor, covered_minor=covered,
        disputed_minor=disputed, cover_rate=rate, insolvent_on=insolvent_on,
        contested=contested,
    )  # fmt: skip
    return UnpaidReceivable(
        receivable_id, contract_id, client_id, debtor_id, number, due, minor, rate,
        unpaid_outcome(terms, facts, on),
    )  # fmt: skip


def settlements(
    session: Session, *, contract_id: int | None = None, limit: int = 60
) -> list[SettlementView]:
    """What was done with unpaid receivables, latest first."""
    model = UnpaidSettlement
    query = select(model).order_by(model.id.desc()).limit(limit)
    if contract_id is not None:
        query = query.where(model.contract_id == contract_id)
    return [
        SettlementView(
            row.id, row.receivable_id, row.contract_id, row.on, row.indemnity_minor,
            row.own_share_minor, row.transfer_back_minor, row.cover_rate, row.settled_at,
            row.settled_by, row.undone_at,
        )
        for row in session.scalars(query)
    ]  # fmt: skip


def settlement_for_update(session: Session, settlement_id: int) -> UnpaidSettlement | None:
    """One of them, locked."""
    model = UnpaidSettlement
    return session.scalar(select(model).where(model.id == settlement_id).with_for_update())
