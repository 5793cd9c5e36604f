"""How a debtor is reached: its addresses and numbers, which take nothing, and why."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.collections.queries.reach import reach
from cessio.correspondence.refusals import TOLD, refuse
from cessio.correspondence.returned import write_again
from cessio.identity import Permission, Signed
from cessio.kernel.errors import NotFound
from cessio.parties import queries as parties
from cessio.plumbing.mail_stops import StopReason
from cessio.web.actors import actors
from cessio.web.forms import Form, chosen, one_of, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words import label

PAGE = "/backoffice/debtors/{debtor_id:int}/reach"
SEE, WRITE = staff(Permission.SEE_RECEIVABLES), staff(Permission.COLLECT)


@get(PAGE, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_reach(request: AnyRequest, session: Db, signed: Who, debtor_id: Id) -> Response[Any]:
    """Where reminders can go, and the form of an address whose reader wants none."""
    return _page(request, session, signed, debtor_id, Form(why=StopReason.ASKED))


@post(PAGE, guards=[WRITE], include_in_schema=False, sync_to_thread=True)
def note_refusal(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, debtor_id: Id
) -> Response[Any]:
    """Nothing goes there any more: reminders take another way."""
    form = Form(submitted)
    open_ones = tuple(one.address for one in reach(session, debtor_id).addresses if not one.stop)
    address = form.need("address", one_of(open_ones))
    why = form.need("why", chosen(StopReason))
    source = form.need("source", text(200))
    if form.valid() and why in TOLD:
        refuse(session, address=address, why=why, source=source, debtor_id=debtor_id,
               by=signed.by, at=at)  # fmt: skip
        return redirect(
            f"/backoffice/debtors/{debtor_id}/reach", N_("Nothing is sent there any more.")
        )
    return _page(request, session, signed, debtor_id, form, status=422)


@post("/backoffice/debtors/{debtor_id:int}/mail-stops/{stop_id:int}/lift", guards=[WRITE],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def lift_mail_stop(session: Db, signed: Who, at: At, debtor_id: Id, stop_id: Id) -> Response[Any]:
    """The address was set right, or its reader wants to be told there after all."""
    if stop_id not in {one.id for one in reach(session, debtor_id).stops}:
        raise NotFound("mail_stop_unknown", "there is no such address to write to again")
    write_again(session, stop_id=stop_id, by=signed.by, at=at)
    return redirect(f"/backoffice/debtors/{debtor_id}/reach", N_("Messages go there again."))


def _page(
    request: AnyRequest, session: Session, signed: Signed, debtor_id: int, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    known = reach(session, debtor_id)
    return render(
        request, "backoffice/collections/show_reach.html", status=status, form=form, reach=known,
        debtor=parties.debtor_file(session, debtor_id), may_write=signed.may(Permission.COLLECT),
        choices=[(one.address, one.address) for one in known.addresses if one.stop is None],
        whys=[(one.value, label(one)) for one in TOLD],
        names=actors(session, [one.noted_by for one in known.stops]),
    )  # fmt: skip


HANDLERS = [show_reach, note_refusal, lift_mail_stop]
