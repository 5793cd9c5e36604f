"""What is outstanding of clients and owed by debtors, beside the lists of them: the ledger's.

``OF_CLIENT`` and ``OF_DEBTOR`` order a list by it, whatever the currency.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.ledger.models import LedgerAccount
from cessio.ledger.rules import AccountKind
from cessio.parties.models import Client, Company, Debtor

Sums = dict[str, int]
_OWED = LedgerAccount.kind == AccountKind.RECEIVABLE.name
_SUM = func.coalesce(func.sum(LedgerAccount.balance_minor), 0)

OF_DEBTOR = cast(
    select(_SUM).where(_OWED, LedgerAccount.debtor_id == Debtor.id)
    .correlate(Debtor).scalar_subquery(), BigInteger,
)  # fmt: skip
OF_CLIENT = cast(
    select(_SUM).join(Contract, Contract.id == LedgerAccount.contract_id)
    .where(_OWED, Contract.client_id == Client.id)
    .correlate(Client).scalar_subquery(), BigInteger,
)  # fmt: skip


def owed_by(session: Session, debtor_ids: Collection[int]) -> dict[int, Sums]:
    """What some debtors owe, by debtor and currency."""
    query = select(LedgerAccount.debtor_id, LedgerAccount.currency, _SUM).where(
        _OWED, LedgerAccount.debtor_id.in_(debtor_ids)
    )
    return _by_id(session.execute(query.group_by(LedgerAccount.debtor_id, LedgerAccount.currency)))


def outstanding_with(session: Session, client_ids: Collection[int]) -> dict[int, Sums]:
    """What the debtors of some clients owe, by client and currency."""
    query = (
        select(Contract.client_id, LedgerAccount.currency, _SUM)
        .join(Contract, Contract.id == LedgerAccount.contract_id)
        .where(_OWED, Contract.client_id.in_(client_ids))
    )
    return _by_id(session.execute(query.group_by(Contract.client_id, LedgerAccount.currency)))


def all_debtors(session: Session, found: Iterable[ColumnElement[bool]]) -> tuple[int, Sums]:
    """How many debtors filters find (of ``Debtor`` and ``Company``), and what they owe in all."""
    asked = select(Debtor.id).join(Company, Company.id == Debtor.company_id).where(*found)
    owed = select(LedgerAccount.currency, _SUM).where(_OWED)
    if found:
        owed = owed.where(LedgerAccount.debtor_id.in_(asked))
    return _count(session, asked), _sums(session, owed)


def all_clients(session: Session, found: Iterable[ColumnElement[bool]]) -> tuple[int, Sums]:
    """How many clients filters find (of ``Client`` and ``Company``), and their outstanding."""
    asked = select(Client.id).join(Company, Company.id == Client.company_id).where(*found)
    owed = (
        select(LedgerAccount.currency, _SUM)
        .join(Contract, Contract.id == LedgerAccount.contract_id)
        .where(_OWED, Contract.client_id.in_(asked))
    )
    return _count(session, asked), _sums(session, owed)


def _count(session: Session, asked: Any) -> int:
    return session.scalar(select(func.count()).select_from(asked.subquery())) or 0


def _sums(session: Session, owed: Any) -> Sums:
    by_currency = owed.group_by(LedgerAccount.currency).order_by(LedgerAccount.currency)
    return {currency: int(minor) for currency, minor in session.execute(by_currency)}


def _by_id(rows: Iterable[Any]) -> dict[int, Sums]:
    found: dict[int, Sums] = {}
    for number, currency, minor in rows:
        if minor:
            found.setdefault(number, {})[currency] = int(minor)
    return found
