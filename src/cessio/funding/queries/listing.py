"""Every drawdown as a list: found by state, client, day and amount, with totals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from cessio.banking.models import PaymentOrder
from cessio.contracts.models import Contract
from cessio.funding.models import Drawdown
from cessio.funding.queries.drawdowns import DrawdownView, view_of, views
from cessio.funding.rules import DrawdownStateName
from cessio.kernel.paging import Key, Page, PageRequest, page_of
from cessio.parties.models import Client, Company


class DrawdownOrder(StrEnum):
    """By the moment it was asked for, or by amount; ``-`` turns it round."""

    LATEST = "-asked"
    OLDEST = "asked"
    LARGEST = "-amount"
    SMALLEST = "amount"


@dataclass(frozen=True, slots=True)
class DrawdownFilter:
    """Which drawdowns; None means any.

    ``words`` is part of a client's name, or the reference of a contract or a payment; days are
    those it was asked on; ``not_debited`` leaves out what the bank debited; ``sent`` is whether its
    order was handed to the bank.
    """

    contract_id: int | None = None
    state: DrawdownStateName | None = None
    not_debited: bool = False
    sent: bool | None = None
    words: str | None = None
    amount_minor: int | None = None
    from_on: date | None = None
    to_on: date | None = None
    order: DrawdownOrder = DrawdownOrder.LATEST


@dataclass(frozen=True, slots=True)
class DrawdownTotal:
    """What a filter finds in one currency."""

    currency: str
    count: int
    amount_minor: int


def listed_drawdowns(
    session: Session, request: PageRequest, wanted: DrawdownFilter
) -> Page[DrawdownView]:
    """A page of drawdowns."""
    field, ascending = wanted.order.removeprefix("-"), not wanted.order.startswith("-")
    columns = (Drawdown.amount_minor, Drawdown.id) if field == "amount" else (Drawdown.id,)
    forwards = ascending is not request.backwards
    query = _matching(views(), wanted)
    if request.key is not None:
        here, there = func.row(*columns), func.row(*request.key)
        query = query.where(here > there if forwards else here < there)
    ordered = [column.asc() if forwards else column.desc() for column in columns]
    rows = session.execute(query.order_by(*ordered).limit(request.fetch))

    def key(row: DrawdownView) -> Key:
        return (row.amount_minor, row.drawdown_id) if field == "amount" else (row.drawdown_id,)

    return page_of([view_of(row) for row in rows], request, key)


def drawdown_totals(session: Session, wanted: DrawdownFilter) -> list[DrawdownTotal]:
    """Sums of everything the filter finds, by currency."""
    query = _matching(
        select(Drawdown.currency, func.count(), func.sum(Drawdown.amount_minor))
        .join(Contract, Contract.id == Drawdown.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .join(Company, Company.id == Client.company_id)
        .group_by(Drawdown.currency)
        .order_by(Drawdown.currency),
        wanted,
    )
    return [DrawdownTotal(row[0], row[1], int(row[2])) for row in session.execute(query)]


def _matching(query: Select[*tuple[Any, ...]], wanted: DrawdownFilter) -> Any:
    if wanted.contract_id is not None:
        query = query.where(Drawdown.contract_id == wanted.contract_id)
    if wanted.state is not None:
        query = query.where(Drawdown.state == wanted.state.value)
    if wanted.not_debited:
        query = query.where(Drawdown.debited_line_id.is_(None))
    if wanted.sent is not None:
        order = aliased(PaymentOrder)  # the list joins the order of each row besides
        handed = exists().where(order.id == Drawdown.order_id, order.sent_at.is_not(None))
        query = query.where(handed if wanted.sent else ~handed)
    if wanted.amount_minor is not None:
        query = query.where(Drawdown.amount_minor == wanted.amount_minor)
    if wanted.from_on is not None:
        query = query.where(Drawdown.requested_on >= wanted.from_on)
    if wanted.to_on is not None:
        query = query.where(Drawdown.requested_on <= wanted.to_on)
    if wanted.words is not None:
        named = Company.name.icontains(wanted.words, autoescape=True)
        exact = wanted.words.upper()
        query = query.where(
            or_(named, Contract.reference == exact, Drawdown.end_to_end_id == exact)
        )
    return query
