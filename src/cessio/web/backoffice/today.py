"""Today: what waits for somebody, and the whole portfolio at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.approvals import queries as approvals
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
from cessio.plumbing.jobs.queries import dead_jobs
from cessio.receivables import queries as receivables
from cessio.receivables.rules import RemittanceState
from cessio.settlement import queries as settlement
from cessio.web import explaining
from cessio.web.backoffice.waiting import why_it_waits
from cessio.web.guards import staff
from cessio.web.render import render
from cessio.web.requests import AnyRequest, Db, On, Who

#: A queue shows its oldest lines; the rest is behind its link.
SHOWN = 5


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
class Queue:
    """What waits, by kind; each is cut to what a page can carry."""

    remittances: tuple[receivables.RemittanceRow, ...]
    approvals: tuple[Any, ...]
    requests: tuple[limits.RequestRow, ...]
    disputes: dict[int, tuple[int, int]]
    releases: tuple[settlement.FundView, ...]
    jobs: list[Any]
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
    agreements = contracts.contracts(session)
    terms = contracts.terms_of_all(session, on)
    book = funding.book_availability(session, on=on)
    queue = _queue(session, signed, on, terms, book)
    kept = [one for one in agreements if one.id in book and one.ended_on is None]
    if mine:
        own = {row.id for row in _own_clients(session, signed)}
        kept = [one for one in kept if one.client_id in own]
    rows = [_row(one, terms[one.id], book[one.id], queue) for one in kept]
    return render(
        request, "backoffice/today/show_today.html", on=on, queue=queue, shown=SHOWN,
        rows=_sorted(rows, request.query_params.get("sort", "-busy")),
        totals=_totals(rows), may=_may(signed), why_it_waits=why_it_waits,
    )  # fmt: skip


def _queue(
    session: Session, signed: Signed, on: date, terms: dict[int, Terms],
    book: dict[int, Availability],
) -> Queue:  # fmt: skip
    count, minor, since = cash.unallocated(session)
    funds = settlement.funds(session, on=on, terms=terms, book=book)
    return Queue(
        remittances=receivables.remittances(
            session, PageRequest(500), states=[RemittanceState.SUBMITTED]
        ).rows,
        approvals=approvals.pending(session, not_by=signed.person_id),
        requests=limits.requests(session, open_only=True),
        disputes=receivables.open_disputes(session),
        releases=tuple(fund for fund in funds if fund.release_minor > 0),
        jobs=dead_jobs(session),
        cash_count=count, cash_minor=minor, cash_since=since,
    )  # fmt: skip


def _own_clients(session: Session, signed: Signed) -> tuple[Any, ...]:
    return parties.clients(session, page=PageRequest(500), account_manager_id=signed.person_id).rows


def _row(one: ContractView, terms: Terms, found: Availability, queue: Queue) -> PortfolioRow:
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
        sum(row.contract_id == one.id for row in queue.remittances),
        queue.disputes.get(one.id, (0, 0))[0],
        sum(row.contract_id == one.id for row in queue.requests),
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
        "limits": signed.may(Permission.DECIDE_LIMITS),
        "sign": signed.may(Permission.EDIT_CONTRACTS),
    }


HANDLERS = [show_today]
