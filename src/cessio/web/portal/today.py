"""Today: how much can I draw, why, what came in, what needs me."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.cash import queries as cash
from cessio.funding import queries as funding
from cessio.funding.queries.paid import paid_out
from cessio.identity import Permission
from cessio.kernel.calendar import previous_month
from cessio.kernel.paging import PageRequest
from cessio.limits import queries as limits
from cessio.receivables import queries as receivables
from cessio.receivables.rules import RemittanceState
from cessio.statements.queries import monthly_costs
from cessio.statements.rules import MonthCost
from cessio.web import explaining
from cessio.web.forms import Form
from cessio.web.guards import client_user
from cessio.web.portal.funding import cost_of_all
from cessio.web.portal.needs import needs
from cessio.web.portal.scope import scope_of
from cessio.web.render import render
from cessio.web.requests import AnyRequest, CountsOn, Db, On, Who

LINES = "/portal/invoices/withheld"
#: How long ago a payment of a debtor is still news.
LATELY = timedelta(days=14)
#: For how many weeks is told what will be released.
WEEKS = 3
#: The week of "received this week": today and the six days before.
WEEK = timedelta(days=6)


@get("/portal", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_today(
    request: AnyRequest, session: Db, signed: Who, on: On, counts_on: CountsOn
) -> Response[Any]:
    """One number, why, and the button; then what came in and what waits."""
    scope = scope_of(request, session, signed)
    contract_id = scope.contract.id
    found = funding.availability(session, contract_id=contract_id, on=on, counts_on=counts_on)
    lines = f"{LINES}/{contract_id}"
    remittances = receivables.remittances(
        session, PageRequest(5), client_id=scope.client_id, contract_id=contract_id,
        states=(RemittanceState.SUBMITTED,),
    )  # fmt: skip
    cost, so_far = _costs(session, contract_id, on)
    return render(
        request, "portal/today/show_today.html", scope=scope, found=found, on=on, form=Form(),
        steps=explaining.steps(found, lines_url=lines),
        withheld=explaining.withheld(found, lines_url=lines, most=3),
        drawdowns=funding.drawdowns(session, contract_id=contract_id, limit=5),
        received=cash.received_lately(session, contract_id=contract_id, since=on - LATELY, limit=6),
        expiring=limits.expiring_limits(session, on=on, client_id=scope.client_id)[:5],
        needs=needs(
            session, found, client_id=scope.client_id, contract_id=contract_id, lines_url=lines,
            on=on,
        ),
        cost=cost, so_far=so_far, coming=_coming(session, contract_id, on),
        cost_of_all=cost_of_all(session, scope, found, on, counts_on),
        paid=paid_out(session, contract_id=contract_id, since=on - WEEK),
        from_debtors=cash.received_since(session, contract_id=contract_id, since=on - WEEK),
        examined=remittances.rows, may_draw=signed.may(Permission.OWN_DRAW),
        may_prepare=signed.may(Permission.OWN_PREPARE),
    )  # fmt: skip


def _costs(session: Session, contract_id: int, on: date) -> tuple[MonthCost, MonthCost]:
    """What the last whole month cost, and this one so far: its financing is charged at its end."""
    last = previous_month(on)
    found = monthly_costs(session, contract_id=contract_id, from_on=last.start, to_on=on)
    return found[0], found[-1]


def _coming(session: Session, contract_id: int, on: date) -> list[funding.Release]:
    """What becomes available by the end of this week and of those after it; weeks that add none
    are left out."""
    ends = [on + timedelta(days=6 - on.weekday()) + timedelta(weeks=week) for week in range(WEEKS)]
    found = funding.releases(session, contract_id=contract_id, on=on, until=ends)
    before = [None, *found]
    return [
        one for one, was in zip(found, before, strict=False)
        if one.paid_minor + one.fund_minor > (was.paid_minor + was.fund_minor if was else 0)
    ]  # fmt: skip


HANDLERS = [show_today]
