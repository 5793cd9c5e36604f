"""Bank lines as a list, page by page, with totals; a day's work; a payer's earlier payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine, BankStatement, FactorAccount, WaitingLine
from cessio.cash.models import CashApplication, MatchProposal, ParkedLine
from cessio.identity.models import Person
from cessio.kernel.paging import Key, Page, PageRequest, page_of
from cessio.plumbing.keyset import sorted_page

#: Applied lines are looked for in the statements of so many days, unless days are asked for.
APPLIED_DAYS = 31
#: Where lines that nobody set aside stand among those that somebody did.
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class LineState(StrEnum):
    """What of a line's money became: waits for a match, set aside, everything not applied
    (movements out too: with them it is the suspense account), applied in full."""

    MATCH = "match"
    PARKED = "parked"
    OPEN = "open"
    APPLIED = "applied"


class LineOrder(StrEnum):
    """By date, by what is left of it, by how long it is set aside; ``-`` turns it round."""

    OLDEST = "date"
    LATEST = "-date"
    SMALLEST = "amount"
    LARGEST = "-amount"
    PARKED = "parked"
    PARKED_LATELY = "-parked"


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines; None means any. ``payer`` is part of a name, or an account."""

    on: date
    state: LineState = LineState.MATCH
    order: LineOrder = LineOrder.OLDEST
    account_id: int | None = None
    from_on: date | None = None
    to_on: date | None = None
    amount_minor: int | None = None
    payer: str | None = None
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the list; ``open_minor`` is signed as the line is."""

    line_id: int
    account_name: str
    currency: str
    booked_on: date
    value_date: date
    amount_minor: int
    open_minor: int
    party_name: str | None
    party_iban: str | None
    text: str | None
    best_rate: Any
    owner_id: int | None
    owner_name: str | None
    parked_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class LineTotal:
    """What a filter finds on one of our accounts."""

    account_id: int
    account_name: str
    currency: str
    count: int
    amount_minor: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class OwnerTotal:
    """What one person holds of the lines set aside, and since when the oldest."""

    owner_id: int
    name: str
    currency: str
    count: int
    open_minor: int
    oldest: datetime


def lines(session: Session, request: PageRequest, wanted: LineFilter) -> Page[LineRow]:
    """A page of lines; what is not applied is found without reading what is."""
    columns, ascending = _order(wanted.order)
    forwards = ascending is not request.backwards
    query = _matching(_rows(), wanted)
    if request.key is not None:
        beyond = func.row(*columns), func.row(*request.key)
        query = query.where(beyond[0] > beyond[1] if forwards else beyond[0] < beyond[1])
    ordered = [column.asc() if forwards else column.desc() for column in columns]
    found = session.execute(query.order_by(*ordered).limit(request.fetch))
    return page_of([LineRow(*tuple[Any, ...](row)) for row in found], request, _key(wanted.order))


def line_totals(session: Session, wanted: LineFilter) -> list[LineTotal]:
    """Sums of everything the filter finds, by account of ours.

    Of ``LineState.OPEN`` without another filter they are the suspense account of the ledger.
    """
    query = _matching(
        select(
            FactorAccount.id, FactorAccount.name, FactorAccount.currency, func.count(),
            func.sum(BankLine.amount_minor),
            func.sum(BankLine.amount_minor - BankLine.applied_minor),
        )
        .select_from(BankLine)
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .outerjoin(ParkedLine, _parked_now())
        .group_by(FactorAccount.id, FactorAccount.name, FactorAccount.currency)
        .order_by(FactorAccount.name),
        wanted,
    )  # fmt: skip
    return [
        LineTotal(row[0], row[1], row[2], row[3], int(row[4]), int(row[5]))
        for row in session.execute(query)
    ]


def owner_totals(session: Session) -> list[OwnerTotal]:
    """Who holds how much of what is set aside, the oldest first."""
    open_minor = func.sum(BankLine.amount_minor - BankLine.applied_minor)
    oldest = func.min(ParkedLine.parked_at)
    rows = session.execute(
        select(Person.id, Person.name, FactorAccount.currency, func.count(), open_minor, oldest)
        .select_from(ParkedLine)
        .join(BankLine, BankLine.id == ParkedLine.bank_line_id)
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .join(Person, Person.id == ParkedLine.owner_id)
        .where(ParkedLine.ended_at.is_(None), BankLine.id.in_(select(WaitingLine.bank_line_id)))
        .group_by(Person.id, Person.name, FactorAccount.currency)
        .order_by(oldest)
    )
    return [OwnerTotal(row[0], row[1], row[2], row[3], int(row[4]), row[5]) for row in rows]


def earlier_of_payer(
    session: Session, *, line_id: int, name: str | None, iban: str | None, limit: int = 6
) -> list[tuple[date, int, int, str]]:
    """(booked on, line, amount, currency) of what one account, or name, paid; latest first."""
    if not (name or iban):
        return []
    same = BankLine.party_iban == iban if iban else BankLine.party_name == name
    rows = session.execute(
        select(BankLine.booked_on, BankLine.id, BankLine.amount_minor, FactorAccount.currency)
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .where(same, BankLine.id != line_id, BankLine.amount_minor > 0)
        .order_by(BankLine.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def applications_on(
    session: Session, request: PageRequest, *, on: date, by: str | None, sort: str | None = None
) -> Page[int]:
    """Ids of what was applied on a day (by one, or all), the latest first or by amount."""
    model = CashApplication
    query = select(model.id).where(model.applied_on == on)
    if by is not None:
        query = query.where(model.by == by)
    return sorted_page(
        session, query, request, sort=sort, default="-at", unique=model.id,
        sorts={"at": model.id, "amount": model.amount_minor}, read=lambda row: row[0],
    )  # fmt: skip


def applied_totals(
    session: Session, *, on: date, by: str | None
) -> tuple[int, int, dict[str, int], datetime | None, datetime | None]:
    """Of a day's applications: how many, how many undone, money by currency of those that stand,
    and the first and the last instant."""
    model = CashApplication
    undone = func.count().filter(model.undone_at.is_not(None))
    money = func.coalesce(func.sum(model.amount_minor).filter(model.undone_at.is_(None)), 0)
    currency = func.coalesce(FactorAccount.currency, "EUR")
    query = (
        select(currency, func.count(), undone, money, func.min(model.at), func.max(model.at))
        .outerjoin(BankLine, BankLine.id == model.bank_line_id)
        .outerjoin(FactorAccount, FactorAccount.id == BankLine.account_id)
        .where(model.applied_on == on)
        .group_by(currency)
    )
    if by is not None:
        query = query.where(model.by == by)
    rows = list(session.execute(query))
    return (
        sum(row[1] for row in rows), sum(row[2] for row in rows),
        {row[0]: int(row[3]) for row in rows},
        min((row[4] for row in rows), default=None), max((row[5] for row in rows), default=None),
    )  # fmt: skip


def _rows() -> Select[*tuple[Any, ...]]:
    best = (
        select(func.max(MatchProposal.confidence))
        .where(MatchProposal.bank_line_id == BankLine.id)
        .correlate(BankLine)
        .scalar_subquery()
    )
    return (
        select(
            BankLine.id, FactorAccount.name, FactorAccount.currency, BankLine.booked_on,
            BankLine.value_date, BankLine.amount_minor,
            (BankLine.amount_minor - BankLine.applied_minor).label("open_minor"),
            BankLine.party_name, BankLine.party_iban, BankLine.remittance_text, best,
            ParkedLine.owner_id, Person.name, ParkedLine.parked_at, ParkedLine.note,
        )
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .outerjoin(ParkedLine, _parked_now())
        .outerjoin(Person, Person.id == ParkedLine.owner_id)
    )  # fmt: skip


def _parked_now() -> ColumnElement[bool]:
    return and_(ParkedLine.bank_line_id == BankLine.id, ParkedLine.ended_at.is_(None))


def _matching(query: Select[*tuple[Any, ...]], wanted: LineFilter) -> Any:
    equal = {
        BankLine.account_id: wanted.account_id, BankLine.amount_minor: wanted.amount_minor,
        ParkedLine.owner_id: wanted.owner_id,
    }  # fmt: skip
    conditions: list[Any] = [
        column == value for column, value in equal.items() if value is not None
    ]
    if wanted.from_on is not None:
        conditions.append(BankLine.booked_on >= wanted.from_on)
    if wanted.to_on is not None:
        conditions.append(BankLine.booked_on <= wanted.to_on)
    if wanted.payer is not None:
        words, compact = wanted.payer.strip(), "".join(wanted.payer.split()).upper()
        named = BankLine.party_name.icontains(words, autoescape=True)
        conditions.append(or_(named, BankLine.party_iban == compact))
    return query.where(*conditions, *_standing(wanted))


def _standing(wanted: LineFilter) -> list[Any]:
    waits = BankLine.id.in_(select(WaitingLine.bank_line_id))
    if wanted.state is LineState.APPLIED:
        until = wanted.to_on or wanted.on
        since = wanted.from_on or until - timedelta(days=APPLIED_DAYS)
        received = select(BankStatement.id).where(
            BankStatement.to_on >= since, BankStatement.from_on <= until
        )
        return [BankLine.statement_id.in_(received), ~waits]
    if wanted.state is LineState.OPEN:
        return [waits]
    parked = ParkedLine.id.is_not(None)
    is_parked = parked if wanted.state is LineState.PARKED else ~parked
    return [waits, BankLine.amount_minor > 0, is_parked]


def _order(order: LineOrder) -> tuple[tuple[Any, ...], bool]:
    """The columns that sort, and whether they ascend."""
    field, ascending = order.removeprefix("-"), not order.startswith("-")
    first: Any = BankLine.booked_on
    if field == "amount":
        first = BankLine.amount_minor - BankLine.applied_minor
    elif field == "parked":
        first = func.coalesce(ParkedLine.parked_at, _NEVER)
    return (first, BankLine.id), ascending


def _key(order: LineOrder) -> Any:
    def key(row: LineRow) -> Key:
        field, first = order.removeprefix("-"), row.booked_on
        if field == "amount":
            return (row.open_minor, row.line_id)
        if field == "parked":
            return (row.parked_at or _NEVER, row.line_id)
        return (first, row.line_id)

    return key
