"""Lists of receivables by keyset, fast in a book of millions, and their totals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Select,
    any_,
    bindparam,
    column,
    exists,
    func,
    select,
    table,
)
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.paging import Key, Page, PageRequest, page_of
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Dispute, Hold, Receivable
from cessio.receivables.rules import number_key

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
    """RECENT: last assigned first. DUE: by due date; reads only what is open."""

    RECENT = "recent"
    DUE = "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivableFilter:
    """Which receivables to list; ``on`` is the day that decides what is overdue.

    ``number`` matches from the beginning, whatever the spelling, and puts numbers in order.
    ``hold_reason`` keeps what is held for it, ``contract_reference`` the contracts whose reference
    begins so. Give ``client_id`` for the portal.
    """

    on: date
    status: Status = Status.OPEN
    order: Order = Order.RECENT
    client_id: int | None = None
    contract_id: int | None = None
    contract_reference: str | None = None
    debtor_id: int | None = None
    siren: str | None = None
    number: str | None = None
    amount_minor: int | None = None
    kind: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    assigned_from: date | None = None
    assigned_to: date | None = None
    remittance_id: int | None = None
    hold_reason: str | None = None
    uncovered: bool = False


@dataclass(frozen=True, slots=True)
class ReceivableRow:
    """A receivable in a list; amounts signed, in the contract's currency."""

    id: int
    number: str
    kind: str
    contract_id: int
    contract_reference: str
    currency: str
    client_id: int
    client_name: str
    debtor_id: int
    debtor_name: str
    debtor_siren: str | None
    issue_date: date
    due_date: date
    assigned_on: date
    amount_minor: int
    open_minor: int
    covered_minor: int
    disputed_minor: int
    hold_reasons: tuple[str, ...]
    closed_on: date | None
    reversed_at: datetime | None

    def days_overdue(self, on: date) -> int:
        """Days past due of an open invoice; 0 when it is not late."""
        return max(0, (on - self.due_date).days) if self.open_minor > 0 else 0


@dataclass(frozen=True, slots=True)
class ReceivableTotals:
    """What a filter finds altogether. Amounts are per currency."""

    count: int
    amount_minor: dict[str, int]
    open_minor: dict[str, int]


def receivables(
    session: Session, request: PageRequest, wanted: ReceivableFilter
) -> Page[ReceivableRow]:
    """A page of receivables. The cost does not grow with the book or the depth of the page."""
    columns, key_of, ascending = _ordering(wanted)
    query = _matching(select(Receivable.id), wanted)
    forwards = ascending is not request.backwards
    if request.key is not None:
        row = func.row(*columns) if len(columns) > 1 else columns[0]
        key = func.row(*request.key[:2]) if len(columns) > 1 else request.key[0]
        query = query.where(row > key if forwards else row < key)
    ordered = [column.asc() if forwards else column.desc() for column in columns]
    ids = list(session.scalars(query.order_by(*ordered).limit(request.fetch)))
    rows = {row.id: row for row in rows_of(session, ids)}
    return page_of([rows[receivable_id] for receivable_id in ids], request, key_of)


def _ordering(
    wanted: ReceivableFilter,
) -> tuple[tuple[Any, ...], Callable[[ReceivableRow], Key], bool]:
    """The sort columns, a row's key, and whether it ascends: numbers looked for come in order."""
    if wanted.number is not None:
        return (Receivable.number_key, Receivable.id), _number_key, True
    if wanted.order is Order.DUE:
        return (Receivable.due_date, Receivable.id), _due_key, True
    return (Receivable.id,), _recent_key, False


def receivable_totals(session: Session, wanted: ReceivableFilter) -> ReceivableTotals:
    """Count and sums of everything the filter finds (reads all of it)."""
    query = _matching(
        select(
            Contract.currency,
            func.count(),
            func.sum(Receivable.amount_minor),
            func.sum(Receivable.open_minor),
        ).join(Contract, Contract.id == Receivable.contract_id),
        wanted,
    ).group_by(Contract.currency)
    rows = list(session.execute(query))
    return ReceivableTotals(
        sum(row[1] for row in rows),
        {row[0]: int(row[2]) for row in rows},
        {row[0]: int(row[3]) for row in rows},
    )


def rows_of(session: Session, receivable_ids: list[int]) -> list[ReceivableRow]:
    """The rows of some receivables, by id."""
    return [_row(row) for row in session.execute(_by_ids(), {"ids": receivable_ids})]


@cache
def _by_ids() -> Select[*tuple[Any, ...]]:
    debtor, seller = Company.__table__.alias("debtor_company"), Company.__table__.alias("seller")
    disputed = (
        select(func.coalesce(func.sum(Dispute.amount_minor), 0))
        .where(Dispute.receivable_id == Receivable.id, Dispute.ended_at.is_(None))
        .scalar_subquery()
    )
    held = (
        select(func.array_agg(Hold.reason))
        .where(Hold.receivable_id == Receivable.id, Hold.ended_at.is_(None))
        .scalar_subquery()
    )
    return (
        select(
            Receivable.id, Receivable.number, Receivable.kind, Receivable.contract_id,
            Contract.reference.label("contract_reference"), Contract.currency,
            Receivable.client_id, seller.c.name.label("client_name"), Receivable.debtor_id,
            debtor.c.name.label("debtor_name"), debtor.c.siren.label("debtor_siren"),
            Receivable.issue_date, Receivable.due_date, Receivable.assigned_on,
            Receivable.amount_minor, Receivable.open_minor,
            func.coalesce(COVER.c.covered_minor, 0).label("covered_minor"),
            disputed.label("disputed_minor"), held.label("hold_reasons"), Receivable.closed_on,
            Receivable.reversed_at,
        )
        .join(Contract, Contract.id == Receivable.contract_id)
        .join(Client, Client.id == Receivable.client_id)
        .join(seller, seller.c.id == Client.company_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .join(debtor, debtor.c.id == Debtor.company_id)
        .outerjoin(COVER, COVER.c.receivable_id == Receivable.id)
        .where(Receivable.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    )  # fmt: skip


def _row(found: Any) -> ReceivableRow:
    facts: dict[str, Any] = dict(found._mapping)
    facts["disputed_minor"] = int(facts["disputed_minor"])  # a sum of bigints is numeric
    return ReceivableRow(**{**facts, "hold_reasons": tuple(facts["hold_reasons"] or ())})


def _matching(query: Select[*tuple[Any, ...]], wanted: ReceivableFilter) -> Any:
    model = Receivable
    equal = {
        model.contract_id: wanted.contract_id,
        model.debtor_id: wanted.debtor_id, model.amount_minor: wanted.amount_minor,
        model.kind: wanted.kind, model.remittance_id: wanted.remittance_id,
    }  # fmt: skip
    ranges = {
        model.due_date: (wanted.due_from, wanted.due_to),
        model.issue_date: (wanted.issued_from, wanted.issued_to),
        model.assigned_on: (wanted.assigned_from, wanted.assigned_to),
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    conditions += [column >= low for column, (low, _) in ranges.items() if low is not None]
    conditions += [column <= high for column, (_, high) in ranges.items() if high is not None]
    if wanted.client_id is not None:
        conditions.append(model.contract_id.in_(_contracts_of(wanted.client_id)))
    if wanted.contract_reference is not None:
        conditions.append(model.contract_id.in_(_contracts_called(wanted.contract_reference)))
    if wanted.number is not None:
        key = number_key(wanted.number)
        conditions.append(model.number_key.startswith(key, autoescape=True))
    if wanted.siren is not None:
        conditions.append(model.debtor_id == _debtor_of(wanted.siren))
    return query.where(*conditions, *_standing(wanted))


def _contracts_of(client_id: int) -> Any:
    return select(Contract.id).where(Contract.client_id == client_id)


def _contracts_called(reference: str) -> Any:
    called = Contract.reference.startswith(reference.strip().upper(), autoescape=True)
    return select(Contract.id).where(called)


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
    disputed = exists().where(Dispute.receivable_id == model.id, Dispute.ended_at.is_(None))
    held = exists().where(Hold.receivable_id == model.id, Hold.ended_at.is_(None))
    by_status: dict[Status, list[Any]] = {
        Status.OPEN: [is_open],
        Status.OVERDUE: [is_open, model.due_date < wanted.on, model.open_minor > 0],
        Status.DISPUTED: [is_open, disputed],
        Status.HELD: [is_open, held],
        Status.CLOSED: [model.closed_on.is_not(None), model.reversed_at.is_(None)],
        Status.REVERSED: [model.reversed_at.is_not(None)],
        Status.ANY: [],
    }
    conditions = list(by_status[wanted.status])
    if wanted.order is Order.DUE and is_open not in conditions:
        conditions.append(is_open)
    if wanted.hold_reason is not None:
        conditions.append(held.where(Hold.reason == wanted.hold_reason))
    if wanted.uncovered:
        covered = exists(COVER).where(
            COVER.c.receivable_id == model.id, COVER.c.covered_minor >= model.open_minor
        )
        conditions += [model.open_minor > 0, ~covered]
    return conditions


def _recent_key(row: ReceivableRow) -> Key:
    return (row.id,)


def _due_key(row: ReceivableRow) -> Key:
    return row.due_date, row.id


def _number_key(row: ReceivableRow) -> Key:
    return number_key(row.number), row.id
