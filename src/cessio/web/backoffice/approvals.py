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
from cessio.web.backoffice.work_words import APPROVAL_PAGES
from cessio.web.guards import staff
from cessio.web.render import render
from cessio.web.requests import AnyRequest, Db, Id, Who
from cessio.web.said import why_it_waits
from cessio.web.words import label
from cessio.web.words.notifications import subject_name
from cessio.web.words.registry import shown


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


@get("/backoffice/approvals/{approval_id:int}", guards=[staff()], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_approval(request: AnyRequest, session: Db, signed: Who, approval_id: Id) -> Response[Any]:
    """One request as it was shown to the second person, and how it ended."""
    one = approvals.approval(session, approval_id)
    return render(
        request, "backoffice/approvals/show_approval.html", one=one, href=_href(one),
        facts=_facts(one), names=actors(session, [one.maker, one.checker]),
        mine=one.maker_id == signed.person_id, subject=subject_name(one.subject_kind),
    )  # fmt: skip


def _facts(one: ApprovalView) -> list[tuple[str, str]]:
    """What was shown, in words: amounts, dates and rates the reader's way."""
    return [
        (label(name.removesuffix("_minor")), str(shown(name, value, one.summary)))
        for name, value in one.summary.items()
        if name != "currency" and value not in (None, "") and not isinstance(value, dict | list)
    ]


def _href(one: ApprovalView) -> str | None:
    page = APPROVAL_PAGES.get(one.subject_kind)
    return page.format(id=one.subject_id) if page else None


HANDLERS = [list_approvals, show_approval]
