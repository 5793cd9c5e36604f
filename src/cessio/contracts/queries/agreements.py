"""Contracts as agreements: whose, what product, which currency; their reserves and exclusions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from cessio.contracts.models import Contract, ContractReserve, ContractTerms, ExcludedDebtor
from cessio.contracts.rules import Product, ReserveKind
from cessio.kernel.errors import NotFound
from cessio.parties.models import Client, Company, Debtor


class ContractUnknown(NotFound):
    """There is no such contract."""


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract with the names people know its client by."""

    id: int
    reference: str
    client_id: int
    client_code: str
    client_name: str
    product: Product
    currency: str
    language: str
    signed_on: date
    starts_on: date
    created_at: datetime
    created_by: str
    ended_on: date | None
    ended_by: str | None
    offer_id: int | None
    fee_grid_id: int | None

    def is_live(self, on: date) -> bool:
        """Whether new invoices may be assigned on a date."""
        return self.starts_on <= on and (self.ended_on is None or on < self.ended_on)


@dataclass(frozen=True, slots=True)
class Reserve:
    """An amount withheld from a contract's availability as a whole."""

    id: int
    contract_id: int
    kind: ReserveKind
    amount_minor: int
    reason: str
    set_at: datetime
    set_by: str
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A debtor that a contract buys but does not fund."""

    id: int
    contract_id: int
    debtor_id: int
    debtor_name: str
    reason: str
    since_at: datetime
    since_by: str
    ended_at: datetime | None
    ended_by: str | None


def contract(session: Session, contract_id: int) -> ContractView:
    """One contract. Raises ``ContractUnknown``."""
    found = session.execute(_contracts().where(Contract.id == contract_id)).one_or_none()
    if found is None:
        raise ContractUnknown("contract_unknown", "there is no contract {id}", id=contract_id)
    return _view(found)


def contracts(
    session: Session, *, client_id: int | None = None, live_on: date | None = None,
    ids: Collection[int] | None = None,
) -> tuple[ContractView, ...]:  # fmt: skip
    """Contracts by reference: all, some, one client's, or those that assign on a date."""
    query = _contracts().order_by(Contract.reference)
    if ids is not None:
        query = query.where(Contract.id.in_(ids))
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    if live_on is not None:
        ended = Contract.ended_on
        query = query.where(Contract.starts_on <= live_on, or_(ended.is_(None), ended > live_on))
    return tuple(_view(row) for row in session.execute(query))


def contracts_called(session: Session, text: str, *, limit: int = 8) -> tuple[ContractView, ...]:
    """Contracts whose reference begins so, in order."""
    called = Contract.reference.startswith(text.strip().upper(), autoescape=True)
    query = _contracts().where(called).order_by(Contract.reference).limit(limit)
    return tuple(_view(row) for row in session.execute(query))


def reserves(
    session: Session, contract_id: int, *, recorded_before: datetime | None = None,
    with_ended: bool = False,
) -> tuple[Reserve, ...]:  # fmt: skip
    """A contract's reserves, oldest first: those withheld now, or before an instant.

    ``with_ended`` keeps those that were ended, for the history.
    """
    model = ContractReserve
    query = select(model).where(model.contract_id == contract_id).order_by(model.id)
    if recorded_before is not None:
        query = query.where(model.set_at < recorded_before)
    if not with_ended:
        query = query.where(_open(model.ended_at, recorded_before))
    return tuple(
        Reserve(row.id, row.contract_id, ReserveKind(row.kind), row.amount_minor, row.reason,
                row.set_at, row.set_by, row.ended_at, row.ended_by)
        for row in session.scalars(query)
    )  # fmt: skip


def excluded_debtors(
    session: Session, contract_id: int, *, recorded_before: datetime | None = None,
    with_ended: bool = False,
) -> tuple[Exclusion, ...]:  # fmt: skip
    """Debtors a contract does not fund now, or did not before an instant."""
    model = ExcludedDebtor
    query = (
        select(model, Company.name)
        .join(Debtor, Debtor.id == model.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .where(model.contract_id == contract_id)
        .order_by(model.id)
    )
    if recorded_before is not None:
        query = query.where(model.since_at < recorded_before)
    if not with_ended:
        query = query.where(_open(model.ended_at, recorded_before))
    return tuple(
        Exclusion(row.id, row.contract_id, row.debtor_id, name, row.reason,
                  row.since_at, row.since_by, row.ended_at, row.ended_by)
        for row, name in session.execute(query)
    )  # fmt: skip


def is_excluded(session: Session, contract_id: int, debtor_id: int) -> bool:
    """Whether a contract excludes a debtor from funding now."""
    model = ExcludedDebtor
    found = select(model.id).where(
        model.contract_id == contract_id, model.debtor_id == debtor_id, model.ended_at.is_(None)
    )
    return session.scalar(found) is not None


def client_exists(session: Session, client_id: int) -> bool:
    """Whether there is such a client."""
    return session.scalar(select(Client.id).where(Client.id == client_id)) is not None


def debtor_exists(session: Session, debtor_id: int) -> bool:
    """Whether there is such a debtor."""
    return session.scalar(select(Debtor.id).where(Debtor.id == debtor_id)) is not None


def next_contract_id(session: Session) -> int:
    """A number no contract has or will have, so that a reference can be made of it."""
    following = func.nextval(func.pg_get_serial_sequence("contract", "id"))
    return int(session.execute(select(following)).scalar_one())


def locked(session: Session, contract_id: int) -> Contract:
    """The row of a contract, locked so that its changes come one after another."""
    found = session.scalar(select(Contract).where(Contract.id == contract_id).with_for_update())
    if found is None:
        raise ContractUnknown("contract_unknown", "there is no contract {id}", id=contract_id)
    return found


def open_reserve(session: Session, reserve_id: int) -> ContractReserve | None:
    """A reserve still withheld, locked."""
    model = ContractReserve
    query = select(model).where(model.id == reserve_id, model.ended_at.is_(None))
    return session.scalar(query.with_for_update())


def released_since(session: Session, *, client_id: int, currency: str, since: datetime) -> int:
    """What was given back of a client's reserves since an instant, over all its contracts."""
    query = (
        select(func.coalesce(func.sum(ContractReserve.amount_minor), 0))
        .join(Contract, Contract.id == ContractReserve.contract_id)
        .where(Contract.client_id == client_id, Contract.currency == currency,
               ContractReserve.ended_at >= since)
    )  # fmt: skip
    return int(session.scalar(query) or 0)


def open_exclusion(session: Session, contract_id: int, debtor_id: int) -> ExcludedDebtor | None:
    """The exclusion of a debtor that is still in force, locked."""
    model = ExcludedDebtor
    query = select(model).where(
        model.contract_id == contract_id, model.debtor_id == debtor_id, model.ended_at.is_(None)
    )
    return session.scalar(query.with_for_update())


_PRODUCT = [field.name for field in fields(ContractView)].index("product")


@cache
def _contracts() -> Select[*tuple[Any, ...]]:
    """The columns of a ``ContractView`` in its order: a page reads those of every contract."""
    its = Contract
    return (
        select(its.id, its.reference, its.client_id, Client.code, Company.name, its.product,
               its.currency, its.language, its.signed_on, its.starts_on, its.created_at,
               its.created_by, its.ended_on, its.ended_by, its.offer_id, its.fee_grid_id)
        .join(Client, Client.id == its.client_id)
        .join(Company, Company.id == Client.company_id)
    )  # fmt: skip


def _view(row: Row[*tuple[Any, ...]]) -> ContractView:
    its = list(row)
    its[_PRODUCT] = Product(its[_PRODUCT])
    return ContractView(*its)


def _open(
    ended_at: InstrumentedAttribute[datetime | None], before: datetime | None
) -> ColumnElement[bool]:
    return ended_at.is_(None) if before is None else or_(ended_at.is_(None), ended_at >= before)


def other_facilities(
    session: Session, *, client_id: int, currency: str, but: int | None = None
) -> int:
    """What a client's contracts that are not ended may draw together, one of them left out.

    The latest version of each counts: a facility to come is decided already.
    """
    latest = (
        select(ContractTerms.facility_limit_minor)
        .where(ContractTerms.contract_id == Contract.id)
        .order_by(ContractTerms.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(func.coalesce(func.sum(latest), 0))
        .where(Contract.client_id == client_id, Contract.currency == currency)
        .where(Contract.ended_on.is_(None))
    )
    if but is not None:
        query = query.where(Contract.id != but)
    return int(session.scalar(query) or 0)
