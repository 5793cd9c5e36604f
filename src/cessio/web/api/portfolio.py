"""The portfolio, and the figures of a contract as they were kept at the end of each day."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from cessio.funding import queries as funding
from cessio.identity import Scope
from cessio.parties import queries as parties
from cessio.web.api.machinery import asked_id, give, own_contract, scope_of
from cessio.web.cockpit import Wanted, cockpit
from cessio.web.guards import api, query_fields
from cessio.web.requests import AnyRequest, CountsOn, Db, On, Who

TAGS = ["reports"]
READ = api(Scope.REPORTS_READ)


@get("/api/v1/portfolio", guards=[READ, query_fields("after")], tags=TAGS, sync_to_thread=True)
def show_portfolio(
    request: AnyRequest,
    session: Db,
    signed: Who,
    on: On,
    counts_on: CountsOn,
    manager: FromQuery[int | None] = None,
) -> Response[bytes]:
    """A row a live contract, most at work first; totals by currency sum every row.

    ``manager`` keeps the clients that a person looks after, ``after`` continues behind a
    contract's row.
    """
    own = scope_of(signed)
    clients: tuple[int, ...] | None = (own,) if own is not None else None
    if own is None and manager is not None:
        clients = parties.clients_of(session, [manager])
    found = cockpit(session, on=on, counts_on=counts_on,
                    wanted=Wanted(clients, after=asked_id(request, "after")))  # fmt: skip
    return give({
        "rows": [
            {**asdict(row.contract), **asdict(row.figures), "waiting": row.waiting,
             "moved_minor": row.moved_minor, "trend": row.trend}
            for row in found.rows
        ],
        "totals": found.totals, "count": found.count, "compared_with": found.compared_with,
        "kept_on": found.kept_on, "next": found.next_after,
    })  # fmt: skip


@get("/api/v1/contracts/{contract_id:int}/figures", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_figures(
    session: Db, signed: Who, contract_id: FromPath[int], from_on: FromQuery[date],
    to_on: FromQuery[date],
) -> Response[bytes]:  # fmt: skip
    """The contract at the end of each kept day of a period, both days included."""
    own_contract(session, signed, contract_id)
    found = funding.kept_days(session, contract_ids=[contract_id], since=from_on, until=to_on)
    return give({"days": found.get(contract_id, ())})


HANDLERS = [show_portfolio, list_figures]
