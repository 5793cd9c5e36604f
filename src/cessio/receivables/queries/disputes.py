"""Disputes across the book: found by who, what, how long and until when, and their totals."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from cessio.contracts.models import Contract
from cessio.identity.models import Person
from cessio.kernel.paging import Key, Page, PageRequest, page_of
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Dispute, Follow, Receivable
from cessio.receivables.rules import DisputeOutcome, DisputeReason, number_key

#: Sorts what has no deadline last.
_NEVER = date(9999, 12, 31)
#: A deadline is near so many days before it.
NEAR_DAYS = 7


class Deadline(StrEnum):
    """How far the day is on which a disputed invoice may be defunded."""

    PASSED = "passed"
    NEAR = "near"
    FAR = "far"


class DisputeOrder(StrEnum):
    """LATEST: last opened first. DEADLINE, OLDEST: the most pressing first."""

    LATEST = "latest"
    OLDEST = "oldest"
    DEADLINE = "deadline"
    LARGEST = "largest"
    SMALLEST = "smallest"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFilter:
    """Which disputes to list; ``on`` is the day deadlines and ages are told by.

    ``owner_id``: who follows the invoice, or looks after its client if nobody does.
    """

    on: date
    is_open: bool | None = True
    order: DisputeOrder = DisputeOrder.LATEST
    reason: DisputeReason | None = None
    contract_id: int | None = None
    client_ids: tuple[int, ...] | None = None
    debtor_ids: tuple[int, ...] | None = None
    manager_id: int | None = None
    owner_id: int | None = None
    deadline: Deadline | None = None
    older_than_days: int | None = None
    amount_from_minor: int | None = None
    amount_to_minor: int | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute in a list, with its invoice and who deals with it."""

    id: int
    receivable_id: int
    number: str
    contract_id: int
    contract_reference: str
    currency: str
    client_id: int
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
    defunds_on: date | None
    owner_id: int | None
    owner_name: str | None
    ended_by: str | None
    outcome: DisputeOutcome | None

    def days_left(self, on: date) -> int | None:
        """Days until it may be defunded; none or below zero once it may."""
        return None if self.defunds_on is None else (self.defunds_on - on).days


@dataclass(frozen=True, slots=True)
class DisputeTotals:
    """What a filter finds altogether in one currency."""

    currency: str
    count: int
    amount_minor: int
    open_minor: int


def disputes(
    session: Session, request: PageRequest, *, is_open: bool | None = True,
    reason: DisputeReason | None = None, contract_id: int | None = None,
    debtor_id: int | None = None, client_id: int | None = None,
) -> Page[DisputeRow]:  # fmt: skip
    """Disputes, latest first; ``is_open`` None lists ended ones too."""
    wanted = DisputeFilter(
        on=_NEVER, is_open=is_open, reason=reason, contract_id=contract_id,
        debtor_ids=None if debtor_id is None else (debtor_id,),
        client_ids=None if client_id is None else (client_id,),
    )  # fmt: skip
    return listed_disputes(session, request, wanted)


def listed_disputes(
    session: Session, request: PageRequest, wanted: DisputeFilter
) -> Page[DisputeRow]:
    """A page of the disputes a filter finds, in its order."""
    columns, ascending = _ORDERS[wanted.order]
    query = _matching(_rows(), wanted)
    forwards = ascending is not request.backwards
    if request.key is not None:
        row, key = func.row(*columns), func.row(*request.key[: len(columns)])
        query = query.where(row > key if forwards else row < key)
    ordered = [column.asc() if forwards else column.desc() for column in columns]
    rows = session.execute(query.order_by(*ordered).limit(request.fetch))
    return page_of([_row(row) for row in rows], request, _KEYS[wanted.order])


def disputed_ids(session: Session, wanted: DisputeFilter, *, most: int) -> list[int]:
    """The receivables of the disputes a filter finds, ``most`` and one more at the most."""
    query = _matching(_joined(select(Dispute.receivable_id)), wanted).order_by(Dispute.id)
    return list(session.scalars(query.limit(most + 1)))


def dispute_totals(session: Session, wanted: DisputeFilter) -> tuple[DisputeTotals, ...]:
    """Count and sums of everything the filter finds, by currency."""
    query = _matching(
        _joined(select(Contract.currency, func.count(), func.sum(Dispute.amount_minor),
                       func.sum(Receivable.open_minor))), wanted
    ).group_by(Contract.currency).order_by(Contract.currency)  # fmt: skip
    return tuple(
        DisputeTotals(currency, count, int(disputed), int(opened))
        for currency, count, disputed, opened in session.execute(query)
    )


def open_disputes(session: Session) -> dict[int, tuple[int, int]]:
    """Count and sum of the open disputes by contract."""
    rows = session.execute(
        select(Dispute.contract_id, func.count(), func.sum(Dispute.amount_minor))
        .where(Dispute.ended_at.is_(None))
        .group_by(Dispute.contract_id)
    )
    return {row[0]: (row[1], int(row[2])) for row in rows}


def disputes_due(
    session: Session, *, on: date, within_days: int = NEAR_DAYS, limit: int = 200
) -> tuple[DisputeRow, ...]:
    """Open disputes whose invoice may be defunded by then, the most pressing first."""
    query = (
        _rows()
        .where(Dispute.ended_at.is_(None), Dispute.defunds_on <= on + timedelta(days=within_days))
        .order_by(Dispute.defunds_on, Dispute.id)
        .limit(limit)
    )
    return tuple(_row(row) for row in session.execute(query))


_DEBTOR = aliased(Company, name="debtor_company")
_SELLER = aliased(Company, name="seller")
_FOLLOWER = aliased(Person, name="follower")
_MANAGER = aliased(Person, name="manager")

_DEADLINE = func.coalesce(Dispute.defunds_on, literal(_NEVER))
_ORDERS: dict[DisputeOrder, tuple[tuple[Any, ...], bool]] = {
    DisputeOrder.LATEST: ((Dispute.id,), False),
    DisputeOrder.OLDEST: ((Dispute.opened_on, Dispute.id), True),
    DisputeOrder.DEADLINE: ((_DEADLINE, Dispute.id), True),
    DisputeOrder.LARGEST: ((Dispute.amount_minor, Dispute.id), False),
    DisputeOrder.SMALLEST: ((Dispute.amount_minor, Dispute.id), True),
}


def _by_id(row: DisputeRow) -> Key:
    return (row.id,)


def _by_age(row: DisputeRow) -> Key:
    return row.opened_on, row.id


def _by_deadline(row: DisputeRow) -> Key:
    return row.defunds_on or _NEVER, row.id


def _by_amount(row: DisputeRow) -> Key:
    return row.amount_minor, row.id


_KEYS = {
    DisputeOrder.LATEST: _by_id,
    DisputeOrder.OLDEST: _by_age,
    DisputeOrder.DEADLINE: _by_deadline,
    DisputeOrder.LARGEST: _by_amount,
    DisputeOrder.SMALLEST: _by_amount,
}


def _rows() -> Select[*tuple[Any, ...]]:
    return _joined(
        select(
            Dispute.id, Dispute.receivable_id, Receivable.number, Dispute.contract_id,
            Contract.reference.label("contract_reference"), Contract.currency,
            Receivable.client_id, _SELLER.name.label("client_name"), Receivable.debtor_id,
            _DEBTOR.name.label("debtor_name"), Receivable.due_date, Receivable.open_minor,
            Dispute.amount_minor, Dispute.reason, Dispute.comment, Dispute.opened_on,
            Dispute.opened_by, Dispute.defunds_on,
            func.coalesce(Follow.person_id, Client.account_manager_id).label("owner_id"),
            func.coalesce(_FOLLOWER.name, _MANAGER.name).label("owner_name"),
            Dispute.ended_by, Dispute.outcome,
        )
    )  # fmt: skip


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    follows = and_(Follow.receivable_id == Dispute.receivable_id, Follow.ended_at.is_(None))
    return (
        query.select_from(Dispute)
        .join(Receivable, Receivable.id == Dispute.receivable_id)
        .join(Contract, Contract.id == Dispute.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .join(_SELLER, _SELLER.id == Client.company_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .join(_DEBTOR, _DEBTOR.id == Debtor.company_id)
        .outerjoin(Follow, follows)
        .outerjoin(_FOLLOWER, _FOLLOWER.id == Follow.person_id)
        .outerjoin(_MANAGER, _MANAGER.id == Client.account_manager_id)
    )


def _matching(query: Select[*tuple[Any, ...]], wanted: DisputeFilter) -> Any:
    conditions: list[ColumnElement[bool]] = []
    if wanted.is_open is not None:
        ended = Dispute.ended_at
        conditions.append(ended.is_(None) if wanted.is_open else ended.is_not(None))
    if wanted.reason is not None:
        conditions.append(Dispute.reason == wanted.reason.value)
    if wanted.contract_id is not None:
        conditions.append(Dispute.contract_id == wanted.contract_id)
    if wanted.manager_id is not None:
        conditions.append(Client.account_manager_id == wanted.manager_id)
    if wanted.owner_id is not None:
        by_client = and_(Follow.person_id.is_(None), Client.account_manager_id == wanted.owner_id)
        conditions.append(or_(Follow.person_id == wanted.owner_id, by_client))
    if wanted.older_than_days is not None:
        conditions.append(Dispute.opened_on < wanted.on - timedelta(days=wanted.older_than_days))
    if wanted.amount_from_minor is not None:
        conditions.append(Dispute.amount_minor >= wanted.amount_from_minor)
    if wanted.amount_to_minor is not None:
        conditions.append(Dispute.amount_minor <= wanted.amount_to_minor)
    if wanted.number is not None:
        key = number_key(wanted.number)
        conditions.append(Receivable.number_key.startswith(key, autoescape=True))
    conditions += [
        column.in_(ids)
        for column, ids in ((Receivable.debtor_id, wanted.debtor_ids),
                            (Contract.client_id, wanted.client_ids))
        if ids is not None
    ]  # fmt: skip
    return query.where(*conditions, *_deadline(wanted))


def _deadline(wanted: DisputeFilter) -> Collection[ColumnElement[bool]]:
    near = wanted.on + timedelta(days=NEAR_DAYS) if wanted.deadline else wanted.on
    match wanted.deadline:
        case Deadline.PASSED:
            return [Dispute.defunds_on <= wanted.on]
        case Deadline.NEAR:
            return [Dispute.defunds_on > wanted.on, Dispute.defunds_on <= near]
        case Deadline.FAR:
            return [near < _DEADLINE]
    return []


def _row(found: Any) -> DisputeRow:
    facts: dict[str, Any] = dict(found._mapping)
    facts["reason"] = DisputeReason(facts["reason"])
    facts["outcome"] = DisputeOutcome(facts["outcome"]) if facts["outcome"] else None
    return DisputeRow(**facts)
