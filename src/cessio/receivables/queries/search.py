"""Lists of receivables by keyset, fast in a book of millions, and their totals."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, any_, bindparam, func, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.identity.models import Person
from cessio.kernel.paging import Key, Page, PageRequest, page_of
from cessio.ledger.models import LedgerAccount
from cessio.ledger.rules import AccountKind
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Dispute, Follow, Hold, Receivable
from cessio.receivables.queries.filters import (
    COVER,
    ReceivableFilter,
    columns_of,
    matching,
    ordered,
)
from cessio.receivables.rules import number_key


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


@dataclass(frozen=True, slots=True)
class FoundTotals:
    """The totals in the foot of a list, by currency.

    ``count`` None: the whole book (or all of a party), whose open sums are its ledger accounts'.
    ``is_cut``: there are more than ``count``, and they are not added up.
    """

    count: int | None
    amount_minor: dict[str, int]
    open_minor: dict[str, int]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Follower:
    """Who follows a receivable, since when."""

    person_id: int
    name: str
    given_at: datetime


#: A list adds up what its filter finds by itself up to so many rows; more when it is asked to.
MOST_SUMMED = 10_000


def receivables(
    session: Session, request: PageRequest, wanted: ReceivableFilter
) -> Page[ReceivableRow]:
    """A page of receivables. The cost does not grow with the book or the depth of the page."""
    columns, ascending = columns_of(wanted)
    query = matching(session, select(Receivable.id), wanted)
    forwards = ascending is not request.backwards
    if request.key is not None:
        row = func.row(*columns) if len(columns) > 1 else columns[0]
        key = func.row(*request.key[:2]) if len(columns) > 1 else request.key[0]
        query = query.where(row > key if forwards else row < key)
    ids = list(session.scalars(ordered(query, wanted, forwards=forwards).limit(request.fetch)))
    rows = {row.id: row for row in rows_of(session, ids)}
    found = [rows[receivable_id] for receivable_id in ids]
    return page_of(found, request, partial(_key, columns[0].key))


def _key(column: str, row: ReceivableRow) -> Key:
    """A row's values of the sort columns."""
    if column == "id":
        return (row.id,)
    value: Any = number_key(row.number) if column == "number_key" else getattr(row, column)
    return value, row.id


def matching_ids(session: Session, wanted: ReceivableFilter, *, most: int) -> list[int]:
    """The ids of what the filter finds, ``most`` and one more at the most, in their order."""
    _columns, ascending = columns_of(wanted)
    query = matching(session, select(Receivable.id), wanted)
    return list(session.scalars(ordered(query, wanted, forwards=ascending).limit(most + 1)))


def found_totals(session: Session, wanted: ReceivableFilter, *, all_of_it: bool = False
) -> FoundTotals:  # fmt: skip
    """The totals of a list: of its ledger accounts where it is a whole book, else of its rows.

    Beyond ``MOST_SUMMED`` rows there are none, unless ``all_of_it`` is asked for.
    """
    if _is_whole(wanted):
        return FoundTotals(None, {}, _balances(session, wanted))
    every = receivable_totals(session, wanted, most=None if all_of_it else MOST_SUMMED + 1)
    if not all_of_it and every.count > MOST_SUMMED:
        return FoundTotals(MOST_SUMMED, {}, {}, is_cut=True)
    return FoundTotals(every.count, every.amount_minor, every.open_minor)


def _is_whole(wanted: ReceivableFilter) -> bool:
    """Whether all that is open is wanted, of everybody or of one contract or debtor."""
    scope = ReceivableFilter(
        on=wanted.on, order=wanted.order, contract_id=wanted.contract_id,
        debtor_id=wanted.debtor_id,
    )  # fmt: skip
    return scope == wanted


def _balances(session: Session, wanted: ReceivableFilter) -> dict[str, int]:
    account = LedgerAccount
    query = (
        select(account.currency, func.sum(account.balance_minor))
        .where(account.kind == AccountKind.RECEIVABLE.value)
        .group_by(account.currency)
        .order_by(account.currency)
    )
    if wanted.contract_id is not None:
        query = query.where(account.contract_id == wanted.contract_id)
    if wanted.debtor_id is not None:
        query = query.where(account.debtor_id == wanted.debtor_id)
    return {currency: int(minor) for currency, minor in session.execute(query)}


def followers(session: Session, receivable_ids: Collection[int]) -> dict[int, Follower]:
    """Who follows some receivables now."""
    rows = session.execute(
        select(Follow.receivable_id, Follow.person_id, Person.name, Follow.given_at)
        .join(Person, Person.id == Follow.person_id)
        .where(Follow.receivable_id.in_(receivable_ids), Follow.ended_at.is_(None))
    )
    return {row[0]: Follower(*row[1:]) for row in rows}


def receivable_totals(
    session: Session, wanted: ReceivableFilter, *, most: int | None = None
) -> ReceivableTotals:
    """Count and sums of everything the filter finds, or of no more than ``most`` of it.

    Bounded, they are found first and then read by their keys: what dates alone say of an open
    book, the planner takes for a great part of all invoices ever, and would read them all.
    """
    sums = [func.count(), func.sum(Receivable.amount_minor), func.sum(Receivable.open_minor)]
    query = select(Contract.currency, *sums).join(Receivable, Contract.id == Receivable.contract_id)
    if most is None:
        query = matching(session, query, wanted)
    else:
        found = matching(session, select(Receivable.id), wanted)
        if wanted.uncovered:  # pair by pair, or closed ones would be read between them
            found = found.order_by(Receivable.contract_id, Receivable.debtor_id)
        some = found.limit(most).cte("some")
        query = query.join(some.prefix_with("MATERIALIZED"), some.c.id == Receivable.id)
    query = query.group_by(Contract.currency)
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
