"""Rights of decision that are lent: who decides in whose place, until when, and up to how much."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.agreeing.deeds.people import LendRights
from cessio.identity import Audience, Permission, Signed
from cessio.identity import queries as identity
from cessio.identity.operations import end_delegation
from cessio.identity.rules import LENDABLE, NO_DEPUTIES, lendable
from cessio.kernel.errors import CessioError
from cessio.web.actors import actors
from cessio.web.backoffice import second
from cessio.web.forms import Form, amount, chosen, day, integer, text
from cessio.web.guards import proven, staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label
from cessio.web.words.permissions import PERMISSION_WORDS

HOME = "/backoffice/delegations"


@get(HOME, guards=[staff()], include_in_schema=False, sync_to_thread=True)
def list_delegations(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """What is lent today, what will be, what was; and lending one's own."""
    return _page(request, session, signed, on, Form(from_on=on, to_on=on))


@post(HOME, guards=[staff(*LENDABLE, Permission.MANAGE_PEOPLE), proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def ask_delegation(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Ask that one's own rights be lent, or as an administrator those of somebody away."""
    form = Form(submitted)
    other = form.maybe("lender", integer())
    ticked = form.many("permissions", chosen(Permission))
    facts: dict[str, Any] = {
        "deputy_id": form.need("deputy", integer()), "from_on": form.need("from_on", day()),
        "to_on": form.need("to_on", day()), "up_to_minor": form.maybe("up_to", amount()),
        "reason": form.need("reason", text(300)),
    }  # fmt: skip
    if form.valid():
        try:
            lender = signed.person_id if other is None else other
            given = tuple(ticked) if other is None else lendable(
                identity.person(session, lender).role
            )  # fmt: skip
            return second.put(session, LendRights(lender, permissions=given, **facts), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, form, status=422)


@post(f"{HOME}/{{delegation_id:int}}/end", guards=[staff()], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def take_back(session: Db, signed: Who, at: At, delegation_id: Id) -> Response[Any]:
    """Back to who lent it, at once and by one person."""
    end_delegation(session, delegation_id=delegation_id, by=signed.by, at=at)
    return redirect(HOME, N_("Taken back: it holds no longer."))


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: date, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    rows = identity.delegations(session)
    people = identity.people(session, audience=Audience.STAFF)
    manages = signed.may(Permission.MANAGE_PEOPLE)
    named = [(one, f"{one.name} · {label(one.role)}") for one in people]
    return render(
        request, "backoffice/approvals/list_delegations.html", status=status, rows=rows, on=on,
        form=form, names=actors(session, [one.given_by for one in rows]), words=PERMISSION_WORDS,
        mine=[(one.value, PERMISSION_WORDS[one]) for one in lendable(signed.role)],
        ticked=set(form.many("permissions", str)) if status != 200 else set(LENDABLE),
        lenders=[(one.id, words) for one, words in named if manages and lendable(one.role)],
        deputies=[(one.id, words) for one, words in named
                  if one.role not in NO_DEPUTIES and one.id != signed.person_id],
        may_end=[one.id for one in rows
                 if one.ended_at is None and one.to_on >= on
                 and (manages or signed.person_id in (one.lender_id, one.deputy_id))],
    )  # fmt: skip


HANDLERS = [list_delegations, ask_delegation, take_back]
