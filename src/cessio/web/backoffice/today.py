"""Today: what waits for somebody, and the whole portfolio at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.cash import queries as cash
from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.contracts.rules import Terms
from cessio.funding import queries as funding
from cessio.funding.rules import BY_RECEIVABLE, Availability
from cessio.identity import Permission, Signed
from cessio.kernel.paging import PageRequest
from cessio.limits import queries as limits
from cessio.parties import queries as parties
from cessio.receivables import queries as receivables
from cessio.receivables.rules import RemittanceState
from cessio.settlement import queries as settlement
from cessio.web import explaining
from cessio.web.backoffice import lists, work
from cessio.web.guards import staff
from cessio.web.render import redirect, render
from cessio.web.requests import AnyRequest, Db, On, Who

#: The queue shows its most pressing lines; the rest is behind its link.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """A contract in the cockpit. Amounts in minor units of its currency.

    ``blocked_minor`` is what invoices are withheld for, ``first_reason`` the largest of it.
    """

    contract: ContractView
    terms: Terms
    found: Availability
    blocked_minor: int
    first_reason: str | None
    first_href: str | None
    remittances: int
    disputes: int
    requests: int

    @property
    def busy(self) -> int:
        """How many things wait on this contract."""
        return self.remittances + self.disputes + self.requests


@dataclass(frozen=True, slots=True)
class House:
    """What is open in the whole house, by kind."""

    remittances: tuple[receivables.RemittanceRow, ...]
    requests: tuple[limits.RequestRow, ...]
    disputes: dict[int, tuple[int, int]]
    releases: tuple[settlement.FundView, ...]
    cash_count: int
    cash_minor: int
    cash_since: date | None

    @property
    def dispute_count(self) -> int:
        """Open disputes of the whole book."""
        return sum(count for count, _ in self.disputes.values())


@get("/backoffice", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def show_today(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """The work queue, then a row per live contract; ``?mine=1`` keeps one's own clients."""
    mine = request.query_params.get("mine") == "1"
    book = _book(session, on)
    house = _house(session, book)
    waiting = list(enumerate(work.tasks(session, signed, book)))
    kept = [one for one in book.contracts if one.id in book.availability and not one.ended_on]
    if mine:
        own = {row.id for row in _own_clients(session, signed)}
        kept = [one for one in kept if one.client_id in own]
        waiting = [(place, task) for place, task in waiting if task.client_id in own]
    rows = [_row(one, book.terms[one.id], book.availability[one.id], house) for one in kept]
    everything = request.query_params.get("all") == "1"
    return render(
        request, "backoffice/today/show_today.html", on=on, house=house, mine=mine,
        waiting=waiting if everything else waiting[:SHOWN], waiting_count=len(waiting),
        rows=_sorted(rows, request.query_params.get("sort", "-busy")), at_place=work.at_place,
        totals=_totals(rows), may=_may(signed),
    )  # fmt: skip


@get("/backoffice/next", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def show_next(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """What comes next in the queue from ``?queue=`` on, for pages that lead on; else Today."""
    place = lists.asked_number(request, "queue") or 0
    waiting = work.tasks(session, signed, _book(session, on))
    follows = [(number, task) for number, task in enumerate(waiting) if task.follows]
    ahead = [one for one in follows if one[0] >= place]
    if not ahead:
        return redirect("/backoffice")
    number, task = ahead[0]
    return redirect(work.at_place(task.href, number))


def _book(session: Session, on: date) -> work.Book:
    return work.Book(
        on, contracts.contracts(session), contracts.terms_of_all(session, on),
        funding.book_availability(session, on=on),
    )  # fmt: skip


def _house(session: Session, book: work.Book) -> House:
    count, minor, since = cash.unallocated(session)
    funds = settlement.funds(session, on=book.on, terms=book.terms, book=book.availability)
    return House(
        remittances=receivables.remittances(
            session, PageRequest(500), states=[RemittanceState.SUBMITTED]
        ).rows,
        requests=limits.requests(session, open_only=True),
        disputes=receivables.open_disputes(session),
        releases=tuple(fund for fund in funds if fund.release_minor > 0),
        cash_count=count, cash_minor=minor, cash_since=since,
    )  # fmt: skip


def _own_clients(session: Session, signed: Signed) -> tuple[Any, ...]:
    return parties.clients(session, page=PageRequest(500), account_manager_id=signed.person_id).rows


def _row(one: ContractView, terms: Terms, found: Availability, house: House) -> PortfolioRow:
    blocking = sorted(
        (line for line in found.lines if line.kind in BY_RECEIVABLE and line.amount_minor < 0),
        key=lambda line: line.amount_minor,
    )
    first = blocking[0] if blocking else None
    lines_url = f"/backoffice/contracts/{one.id}/withheld"
    return PortfolioRow(
        one, terms, found, -sum(line.amount_minor for line in blocking),
        explaining.words(first) if first else None,
        explaining.href(first, lines_url) if first else None,
        sum(row.contract_id == one.id for row in house.remittances),
        house.disputes.get(one.id, (0, 0))[0],
        sum(row.contract_id == one.id for row in house.requests),
    )  # fmt: skip


_ORDERS: dict[str, Any] = {
    "client": lambda row: row.contract.client_name.casefold(),
    "available": lambda row: row.found.payable_now_minor,
    "outstanding": lambda row: row.found.outstanding_minor,
    "facility": lambda row: row.terms.facility_limit_minor,
    "blocked": lambda row: row.blocked_minor,
    "busy": lambda row: row.busy,
}


def _sorted(rows: list[PortfolioRow], sort: str) -> list[PortfolioRow]:
    order = _ORDERS.get(sort.removeprefix("-"), _ORDERS["busy"])
    by_name = sorted(rows, key=lambda row: (row.contract.client_name.casefold(), row.contract.id))
    return sorted(by_name, key=order, reverse=sort.startswith("-"))


def _totals(rows: list[PortfolioRow]) -> dict[str, dict[str, int]]:
    """Sums by currency, as one does not add euros to dollars."""
    totals: dict[str, dict[str, int]] = {}
    for row in rows:
        found = totals.setdefault(row.contract.currency, dict.fromkeys(_ORDERS, 0))
        found["outstanding"] += row.found.outstanding_minor
        found["blocked"] += row.blocked_minor
        found["available"] += row.found.payable_now_minor
        found["facility"] += row.terms.facility_limit_minor
    return totals


def _may(signed: Signed) -> dict[str, bool]:
    return {
        "remittances": signed.may(Permission.DECIDE_REMITTANCES),
        "sign": signed.may(Permission.EDIT_CONTRACTS),
    }


HANDLERS = [show_today, show_next]
