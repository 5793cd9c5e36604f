"""Promises to pay: who said what by when, whether they kept it, and what to do about the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import collections
from cessio.collections import PromiseEnd, PromiseState
from cessio.collections import queries as promised
from cessio.collections.queries import PromiseView
from cessio.collections.rules.promises import MOST_INSTALMENTS
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import business_date, next_business_day
from cessio.kernel.errors import CessioError, Invalid, Problems
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.parties import queries as parties
from cessio.receivables import queries as receivables
from cessio.receivables.queries import Order, ReceivableFilter, ReceivableRow
from cessio.web.actors import actors
from cessio.web.backoffice import instalments, lists, work
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, chosen, day, integer, one_of, text
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

HOME = "/backoffice/collections/promises"
SEE = Permission.SEE_RECEIVABLES
NOTE = Permission.COLLECT
#: Without a date in the filter, promises due this long ago or later.
WINDOW = timedelta(days=90)
#: Invoices offered in the form of a debtor; others are promised from their own page.
OFFERED = 30
#: Instalments proposed when nobody said how many.
USUAL = 3


class Which(StrEnum):
    """The promises a list shows; those that matter (open, broken) when none is chosen."""

    BROKEN = "broken"
    TODAY = "today"
    OPEN = "open"
    KEPT = "kept"
    ENDED = "ended"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Sums:
    """What a list is about in one currency, in minor units."""

    currency: str
    promised_minor: int
    paid_minor: int
    missing_minor: int


@get("/backoffice/collections", guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def open_collections() -> Response[Any]:
    """Collections begin with what debtors promised."""
    return redirect(HOME)


@get(HOME, guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_promises(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """Open and broken ones, the most pressing first; every filter is in the address."""
    which = lists.asked_choice(request, "state", Which)
    from_day = lists.asked_day(request, "due_from") or on - WINDOW
    found = promised.promises(session, on=on, due_from=from_day,
                              due_to=lists.asked_day(request, "due_to"))  # fmt: skip
    rows = [one for one in found if _wanted(one, which, on)]
    words = (lists.asked_text(request, "q") or "").casefold()
    rows = [one for one in rows if words in one.debtor_name.casefold()]
    if request.query_params.get("mine") == "1":
        rows = [one for one in rows if _is_of(one, signed)]
    rows = _sorted(rows, request.query_params.get("sort", ""))
    if file_format := lists.file_format(request):
        names = actors(session, [one.noted_by for one in rows])
        return export(request, file_format, "promises", _columns(),
                      [_cells(one, names) for one in rows], at=at,
                      title=_("Promises to pay"))  # fmt: skip
    page = _page_of(rows, lists.asked_page(request))
    return render(
        request, "backoffice/promises/list_promises.html", on=on, found=page, sums=_sums(rows),
        total=len(rows), states=[(each.value, _which(each)) for each in Which],
        is_cut=len(found) == promised.MOST, from_day=from_day,
        names=actors(session, [one.noted_by for one in page.rows]),)  # fmt: skip


@get("/backoffice/debtors/{debtor_id:int}/promises", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_debtor_promises(
    request: AnyRequest, session: Db, signed: Who, on: On, debtor_id: Id
) -> Response[Any]:
    """What one debtor promised, and the form of its next promise."""
    form = Form(due_on=next_business_day(on + timedelta(days=7)).isoformat())
    return _debtor_page(request, session, signed, on, debtor_id, form)


@post("/backoffice/debtors/{debtor_id:int}/promises", guards=[staff(NOTE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def note_debtor_promise(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, debtor_id: Id
) -> Response[Any]:
    """It will pay these invoices, or so much of what it owes, by a day or in parts by several."""
    form = Form(submitted)
    ids = form.many("invoice", integer())
    named = promised.promisable(session, ids)
    currency = named[0].currency if named else form.maybe("currency", text(3)) or "EUR"
    minor = form.maybe("promised_amount", amount(currency))
    if form.maybe("split", one_of(("yes",))):
        count = form.maybe("instalments", integer(1, MOST_INSTALMENTS)) or USUAL
        first = form.need("due_on", day())
        owed = minor or sum(one.open_minor for one in named)
        if not owed:
            form.refuse(Invalid("promise_amount_missing", "say how much is promised"),
                        "promised_amount")  # fmt: skip
        if not form.faults:
            form = instalments.proposed(submitted, first=first, count=count, owed_minor=owed,
                                        currency=currency)  # fmt: skip
        return _debtor_page(request, session, signed, on, debtor_id, form.only_shown(),
                            status=422 if form.faults else 200)  # fmt: skip
    if _noted(session, signed, form, at, debtor_id=debtor_id, ids=ids, minor=minor,
              currency=currency):  # fmt: skip
        return redirect(f"/backoffice/debtors/{debtor_id}/promises", N_("Promise noted."))
    return _debtor_page(request, session, signed, on, debtor_id, form, status=422)


@post("/backoffice/promises/{promise_id:int}/end", guards=[staff(NOTE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def end_promise(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, promise_id: Id
) -> Response[Any]:
    """No longer waited for: withdrawn, or dealt with."""
    form = Form(submitted)
    reason = form.need("reason", chosen(PromiseEnd))
    comment = form.maybe("comment", text(500))
    back = form.maybe("back", integer())
    if not form.valid():
        raise Problems(form.faults)
    collections.end_promise(session, promise_id=promise_id, reason=reason, comment=comment,
                            by=signed.by, at=at)  # fmt: skip
    debtor_id = promised.promise(session, promise_id, on=on).debtor_id
    target = f"/backoffice/receivables/{back}" if back else (
        f"/backoffice/debtors/{debtor_id}/promises"
    )  # fmt: skip
    return work.done(request, target, N_("Promise ended."))


def note_on(session: Session, signed: Signed, form: Form, at: datetime, row: ReceivableRow) -> bool:
    """Note a promise on one invoice from the form of its page; faults are left in the form."""
    minor = form.maybe("promised_amount", amount(row.currency))
    return _noted(session, signed, form, at, debtor_id=row.debtor_id, ids=[row.id], minor=minor,
                  currency=row.currency)  # fmt: skip


def _noted(
    session: Session, signed: Signed, form: Form, at: datetime, *, debtor_id: int,
    ids: list[int], minor: int | None, currency: str,
) -> bool:  # fmt: skip
    parts = instalments.read(form, currency)
    due_on = form.maybe("due_on", day()) if parts else form.need("due_on", day())
    count = form.maybe("instalments", integer(1, MOST_INSTALMENTS)) or 1
    contact = form.maybe("contact", text(120))
    comment = form.maybe("promise_comment", text(500))
    if not form.valid():
        return False
    try:
        with session.begin_nested():
            collections.note_instalments(
                session, debtor_id=debtor_id, amount_minor=minor,
                days=[one for one, _minor in parts]
                or instalments.monthly(due_on or business_date(at), count),
                amounts=[part for _day, part in parts], currency=currency, receivable_ids=ids,
                contact=contact, comment=comment, by=signed.by, at=at,
            )  # fmt: skip
    except CessioError as error:
        form.refuse(error, "promised_amount" if error.field == "amount_minor" else None)
        return False
    return True


def _debtor_page(
    request: AnyRequest, session: Session, signed: Signed, on: date, debtor_id: int, form: Form,
    *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    found = parties.debtor_file(session, debtor_id)
    owed = ReceivableFilter(on=on, order=Order.DUE, debtor_id=debtor_id, kind="invoice")
    facts = promise_facts(session, signed, on, debtor_id=debtor_id)
    return render(
        request, "backoffice/promises/show_debtor_promises.html", status=status, debtor=found,
        form=form, invoices=receivables.receivables(session, PageRequest(OFFERED), owed).rows,
        ticked=set(form.submitted.fields.get("invoice", ())), parts=instalments.places(form),
        **facts,
    )  # fmt: skip


def promise_facts(
    session: Session, signed: Signed, on: date, *, debtor_id: int | None = None,
    receivable_id: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What the partial ``backoffice/promises/_promises.html`` shows, of a debtor or an invoice."""
    if receivable_id is not None:
        rows = promised.promises_on(session, receivable_id, on=on)
    else:
        rows = promised.promises(session, on=on, debtor_id=debtor_id, limit=50)
    who = [*(one.noted_by for one in rows), *(one.ended_by for one in rows)]
    return {
        "promises": rows, "on": on, "promise_names": actors(session, who),
        "may_note": signed.may(NOTE),
        "promise_ends": {each.value: label(each) for each in PromiseEnd},
    }  # fmt: skip


def _which(which: Which) -> str:
    if which is Which.TODAY:
        return _("Due today")
    if which is Which.ANY:
        return _("All promises")
    return label(PromiseState(which.value))


def _wanted(one: PromiseView, which: Which | None, on: date) -> bool:
    match which:
        case None:
            return one.state in (PromiseState.OPEN, PromiseState.BROKEN)
        case Which.ANY:
            return True
        case Which.TODAY:
            return one.state is PromiseState.OPEN and one.due_on == on
        case Which.KEPT:
            return one.state in (PromiseState.KEPT, PromiseState.LATE)
    return one.state.value == which.value


def _is_of(one: PromiseView, signed: Signed) -> bool:
    """Whether somebody noted it, or looks after a client it is about."""
    managers = {line.account_manager_id for line in one.invoices}
    return one.noted_by == signed.by or signed.person_id in managers


def _sorted(rows: list[PromiseView], sort: str) -> list[PromiseView]:
    """By day due when nothing is asked, broken ones first."""
    orders: dict[str, Any] = {
        "due": lambda one: (one.due_on, one.id),
        "debtor": lambda one: (one.debtor_name.casefold(), one.due_on, one.id),
        "amount": lambda one: (one.amount_minor, one.id),
        "missing": lambda one: (one.missing_minor, one.id),
    }
    order = orders.get(sort.removeprefix("-"))
    if order is None:
        return sorted(rows, key=lambda one: (one.state is not PromiseState.BROKEN, one.due_on,
                                             one.id))  # fmt: skip
    return sorted(rows, key=order, reverse=sort.startswith("-"))


def _page_of(rows: list[PromiseView], request: PageRequest) -> Page[PromiseView]:
    """The page after or before a promise, in the order of the whole list."""
    places = {one.id: place for place, one in enumerate(rows)}
    known = places.get(int(str(request.key[0]))) if request.key else None
    if request.backwards and known is not None:
        ahead = rows[:known][::-1]
    else:
        ahead = rows if known is None else rows[known + 1 :]
    return page_of(ahead[: request.fetch], request, lambda one: (one.id,))


def _sums(rows: Sequence[PromiseView]) -> list[Sums]:
    found = []
    for currency in sorted({one.currency for one in rows}):
        own = [one for one in rows if one.currency == currency]
        found.append(
            Sums(currency, sum(one.amount_minor for one in own),
                 sum(one.standing.paid_minor for one in own),
                 sum(one.missing_minor for one in own))
        )  # fmt: skip
    return found


def _columns() -> list[Column]:
    return [
        Column(_("Debtor")), Column(_("Invoices")), Column(_("Client")), Column(_("Promised for"),
        "date"), Column(_("State")), Column(_("Contact")), Column(_("Comment")),
        Column(_("Noted on"), "date"), Column(_("Noted by")), Column(_("Currency")),
        Column(_("Promised"), "money"), Column(_("Paid"), "money"), Column(_("Missing"), "money"),
    ]  # fmt: skip


def _cells(one: PromiseView, names: dict[str, str]) -> tuple[Any, ...]:
    return (
        one.debtor_name, ", ".join(each.number for each in one.invoices),
        ", ".join(one.client_names), one.due_on, label(one.state), one.contact, one.comment,
        one.noted_on, names[one.noted_by], one.currency, one.amount_minor,
        one.standing.paid_minor, one.missing_minor,
    )  # fmt: skip


HANDLERS = [
    open_collections, list_promises, show_debtor_promises, note_debtor_promise, end_promise,
]  # fmt: skip
