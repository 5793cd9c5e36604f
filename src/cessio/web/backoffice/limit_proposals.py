"""Decisions on limits that wait for a second person: what they would do, yes or no."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from cessio.contracts import contract as contract_view
from cessio.house import ReasonList
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.limits import operations
from cessio.limits import queries as limits
from cessio.receivables.operations.limit_proposals import (
    CapCheck,
    approve_limit,
    as_limit,
    caps_checked,
)
from cessio.web.actors import actors
from cessio.web.backoffice import second, work
from cessio.web.forms import Form
from cessio.web.guards import proven, staff
from cessio.web.render import N_, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.what_if import limit_effect

PATH = "/backoffice/limits/proposals/{proposal_id:int}"


@get(PATH, guards=[staff(Permission.SEE_LIMITS)], include_in_schema=False, sync_to_thread=True)
def show_proposal(
    request: AnyRequest, session: Db, signed: Who, on: On, proposal_id: Id
) -> Response[Any]:
    """A proposed decision with its effect as of now, and the form of the second person."""
    return _show(request, session, signed, on, proposal_id, Form(), 200)


@post(f"{PATH}/decision", guards=[staff(Permission.APPROVE_LIMITS), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def decide_proposal(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    proposal_id: Id,
) -> Response[Any]:  # fmt: skip
    """The second person's yes or no, bound to the hash of what was shown."""
    form = Form(submitted)
    said = second.answer(form, ReasonList.LIMIT_REFUSAL)
    if not form.valid():
        return _show(request, session, signed, on, proposal_id, form, 422)
    who: dict[str, Any] = {"seen_hash": said.seen, "by": signed.by, "at": at}
    try:
        with session.begin_nested():
            if said.agrees:
                approve_limit(session, proposal_id=proposal_id, **who)
            else:
                operations.reject_proposal(session, proposal_id=proposal_id, reason=said.reason,
                                           **who)  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        return _show(request, session, signed, on, proposal_id, form, 422)
    return work.done(request, "/backoffice/approvals", N_("Your decision is recorded."))


def _show(
    request: AnyRequest, session: Any, signed: Any, on: Any, proposal_id: int, form: Form,
    status: int,
) -> Response[Any]:  # fmt: skip
    found = limits.proposal(session, proposal_id)
    limit, effect = as_limit(found), None
    caps: tuple[CapCheck, ...] = ()
    if found.outcome is None:
        try:
            effect = limit_effect(session, limit, on)
            caps = caps_checked(session, limit=limit, preview=effect.preview)
        except CessioError as error:
            form.refuse(error)
    people = [actor for actor in (found.proposed_by, found.ended_by) if actor]
    return render(
        request, "backoffice/limits/show_proposal.html", status=status, found=found, form=form,
        effect=effect, caps=caps, currency=found.currency, names=actors(session, people),
        contract=contract_view(session, found.contract_id),
        asked=limits.request(session, found.request_id) if found.request_id else None,
        seen=operations.proposal_hash(found).hex(), is_own=found.proposed_by == signed.by,
        may_approve=signed.may(Permission.APPROVE_LIMITS),
    )  # fmt: skip


HANDLERS = [show_proposal, decide_proposal]
