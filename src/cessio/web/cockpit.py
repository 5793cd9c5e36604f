"""The portfolio as pages, files and the API show it: a row a contract, its figures and its trend.

Up to ``LIVE_MOST`` contracts everything is computed now. A larger portfolio is ordered, and its
availability summed, by the figures kept at the end of the last day; the rows of the page are
still those of now, and the outstanding is the ledger's in both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.funding import queries as funding
from cessio.funding.queries import KeptDay
from cessio.funding.rules import BY_RECEIVABLE, Availability, Line
from cessio.reporting.queries import Waiting, outstanding_of, portfolio_contracts, waiting_work
from cessio.reporting.queries.portfolio import PortfolioContract

LIVE_MOST = 50
SHOWN = 50
TREND_DAYS = 30


@dataclass(frozen=True, slots=True)
class Figures:
    """What a row shows of a contract, minor units of its currency."""

    outstanding_minor: int = 0
    withheld_minor: int = 0
    available_minor: int = 0
    payable_minor: int = 0
    facility_minor: int = 0
    drawn_minor: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.outstanding_minor + other.outstanding_minor,
            self.withheld_minor + other.withheld_minor,
            self.available_minor + other.available_minor,
            self.payable_minor + other.payable_minor,
            self.facility_minor + other.facility_minor, self.drawn_minor + other.drawn_minor,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CockpitRow:
    """A contract in the cockpit. ``first`` is the line that withholds most, if any does.

    ``moved_minor`` is what can be drawn against the last kept day; None when none was kept.
    ``trend`` is what could be drawn at the end of each kept day, now last.
    """

    contract: PortfolioContract
    figures: Figures
    waiting: Waiting
    first: Line | None = None
    moved_minor: int | None = None
    trend: tuple[int, ...] = ()

    @property
    def busy(self) -> int:
        """How many things wait on this contract."""
        one = self.waiting
        return one.remittances + one.disputes + one.requests + one.cash


@dataclass(frozen=True, slots=True)
class Cockpit:
    """The rows shown, what all rows sum to by currency, and what the figures are of.

    ``kept_on`` is set when order and totals are of the end of that day.
    """

    rows: tuple[CockpitRow, ...]
    count: int
    totals: dict[str, Figures]
    compared_with: date | None
    kept_on: date | None = None
    next_after: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows, in which order. ``after`` is the contract that the page follows."""

    clients: tuple[int, ...] | None = None
    words: str = ""
    waiting: str = ""
    sort: str = "-busy"
    after: int | None = None
    everything: bool = False


Order = Callable[[CockpitRow], Any]
ORDERS: dict[str, Order] = {
    "client": lambda row: row.contract.client_name.casefold(),
    "available": lambda row: row.figures.payable_minor,
    "outstanding": lambda row: row.figures.outstanding_minor,
    "facility": lambda row: row.figures.drawn_minor - row.figures.facility_minor,
    "blocked": lambda row: row.figures.withheld_minor,
    "moved": lambda row: row.moved_minor or 0,
    "cash": lambda row: -(row.waiting.cash_since.toordinal() if row.waiting.cash_since else 10**7),
    "busy": lambda row: row.busy,
}

#: What a row must have waiting to be kept.
FILTERS: dict[str, Callable[[CockpitRow], bool]] = {
    "remittances": lambda row: row.waiting.remittances > 0,
    "requests": lambda row: row.waiting.requests > 0,
    "disputes": lambda row: row.waiting.disputes > 0,
    "cash": lambda row: row.waiting.cash > 0,
    "overdrawn": lambda row: row.figures.available_minor < 0,
}


def cockpit(session: Session, *, on: date, counts_on: date, wanted: Wanted) -> Cockpit:
    """The portfolio in a fixed number of statements, however many contracts it has."""
    found = [
        one for one in portfolio_contracts(session, on=on, clients=wanted.clients)
        if wanted.words.casefold() in f"{one.client_name} {one.reference}".casefold()
    ]  # fmt: skip
    before = funding.last_kept(session, before=on)
    waiting = waiting_work(session)
    kept = funding.kept_on(session, on=before) if before else {}
    live = len(found) <= LIVE_MOST or wanted.everything
    book = _live(session, on, counts_on, [one.contract_id for one in found]) if live else {}
    rows = [_row(one, book, kept, waiting) for one in found]
    rows = _ordered([row for row in rows if _fits(row, wanted.waiting)], wanted.sort)
    shown = _page(rows, wanted)
    if not live:
        now = _live(session, on, counts_on, [row.contract.contract_id for row in shown])
        shown = [_row(row.contract, now, kept, waiting) for row in shown]
    last = shown[-1].contract.contract_id if shown else None
    more = bool(shown) and last != rows[-1].contract.contract_id
    return Cockpit(
        tuple(_with_trend(session, on, shown)), len(rows), _totals(session, rows, live=live),
        before, None if live else before, last if more else None,
    )  # fmt: skip


Live = dict[int, tuple[Availability, int]]


def _live(session: Session, on: date, counts_on: date, ids: Sequence[int]) -> Live:
    """Availability and facility limit of contracts now."""
    if not ids:
        return {}
    terms = contracts.terms_of_all(session, on, contract_ids=ids)
    book = funding.book_availability(session, on=on, terms=terms, counts_on=counts_on)
    return {key: (found, terms[key].facility_limit_minor) for key, found in book.items()}


def _row(
    one: PortfolioContract, book: Live, kept: dict[int, KeptDay], waiting: dict[int, Waiting]
) -> CockpitRow:
    known, work = kept.get(one.contract_id), waiting.get(one.contract_id, Waiting())
    if one.contract_id not in book:
        figures = _as_kept(known) if known else Figures()
        return CockpitRow(one, figures, work)
    found, facility = book[one.contract_id]
    figures = Figures(
        found.outstanding_minor, found.withheld_minor, found.available_minor,
        found.payable_now_minor, facility, found.drawings_net_minor,
    )  # fmt: skip
    blocking = [line for line in found.lines if line.kind in BY_RECEIVABLE]
    first = min(blocking, key=lambda line: line.amount_minor, default=None)
    moved = found.payable_now_minor - known.payable_minor if known else None
    return CockpitRow(
        one, figures, work, first if first and first.amount_minor < 0 else None, moved
    )


def _as_kept(one: KeptDay) -> Figures:
    return Figures(one.outstanding_minor, one.withheld_minor, one.available_minor,
                   one.payable_minor, one.facility_minor, one.drawings_net_minor)  # fmt: skip


def _fits(row: CockpitRow, waiting: str) -> bool:
    return waiting not in FILTERS or FILTERS[waiting](row)


def _ordered(rows: list[CockpitRow], sort: str) -> list[CockpitRow]:
    order = ORDERS.get(sort.removeprefix("-"), ORDERS["busy"])
    by_name = sorted(rows, key=lambda row: (ORDERS["client"](row), row.contract.contract_id))
    return sorted(by_name, key=order, reverse=sort.startswith("-"))


def _page(rows: list[CockpitRow], wanted: Wanted) -> list[CockpitRow]:
    if wanted.everything:
        return rows
    places = {row.contract.contract_id: place for place, row in enumerate(rows)}
    first = places.get(wanted.after, -1) + 1 if wanted.after is not None else 0
    return rows[first : first + SHOWN]


def _with_trend(session: Session, on: date, rows: Sequence[CockpitRow]) -> list[CockpitRow]:
    ids: Collection[int] = [row.contract.contract_id for row in rows]
    since = on - timedelta(days=TREND_DAYS)
    days = funding.kept_days(session, contract_ids=ids, since=since) if ids else {}
    return [
        replace(row, trend=(*(day.payable_minor for day in days.get(row.contract.contract_id, ())),
                            row.figures.payable_minor))
        for row in rows
    ]  # fmt: skip


def _totals(session: Session, rows: Sequence[CockpitRow], *, live: bool) -> dict[str, Figures]:
    """Sums by currency, as one does not add euros to dollars; the outstanding is the ledger's."""
    totals: dict[str, Figures] = {}
    for row in rows:
        currency = row.contract.currency
        totals[currency] = totals.get(currency, Figures()) + row.figures
    if not live:
        owed = outstanding_of(session, [row.contract.contract_id for row in rows])
        for currency, sums in totals.items():
            totals[currency] = replace(sums, outstanding_minor=owed.get(currency, 0))
    return totals
