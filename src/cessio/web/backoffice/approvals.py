"""Everything that waits for a second person, in one list."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from cessio.approvals import ApprovalView
from cessio.approvals import queries as approvals
from cessio.identity import Permission
from cessio.kernel.paging import PageRequest
from cessio.parties import queries as parties
from cessio.receivables import queries as receivables
from cessio.receivables.rules import RemittanceState
from cessio.web.actors import actors
from cessio.web.guards import staff
from cessio.web.render import render
from cessio.web.requests import AnyRequest, Db, Who
from cessio.web.said import why_it_waits

_PAGES = {"drawdown": "/backoffice/funding"}


@get("/backoffice/approvals", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def list_approvals(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """What was asked of a second person, accounts to confirm, remittances to examine."""
    asked = approvals.pending(session)
    accounts = parties.accounts_to_confirm(session)
    waiting = receivables.remittances(
        session, PageRequest(100), states=[RemittanceState.SUBMITTED]
    ).rows
    by = [*(one.maker for one in asked), *(one.added_by for one, _company in accounts)]
    return render(
        request, "backoffice/approvals/list_approvals.html", asked=asked, accounts=accounts,
        waiting=waiting, names=actors(session, by), me=signed.by, href=_href,
        why_it_waits=why_it_waits, my_id=signed.person_id,
        may_confirm=signed.may(Permission.CONFIRM_ACCOUNTS),
    )  # fmt: skip


def _href(one: ApprovalView) -> str | None:
    base = _PAGES.get(one.subject_kind)
    return f"{base}/{one.subject_id}" if base else None


HANDLERS = [list_approvals]
