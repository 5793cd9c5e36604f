"""What deciding on a remittance needs to know of its contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.contracts.queries import ContractUnknown, terms_in_force
from cessio.contracts.rules import Terms
from cessio.ledger.models import LedgerAccount, LedgerTransaction
from cessio.ledger.rules import AccountKind
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import RemittanceLine
from cessio.screening.models import ScreeningAlert


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A contract, its client, and the terms in force on a date."""

    contract_id: int
    reference: str
    language: str
    currency: str
    starts_on: date
    ended_on: date | None
    client_id: int
    client_code: str
    client_name: str
    client_siren: str | None
    company_id: int
    group_id: int | None
    terms: Terms


def is_frozen(session: Session, *, remittance_id: int, company_id: int) -> bool:
    """Whether a list truly names the client or a debtor of lines that would be assigned."""
    owing = (
        select(Debtor.company_id).join(RemittanceLine, RemittanceLine.debtor_id == Debtor.id)
        .where(RemittanceLine.remittance_id == remittance_id, RemittanceLine.verdict != "refused")
    )  # fmt: skip
    hit = select(ScreeningAlert.id).where(
        ScreeningAlert.state == "hit",
        or_(ScreeningAlert.company_id == company_id, ScreeningAlert.company_id.in_(owing)),
    )
    return bool(session.scalar(select(hit.exists())))


def contract_facts(session: Session, contract_id: int, *, on: date) -> ContractFacts:
    """The facts of a contract on a date; raises ``ContractUnknown``."""
    row = session.execute(
        select(
            Contract.id.label("contract_id"),
            Contract.reference,
            Contract.language,
            Contract.currency,
            Contract.starts_on,
            Contract.ended_on,
            Client.id.label("client_id"),
            Client.code.label("client_code"),
            Company.name.label("client_name"),
            Company.siren.label("client_siren"),
            Company.id.label("company_id"),
            Company.group_id,
        )
        .join(Client, Client.id == Contract.client_id)
        .join(Company, Company.id == Client.company_id)
        .where(Contract.id == contract_id)
    ).one_or_none()
    if row is None:
        raise ContractUnknown("contract_unknown", "there is no contract {id}", id=contract_id)
    found: dict[str, Any] = dict(row._mapping)
    return ContractFacts(**found, terms=terms_in_force(session, contract_id, on))


def contract_balances(session: Session, contract_id: int) -> dict[AccountKind, int]:
    """A contract's balances by kind of account, debit positive; receivables of all its debtors."""
    model = LedgerAccount
    rows = session.execute(
        select(model.kind, func.sum(model.balance_minor))
        .where(model.contract_id == contract_id)
        .group_by(model.kind)
    )
    return {AccountKind(kind): int(total) for kind, total in rows}


def set_off_transaction(session: Session, set_off_id: int) -> int:
    """The ledger transaction that a set-off posted."""
    model = LedgerTransaction
    return session.scalars(
        select(model.id).where(
            model.source_kind == "set_off", model.source_id == set_off_id,
            model.effect == "set_off",
        )
    ).one()  # fmt: skip
