"""Receivables nobody paid: what the contract lets become of each on a date, and what was done."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from cessio.contracts import queries as contracts
from cessio.contracts.models import Contract
from cessio.contracts.rules import RecourseBasis, Terms
from cessio.limits.queries import limits_of_debtors
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Receivable
from cessio.settlement.models import UnpaidSettlement
from cessio.settlement.rules import (
    UnpaidCause,
    UnpaidFacts,
    UnpaidOutcome,
    unpaid_cause,
    unpaid_outcome,
)


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
    debtor_name: str
    client_name: str
    contract_reference: str
    currency: str
    cause: UnpaidCause


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
    undone_by: str | None
    number: str
    debtor_id: int
    debtor_name: str
    client_name: str
    contract_reference: str
    currency: str

    @property
    def total_minor(self) -> int:
        """What was taken from what was open."""
        return self.indemnity_minor + self.own_share_minor + self.transfer_back_minor


_OPEN = text("""
    WITH reached AS (
        SELECT id FROM receivable
         WHERE kind = 'invoice' AND closed_on IS NULL AND due_date <= :late
        UNION
        SELECT receivable.id FROM receivable JOIN debtor ON debtor.id = receivable.debtor_id
         WHERE receivable.closed_on IS NULL AND debtor.insolvent_on <= :on
        UNION
        SELECT receivable_id FROM dispute WHERE ended_at IS NULL AND reason = 'existence')
    SELECT owed.id, owed.contract_id, owed.client_id, owed.debtor_id, owed.number,
           owed.issue_date, owed.due_date, owed.open_minor, coalesce(cover.covered_minor, 0),
           coalesce(contest.amount_minor, 0), coalesce(contest.reason = 'existence', false),
           debtor.insolvent_on, owing.name, company.name, contract.reference, contract.currency
      FROM reached
      JOIN LATERAL (  -- looked up one by one: they are few among all that is open
           SELECT * FROM receivable WHERE receivable.id = reached.id OFFSET 0) AS owed ON true
      JOIN debtor ON debtor.id = owed.debtor_id
      JOIN company AS owing ON owing.id = debtor.company_id
      JOIN contract ON contract.id = owed.contract_id
      JOIN client ON client.id = owed.client_id
      JOIN company ON company.id = client.company_id
      LEFT JOIN LATERAL (
           SELECT covered_minor FROM invoice_cover WHERE receivable_id = owed.id OFFSET 0)
           AS cover ON true
      LEFT JOIN dispute AS contest
        ON contest.receivable_id = owed.id AND contest.ended_at IS NULL
     WHERE owed.kind = 'invoice' AND owed.closed_on IS NULL AND owed.open_minor > 0
       AND (owed.due_date < :on OR owed.issue_date < :on AND contest.reason = 'existence'
            OR debtor.insolvent_on <= :on)
       AND (CAST(:contract AS bigint) IS NULL OR owed.contract_id = :contract)
       AND (CAST(:chosen AS bigint[]) IS NULL OR owed.id = ANY(CAST(:chosen AS bigint[])))
     ORDER BY owed.contract_id, owed.due_date, owed.id
""")


def unpaid(
    session: Session, *, on: date, contract_id: int | None = None,
    receivable_ids: Collection[int] | None = None,
) -> list[UnpaidReceivable]:  # fmt: skip
    """Open invoices of which something may be indemnified or given back on a date, in order."""
    delays = contracts.parts_of_all(
        session, on, "guarantee_claim_days", "recourse_days", "recourse_basis",
        contract_ids=None if contract_id is None else [contract_id],
    )  # fmt: skip
    facts = {
        "on": on, "late": on - timedelta(days=_soonest(delays.values())), "contract": contract_id,
        "chosen": None if receivable_ids is None else list(receivable_ids),
    }  # fmt: skip
    rows = session.execute(_OPEN, facts).all()
    concerned = sorted({row[1] for row in rows})
    terms = contracts.terms_of_all(session, on, contract_ids=concerned)
    pairs = sorted({(row[1], row[3]) for row in rows})
    limits = limits_of_debtors(session, debtor_ids={row[3] for row in rows}, pairs=pairs, on=on)
    found = []
    for row in rows:
        one = _outcome(row, terms[row[1]], limits[row[1], row[3]].cover_rate, on)
        if one.outcome.waiting_minor < one.open_minor:
            found.append(one)
    return found


def _soonest(delays: Iterable[tuple[Any, ...]]) -> int:
    """The fewest days after the due date by which any of these contracts lets something happen.

    Counted from the invoice's date, recourse may come as soon as it is due.
    """
    days = [
        min(claim, recourse if basis == RecourseBasis.DUE_DATE else 0)
        for claim, recourse, basis in delays
    ]
    return min(days, default=0)


def _outcome(row: Any, terms: Terms, rate: Decimal, on: date) -> UnpaidReceivable:
    (receivable_id, contract_id, client_id, debtor_id, number, issued, due, minor, covered,
     disputed, contested, insolvent_on, debtor, client, reference, currency) = row  # fmt: skip
    facts = UnpaidFacts(
        issue_date=issued, due_date=due, open_minor=minor, covered_minor=covered,
        disputed_minor=disputed, cover_rate=rate, insolvent_on=insolvent_on,
        contested=contested,
    )  # fmt: skip
    return UnpaidReceivable(
        receivable_id, contract_id, client_id, debtor_id, number, due, minor, rate,
        unpaid_outcome(terms, facts, on), debtor, client, reference, currency,
        unpaid_cause(terms, facts, on),
    )  # fmt: skip


def settlements(
    session: Session, *, contract_id: int | None = None, settlement_id: int | None = None,
    before_id: int | None = None, limit: int = 60,
) -> list[SettlementView]:  # fmt: skip
    """What was done with unpaid receivables, latest first."""
    model, owing, selling = UnpaidSettlement, aliased(Company), aliased(Company)
    query = (
        select(model, Receivable.number, Receivable.debtor_id, owing.name, selling.name,
               Contract.reference, Contract.currency)
        .join(Receivable, Receivable.id == model.receivable_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .join(owing, owing.id == Debtor.company_id)
        .join(Contract, Contract.id == model.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .join(selling, selling.id == Client.company_id)
        .order_by(model.id.desc())
        .limit(limit)
    )  # fmt: skip
    for column, wanted in ((model.contract_id, contract_id), (model.id, settlement_id)):
        if wanted is not None:
            query = query.where(column == wanted)
    if before_id is not None:
        query = query.where(model.id < before_id)
    return [
        SettlementView(
            row.id, row.receivable_id, row.contract_id, row.on, row.indemnity_minor,
            row.own_share_minor, row.transfer_back_minor, row.cover_rate, row.settled_at,
            row.settled_by, row.undone_at, row.undone_by, number, debtor_id, debtor, client,
            reference, currency,
        )
        for row, number, debtor_id, debtor, client, reference, currency in session.execute(query)
    ]  # fmt: skip


def settlement_for_update(session: Session, settlement_id: int) -> UnpaidSettlement | None:
    """One of them, locked."""
    model = UnpaidSettlement
    return session.scalar(select(model).where(model.id == settlement_id).with_for_update())
