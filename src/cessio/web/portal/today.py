"""Today: how much can I draw, what have I received, what do I owe an explanation for."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from cessio.funding import queries as funding
from cessio.funding.rules import DrawdownStateName
from cessio.identity import Permission
from cessio.web import explaining
from cessio.web.forms import Form
from cessio.web.guards import client_user
from cessio.web.portal.scope import scope_of
from cessio.web.render import render
from cessio.web.requests import AnyRequest, Db, On, Who

LINES = "/portal/invoices/withheld"


@get("/portal", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_today(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """One number, why, and the button."""
    scope = scope_of(request, session, signed)
    found = funding.availability(session, contract_id=scope.contract.id, on=on)
    lines = f"{LINES}/{scope.contract.id}"
    return render(
        request, "portal/today/show_today.html", scope=scope, found=found, on=on,
        steps=explaining.steps(found, lines_url=lines),
        withheld=explaining.withheld(found, lines_url=lines),
        drawdowns=funding.drawdowns(session, contract_id=scope.contract.id, limit=5),
        may_draw=signed.may(Permission.OWN_DRAW),
        form=Form(), waiting=DrawdownStateName.REQUESTED,
    )  # fmt: skip


HANDLERS = [show_today]
