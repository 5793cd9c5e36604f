"""What lists of receivables are narrowed by, and in which order they come; each by an index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    all_,
    and_,
    any_,
    case,
    column,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    table,
    tuple_,
)
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract, ExcludedDebtor
from cessio.contracts.queries import parts_of_all
from cessio.contracts.rules import IneligibleReason
from cessio.limits.models import CoverPosition, ReceivableCover
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Dispute, Follow, Hold, Receivable
from cessio.receivables.rules import HOLDABLE, number_key

#: The view of the cover of open invoices now (migrations/sql/50_cover.sql).
COVER = table("invoice_cover", column("receivable_id"), column("covered_minor"))


class Status(StrEnum):
    """How receivables are told apart in lists."""

    OPEN = "open"
    OVERDUE = "overdue"
    DISPUTED = "disputed"
    HELD = "held"
    CLOSED = "closed"
    REVERSED = "reversed"
    ANY = "any"


class Order(StrEnum):
    """RECENT: last assigned first. DUE and DUE_LAST read only what is open."""

    RECENT = "recent"
    FIRST = "first"
    DUE = "due"
    DUE_LAST = "due_last"
    NUMBER = "number"
    LARGEST = "largest"
    SMALLEST = "smallest"


class Age(StrEnum):
    """Bands of the aged balance: not due yet, or so many days late."""

    NOT_DUE = "not_due"
    UP_TO_30 = "1-30"
    UP_TO_60 = "31-60"
    UP_TO_90 = "61-90"
    OVER_90 = "90+"


#: Days late from and to, both included; None: without end.
AGES: dict[Age, tuple[int | None, int | None]] = {
    Age.NOT_DUE: (None, 0),
    Age.UP_TO_30: (1, 30),
    Age.UP_TO_60: (31, 60),
    Age.UP_TO_90: (61, 90),
    Age.OVER_90: (91, None),
}

#: What an invoice can be searched as withheld for: marks of people, or what its dates say.
SEARCHABLE = tuple(
    reason for reason in IneligibleReason
    if reason in HOLDABLE or reason in (
        IneligibleReason.DEBTOR_INSOLVENT, IneligibleReason.DEBTOR_EXCLUDED,
        IneligibleReason.OVERDUE, IneligibleReason.TOO_OLD, IneligibleReason.NOT_YET_DELIVERED,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivableFilter:
    """Which receivables to list; ``on`` is the day that decides what is overdue.

    ``number`` matches from the beginning, whatever the spelling, and puts numbers in order.
    ``hold_reason`` keeps what is held for it, ``withheld`` what is ineligible for it by a hold, its
    dates or its debtor; ``contract_reference`` the contracts whose reference begins so;
    ``follower_id`` what a person follows, ``manager_id`` the clients of an account manager. Give
    ``client_id`` for the portal.
    """

    on: date
    status: Status = Status.OPEN
    order: Order = Order.RECENT
    client_id: int | None = None
    client_ids: tuple[int, ...] | None = None
    contract_id: int | None = None
    contract_reference: str | None = None
    manager_id: int | None = None
    debtor_id: int | None = None
    debtor_ids: tuple[int, ...] | None = None
    siren: str | None = None
    number: str | None = None
    amount_minor: int | None = None
    amount_from_minor: int | None = None
    amount_to_minor: int | None = None
    kind: str | None = None
    age: Age | None = None
    due_from: date | None = None
    due_to: date | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    assigned_from: date | None = None
    assigned_to: date | None = None
    remittance_id: int | None = None
    hold_reason: str | None = None
    withheld: IneligibleReason | None = None
    dispute_reason: str | None = None
    follower_id: int | None = None
    unfollowed: bool = False
    uncovered: bool = False


def matching(session: Session, query: Any, wanted: ReceivableFilter) -> Any:
    """A query over ``Receivable`` narrowed to what is wanted."""
    conditions = [*_facts(wanted), *_parties(session, wanted), *_standing(wanted), *_marks(wanted)]
    if wanted.uncovered:
        query, uncovered = _uncovered(query)
        conditions += uncovered
    if wanted.withheld is not None:
        conditions += _withheld(session, wanted.withheld, wanted.on)
    return query.where(*conditions)


def columns_of(wanted: ReceivableFilter) -> tuple[tuple[Any, ...], bool]:
    """The sort columns, and whether they ascend: numbers looked for come in their order."""
    model, order = Receivable, wanted.order
    if wanted.number is not None and order is Order.RECENT:
        order = Order.NUMBER
    columns: dict[Order, Any] = {
        Order.DUE: model.due_date, Order.DUE_LAST: model.due_date, Order.NUMBER: model.number_key,
        Order.LARGEST: model.amount_minor, Order.SMALLEST: model.amount_minor,
    }  # fmt: skip
    ascending = order in (Order.FIRST, Order.DUE, Order.NUMBER, Order.SMALLEST)
    return (*filter(_given, (columns.get(order),)), model.id), ascending


def ordered(query: Any, wanted: ReceivableFilter, *, forwards: bool) -> Any:
    """The query in its order.

    What is late is old: to look for it from the newest on would read most of the book, so it is
    found by its date and then sorted (an expression has no index to walk).
    """
    columns, _ascending = columns_of(wanted)
    if len(columns) == 1 and _is_of_the_late(wanted):
        columns = (Receivable.id + 0,)
    return query.order_by(*(one.asc() if forwards else one.desc() for one in columns))


def _is_of_the_late(wanted: ReceivableFilter) -> bool:
    return (
        wanted.status is Status.OVERDUE
        or wanted.age not in (None, Age.NOT_DUE)
        or wanted.withheld in _LIMITS
        or (wanted.due_to is not None and wanted.due_to < wanted.on)
        or _is_of_a_month(wanted)
    )


def _is_of_a_month(wanted: ReceivableFilter) -> bool:
    first, last = wanted.issued_from, wanted.issued_to
    return first is not None and last is not None and (last - first).days <= 31


def _given(value: Any) -> bool:
    return value is not None


def _facts(wanted: ReceivableFilter) -> list[Any]:
    model = Receivable
    equal = {
        model.contract_id: wanted.contract_id, model.debtor_id: wanted.debtor_id,
        model.amount_minor: wanted.amount_minor, model.kind: wanted.kind,
        model.remittance_id: wanted.remittance_id,
    }  # fmt: skip
    ranges = {
        model.due_date: (wanted.due_from, wanted.due_to),
        model.issue_date: (wanted.issued_from, wanted.issued_to),
        model.assigned_on: (wanted.assigned_from, wanted.assigned_to),
        model.amount_minor: (wanted.amount_from_minor, wanted.amount_to_minor),
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    conditions += [column >= low for column, (low, _) in ranges.items() if low is not None]
    conditions += [column <= high for column, (_, high) in ranges.items() if high is not None]
    if wanted.number is not None:
        key = number_key(wanted.number)
        conditions.append(model.number_key.startswith(key, autoescape=True))
    if wanted.age is not None:
        conditions += _of_age(wanted)
    return conditions


def _of_age(wanted: ReceivableFilter) -> list[Any]:
    assert wanted.age is not None
    least, most = AGES[wanted.age]
    days = wanted.on.toordinal()
    conditions: list[Any] = [Receivable.open_minor > 0]
    if least is not None:
        conditions.append(Receivable.due_date <= date.fromordinal(days - least))
    if most is not None:
        conditions.append(Receivable.due_date >= date.fromordinal(days - most))
    return conditions


def _parties(session: Session, wanted: ReceivableFilter) -> list[Any]:
    model, contract = Receivable, Contract
    conditions: list[Any] = []
    under: list[Any] = []
    if wanted.client_id is not None:
        under.append(contract.client_id == wanted.client_id)
    if wanted.client_ids is not None:
        under.append(contract.client_id.in_(wanted.client_ids))
    if wanted.contract_reference is not None:
        called = wanted.contract_reference.strip().upper()
        under.append(contract.reference.startswith(called, autoescape=True))
    if wanted.manager_id is not None:
        under.append(Client.account_manager_id == wanted.manager_id)
    if under:
        conditions.append(_under(session, under))
    if wanted.debtor_ids is not None:
        conditions.append(model.debtor_id.in_(wanted.debtor_ids))
    if wanted.siren is not None:
        conditions.append(model.debtor_id == _debtor_of(wanted.siren))
    return conditions


def _under(session: Session, conditions: list[Any]) -> Any:
    """Receivables under some contracts, whose ids are read first.

    A semi-join would look the contract and the client of each invoice up; and of ids it does not
    know, the planner cannot tell that there are few or none, and walks the book to find them.
    """
    found = select(Contract.id).join(Client, Client.id == Contract.client_id).where(*conditions)
    ids = session.scalars(found).all()
    return Receivable.contract_id == any_(literal(ids, _IDS)) if ids else false()


def _debtor_of(siren: str) -> Any:
    return (
        select(Debtor.id)
        .join(Company, Company.id == Debtor.company_id)
        .where(Company.siren == siren)
        .scalar_subquery()
    )


def _standing(wanted: ReceivableFilter) -> list[Any]:
    model = Receivable
    is_open = model.closed_on.is_(None)
    by_status: dict[Status, Callable[[], list[Any]]] = {
        Status.OPEN: lambda: [is_open],
        Status.OVERDUE: lambda: [is_open, model.due_date < wanted.on, model.open_minor > 0],
        Status.DISPUTED: lambda: [is_open, _disputed()],
        Status.HELD: lambda: [is_open, _held()],
        Status.CLOSED: lambda: [model.closed_on.is_not(None), model.reversed_at.is_(None)],
        Status.REVERSED: lambda: [model.reversed_at.is_not(None)],
        Status.ANY: list,
    }
    conditions = by_status[wanted.status]()
    only_open = wanted.order in (Order.DUE, Order.DUE_LAST) or wanted.age or wanted.withheld
    if only_open and not any(one is is_open for one in conditions):
        conditions.append(is_open)
    return conditions


def _marks(wanted: ReceivableFilter) -> list[Any]:
    model = Receivable
    conditions: list[Any] = []
    if wanted.hold_reason is not None:
        conditions.append(_held(wanted.hold_reason))
    if wanted.dispute_reason is not None:
        conditions.append(_disputed(wanted.dispute_reason))
    follows = select(Follow.receivable_id).where(Follow.ended_at.is_(None))
    if wanted.follower_id is not None:
        conditions.append(_among(follows.where(Follow.person_id == wanted.follower_id)))
    if wanted.unfollowed:
        conditions.append(~exists().where(Follow.receivable_id == model.id,
                                          Follow.ended_at.is_(None)))  # fmt: skip
    return conditions


def _uncovered(query: Any) -> tuple[Any, list[Any]]:
    """The query with what decides an invoice's cover, and that some of it is not covered.

    As the view ``invoice_cover`` has it, without reading the book a second time for the view.
    """
    model, dispute = Receivable, Dispute.__table__.alias("open_dispute")
    query = (
        query.outerjoin(CoverPosition, (CoverPosition.contract_id == model.contract_id)
                        & (CoverPosition.debtor_id == model.debtor_id))
        .outerjoin(ReceivableCover, ReceivableCover.receivable_id == model.id)
        .outerjoin(dispute, (dispute.c.receivable_id == model.id) & dispute.c.ended_at.is_(None))
    )  # fmt: skip
    covered = case(
        (CoverPosition.is_full, model.open_minor - func.coalesce(dispute.c.amount_minor, 0)),
        else_=func.coalesce(ReceivableCover.covered_minor, 0),
    )
    return query, [model.open_minor > 0, model.open_minor > covered]


def _among(marked: Any) -> Any:
    """Receivables that carry a mark: few ids read first, then each by its key.

    A semi-join would let the planner walk the whole book for them.
    """
    return Receivable.id == any_(func.array(marked.scalar_subquery()))


def _held(reason: str | None = None) -> Any:
    held = select(Hold.receivable_id).where(Hold.ended_at.is_(None))
    return _among(held if reason is None else held.where(Hold.reason == reason))


def _disputed(reason: str | None = None) -> Any:
    found = select(Dispute.receivable_id).where(Dispute.ended_at.is_(None))
    return _among(found if reason is None else found.where(Dispute.reason == reason))


def _withheld(session: Session, reason: IneligibleReason, on: date) -> list[Any]:
    """Open invoices that a reason catches on its own: a hold, their debtor, or their dates."""
    model = Receivable
    conditions: list[Any] = [model.open_minor > 0]
    if reason in HOLDABLE:
        return [*conditions, _held(reason.value)]
    if reason is IneligibleReason.DEBTOR_INSOLVENT:
        insolvent = session.scalars(select(Debtor.id).where(Debtor.insolvent_on <= on)).all()
        return [*conditions, model.debtor_id.in_(insolvent)]
    if reason is IneligibleReason.DEBTOR_EXCLUDED:
        pairs = select(ExcludedDebtor.contract_id, ExcludedDebtor.debtor_id).where(
            ExcludedDebtor.ended_at.is_(None)
        )
        found = [tuple(pair) for pair in session.execute(pairs)]
        return [*conditions, tuple_(model.contract_id, model.debtor_id).in_(found)]
    if reason is IneligibleReason.NOT_YET_DELIVERED:
        return [*conditions, model.issue_date > on]
    return [*conditions, _by_terms(session, reason, on)]


#: The days of the terms that a reason goes by, and the date they are counted from.
_LIMITS: dict[IneligibleReason, tuple[str, Any]] = {
    IneligibleReason.OVERDUE: ("overdue_days_ineligible", Receivable.due_date),
    IneligibleReason.TOO_OLD: ("invoice_age_days_ineligible", Receivable.issue_date),
}


def _by_terms(session: Session, reason: IneligibleReason, on: date) -> Any:
    """What the terms in force say of an invoice's dates: contracts of one limit together.

    Most contracts have the same limit: they are told as all but the others, so that the index of
    the date is what is read.
    """
    if reason not in _LIMITS:
        return false()
    name, dated = _LIMITS[reason]
    alike: dict[int | None, list[int]] = {}
    held = parts_of_all(session, on, name, "ineligible_reasons")
    for contract_id, (limit, reasons) in held.items():
        alike.setdefault(limit if reason.value in reasons else None, []).append(contract_id)
    most = max(alike, key=lambda days: len(alike[days]), default=None)
    caught = []
    for days, contracts in alike.items():
        if days is None:
            continue
        if days == most:
            others = [one for key, ids in alike.items() if key != days for one in ids]
            of_them = Receivable.contract_id != all_(literal(others, _IDS))
        else:
            of_them = Receivable.contract_id == any_(literal(contracts, _IDS))
        caught.append(and_(dated < on - timedelta(days=days), of_them))
    if not caught:
        return false()
    latest = on - timedelta(days=min(days for days in alike if days is not None))
    return and_(dated < latest, or_(*caught))


_IDS = ARRAY(BigInteger)
