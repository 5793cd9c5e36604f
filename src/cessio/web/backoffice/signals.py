"""Signals: what looks odd and by which figures; what somebody found when looking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import vigilance
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.parties import client_names
from cessio.vigilance import Level, Outcome, SignalFilter, SignalKind, SignalView
from cessio.vigilance import queries as signals
from cessio.vigilance.rules import SignalState
from cessio.web.actors import actors
from cessio.web.backoffice import lists, work
from cessio.web.exports import Column, export
from cessio.web.forms import Form, chosen, text
from cessio.web.guards import staff
from cessio.web.render import N_, _, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words import label, sentence

SEE = Permission.SEE_RECEIVABLES
LOOK = (Permission.DECIDE_REMITTANCES, Permission.DECIDE_LIMITS)
HOME = "/backoffice/signals"

#: What client and debtor may share, in words.
_SHARED = {"iban": N_("bank account"), "phone": N_("phone number"), "domain": N_("e-mail domain"),
           "address": N_("postal address")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A signal with its sentence, and the name of the other client if there is one."""

    signal: SignalView
    words: str
    other_client: str | None = None


def told(session: Session, found: Iterable[SignalView]) -> list[Told]:
    """Signals in words, for a list or a page's panel."""
    views = list(found)
    others = client_names(
        session, {one.params["other_client_id"] for one in views
                  if one.kind is SignalKind.OTHER_CLIENT}
    )  # fmt: skip
    return [
        Told(one, said(one), others.get(one.params.get("other_client_id", 0)))
        for one in views
    ]  # fmt: skip


def about(session: Session, wanted: SignalFilter, *, most: int = 5) -> dict[str, Any]:
    """What ``_about.html`` shows of one thing: a client, a debtor, a remittance, a document."""
    things = {"client": wanted.client_id, "debtor": wanted.debtor_id,
              "remittance": wanted.remittance_id, "document": wanted.document_id}  # fmt: skip
    asked: dict[str, Any] = {name: number for name, number in things.items() if number is not None}
    return {
        "signals": told(session, vigilance.signals_about(session, wanted, most=most)),
        "signals_of": next(iter(asked)),
        "all_signals": f"{HOME}?{urlencode({'state': wanted.state or 'any', **asked})}",
    }


def said(one: SignalView) -> str:
    """The sentence of a signal."""
    if one.kind is SignalKind.SHARED_DETAILS:
        one.params["shared"] = ", ".join(_(_SHARED[each]) for each in one.params["shared"])
    return sentence(one)


@get("/backoffice/signals", guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_signals(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """Signals, latest first: those to look at, or by any filter."""
    wanted, sort = _filter(request), lists.asked_sort(request)
    if wanted_file := lists.file_format(request):
        rows = lists.every_row(lambda page: signals.signals(session, page, wanted, sort=sort))
        return _file(request, session, wanted_file, rows, at)
    page = signals.signals(session, lists.asked_page(request), wanted, sort=sort)
    return render(
        request, "backoffice/signals/list_signals.html", found=page,
        rows=told(session, page.rows), counts=vigilance.open_counts(session), levels=list(Level),
        totals=signals.totals(session, wanted),
        states=[*((each.value, label(each)) for each in SignalState), ("any", _("All"))],
        level_choices=[(each.value, label(each)) for each in Level],
        kinds=[(each.value, label(each)) for each in SignalKind],
    )  # fmt: skip


@get("/backoffice/signals/{signal_id:int}", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_signal(request: AnyRequest, session: Db, signed: Who, signal_id: Id) -> Response[Any]:
    """One signal: its figures, the documents it concerns, and what to say of it."""
    return _page(request, session, signed.may(LOOK[0]) or signed.may(LOOK[1]), signal_id, Form())


@post("/backoffice/signals/{signal_id:int}/look", guards=[staff(*LOOK)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def look(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, signal_id: Id
) -> Response[Any]:
    """Say what it is; the next open one follows."""
    form = Form(submitted)
    outcome = form.need("outcome", chosen(Outcome))
    note = form.need("note", text(1000, multiline=True))
    if form.valid():
        try:
            vigilance.look(session, signal_id=signal_id, outcome=outcome, note=note,
                           by=signed.by, at=at)  # fmt: skip
        except CessioError as error:
            form.refuse(error)
        else:
            following = signals.next_open(session, before_id=signal_id)
            target = HOME if following is None else f"{HOME}/{following}"
            return work.done(request, target, N_("Noted: the next signal follows."))
    return _page(request, session, True, signal_id, form, status=422)


def _page(
    request: AnyRequest, session: Session, may_look: bool, signal_id: int, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    view = vigilance.signal(session, signal_id)
    ids = set(view.document_ids)
    book = signals.document_numbers(session, ids)
    lines = signals.line_numbers(session, view.remittance_id, ids - book.keys()) if (
        view.remittance_id is not None
    ) else {}  # fmt: skip
    return render(
        request, "backoffice/signals/show_signal.html", status=status,
        told=told(session, [view])[0], one=view, form=form, may_look=may_look,
        documents=[(key, book.get(key) or lines.get(key), key in book)
                   for key in view.document_ids if key in book or key in lines],
        outcomes=[(each.value, label(each), "") for each in Outcome],
        names=actors(session, [view.looked_by] if view.looked_by else []),
        following=signals.next_open(session, before_id=signal_id),
    )  # fmt: skip


def _filter(request: AnyRequest) -> SignalFilter:
    asked = request.query_params.get("state", SignalState.OPEN.value)
    return SignalFilter(
        state=SignalState(asked) if asked in set(SignalState) else None,
        level=lists.asked_choice(request, "level", Level),
        kind=lists.asked_choice(request, "kind", SignalKind),
        client_id=lists.asked_number(request, "client"),
        debtor_id=lists.asked_number(request, "debtor"),
        contract_id=lists.asked_number(request, "contract"),
        remittance_id=lists.asked_number(request, "remittance"),
        document_id=lists.asked_number(request, "document"),
    )  # fmt: skip


def _file(
    request: AnyRequest, session: Session, wanted: str, rows: Iterable[SignalView], at: Any
) -> Response[Any]:
    heads = [Column(_("Found on"), "datetime"), Column(_("Level")), Column(_("Kind")),
             Column(_("Client")), Column(_("Debtor")), Column(_("What was seen")),
             Column(_("Currency")), Column(_("At stake"), "money"), Column(_("State")),
             Column(_("Note"))]  # fmt: skip
    cells = ((one.found_at, label(one.level), label(one.kind), one.client_name, one.debtor_name,
              said(one), one.currency, one.amount_minor, label(one.state), one.note)
             for one in rows)  # fmt: skip
    return export(request, wanted, "signals", heads, cells, at=at, title=_("Signals"))


HANDLERS = [list_signals, show_signal, look]
