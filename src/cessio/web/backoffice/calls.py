"""The collector's day: whom to call first, then call, outcome, promise, next."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import collections
from cessio.collections.operations.calls import note_call
from cessio.collections.queries import calls as queries
from cessio.collections.queries import promises
from cessio.collections.queries.calls import ToCall
from cessio.collections.queries.recovery import handed_over
from cessio.collections.rules.calls import CallOutcome
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import next_business_day
from cessio.kernel.errors import CessioError
from cessio.kernel.paging import PageRequest
from cessio.parties import queries as parties
from cessio.receivables import queries as receivables
from cessio.receivables.queries import Order, ReceivableFilter
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, chosen, day, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import choices, label

HOME = "/backoffice/collections/calls"
SEE = Permission.SEE_RECEIVABLES
CALL = Permission.COLLECT
SHOWN, OFFERED = 50, 30


@get(HOME, guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_calls(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """Late debtors over all clients, the weightiest first, with what one must know first."""
    rows = queries.to_call(session, on=on)
    words = (lists.asked_text(request, "q") or "").casefold()
    rows = tuple(one for one in rows if words in one.debtor_name.casefold())
    if file_format := lists.file_format(request):
        return export(request, file_format, "calls", _columns(), [_cells(one) for one in rows],
                      at=at, title=_("Calls of the day"))  # fmt: skip
    shown = rows[:SHOWN]
    return render(
        request, "backoffice/collections/list_calls.html", rows=shown, total=len(rows),
        made=queries.made_on(session, on), may_call=signed.may(CALL),
        letters=queries.next_letters(session, [one.debtor_id for one in shown], on=on),
    )  # fmt: skip


@get(f"{HOME}/{{debtor_id:int}}", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_call(
    request: AnyRequest, session: Db, signed: Who, on: On, debtor_id: Id
) -> Response[Any]:
    """One debtor to call: what is late, who answers, what it said before, and the outcome."""
    form = Form(due_on=next_business_day(on + timedelta(days=7)).isoformat(), outcome="promised")
    return _page(request, session, signed, on, debtor_id, form)


@post(f"{HOME}/{{debtor_id:int}}", guards=[staff(CALL)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def make_call(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, debtor_id: Id
) -> Response[Any]:
    """Note the outcome, with its promise, and go on to the next debtor."""
    form = Form(submitted)
    outcome = form.need("outcome", chosen(CallOutcome))
    ids, minor = form.many("invoice", integer()), form.maybe("promised_amount", amount("EUR"))
    due_on, again_on = form.maybe("due_on", day()), form.maybe("again_on", day())
    said: dict[str, Any] = {"contact": form.maybe("contact", text(120)),
                            "comment": form.maybe("comment", text(500))}  # fmt: skip
    who: dict[str, Any] = {"debtor_id": debtor_id, "by": signed.by, "at": at, **said}
    if form.valid():
        try:
            with session.begin_nested():
                promise_id = None
                if outcome is CallOutcome.PROMISED:
                    promise_id = collections.note_promise(
                        session, due_on=due_on or on, amount_minor=minor, receivable_ids=ids, **who
                    )
                note_call(session, outcome=outcome, again_on=again_on, promise_id=promise_id,
                          **who)  # fmt: skip
            following = next((one.debtor_id for one in queries.to_call(session, on=on)), None)
            return redirect(HOME if following is None else f"{HOME}/{following}",
                            N_("Noted. The next debtor to call."))  # fmt: skip
        except CessioError as error:
            form.refuse(error, "promised_amount" if error.field == "amount_minor" else None)
    return _page(request, session, signed, on, debtor_id, form, status=422)


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: date, debtor_id: int, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    found = parties.debtor_file(session, debtor_id)
    owed = ReceivableFilter(on=on, order=Order.DUE, debtor_id=debtor_id, kind="invoice")
    rows = receivables.receivables(session, PageRequest(OFFERED), owed).rows
    gone = handed_over(session, [one.id for one in rows])
    rows = tuple(one for one in rows if one.id not in gone)
    past = queries.calls(session, debtor_id)
    said = promises(session, on=on, debtor_id=debtor_id, limit=5)
    return render(
        request, "backoffice/collections/show_call.html", status=status, debtor=found, form=form,
        on=on, gone=len(gone), late=[one for one in rows if one.due_date < on],
        soon=[one for one in rows if one.due_date >= on],
        ticked=set(form.submitted.fields.get("invoice", ())), past=past, promises=said,
        phones=queries.phones(session, debtor_id), outcomes=choices(CallOutcome),
        letter=queries.next_letters(session, [debtor_id], on=on).get(debtor_id),
        names=actors(session, [*(one.called_by for one in past), *(one.noted_by for one in said)]),
        may_call=signed.may(CALL),
    )  # fmt: skip


def _columns() -> list[Column]:
    return [
        Column(_("Debtor")), Column(_("Asked by the plan")), Column(_("Days late"), "number"),
        Column(_("Invoices"), "number"), Column(_("Clients"), "number"),
        Column(_("Disputed"), "number"), Column(_("Chance, %"), "number"), Column(_("Currency")),
        Column(_("Late amount"), "money"),
    ]  # fmt: skip


def _cells(one: ToCall) -> tuple[Any, ...]:
    return (
        one.debtor_name, label(one.asked) if one.asked else None, one.days, one.count, one.clients,
        one.disputed, one.chance, one.currency, one.late_minor,
    )  # fmt: skip


HANDLERS = [list_calls, show_call, make_call]
