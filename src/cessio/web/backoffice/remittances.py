"""Remittances: examined line by line, accepted, refused, reversed, or sent for a client."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.funding import queries as funding
from cessio.house import ReasonList
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.parties import client_names
from cessio.receivables import operations, queries
from cessio.receivables.formats.receipt import receipt_pdf
from cessio.receivables.jobs import ACCEPT, AT_ONCE
from cessio.receivables.queries import LineView, RemittanceView
from cessio.receivables.rules import RemittanceState, Verdict
from cessio.vigilance import SignalFilter
from cessio.vigilance import queries as vigilance
from cessio.web import columns, explaining, remittance_work
from cessio.web.actors import actors
from cessio.web.backoffice import lists, work
from cessio.web.backoffice.signals import about
from cessio.web.exports import Column, export, file_response
from cessio.web.forms import Form, integer, one_of
from cessio.web.guards import staff
from cessio.web.reasons import given
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who, verify_at
from cessio.web.said import why_it_waits
from cessio.web.words import label, sentence

SEE = Permission.SEE_RECEIVABLES
DECIDE = Permission.DECIDE_REMITTANCES
HOME = "/backoffice/remittances"
PENDING = (RemittanceState.DRAFT, RemittanceState.SUBMITTED)


@get("/backoffice/remittances", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_remittances(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Remittances, latest first, by state and contract."""
    wanted = _filter(request)
    first = "oldest" if wanted["states"] == PENDING else ""
    oldest = request.query_params.get("order", first) == "oldest"
    sort = lists.asked_sort(request) or ("created" if oldest else "-created")

    def fetch(page: Any) -> Any:
        return queries.remittances(session, page, sort=sort, **wanted)

    if wanted_file := lists.file_format(request):
        heads = [Column(_("Client")), Column(_("Remittance")), Column(_("State")),
                   Column(_("Created on"), "datetime"), Column(_("Documents"), "number"),
                   Column(_("Warnings"), "number"), Column(_("Refused lines"), "number"),
                   Column(_("Currency")), Column(_("Amount"), "money")]  # fmt: skip
        rows = ((row.client_name, row.reference, label(row.state), row.created_at, row.line_count,
                 row.warning_count, row.refused_count, row.currency, row.total_minor)
                for row in lists.every_row(fetch))  # fmt: skip
        return export(request, wanted_file, "remittances", heads, rows, at=at,
                      title=_("Remittances"))  # fmt: skip
    found = fetch(lists.asked_page(request))
    return render(
        request, "backoffice/remittances/list_remittances.html", found=found, at=at,
        totals=queries.remittance_totals(session, **wanted), why_it_waits=why_it_waits,
        signals=vigilance.by_remittance(session, [row.id for row in found.rows]),
        states=[("", _("To decide")), *((each.value, label(each)) for each in RemittanceState),
                ("all", _("All"))],
        orders=[("oldest", _("Oldest first")), ("latest", _("Latest first"))],
        kinds=[("yes", _("with warnings or refused lines"))], may_decide=signed.may(DECIDE),
        first=next((row.id for row in found.rows
                    if row.state is RemittanceState.SUBMITTED), None),
    )  # fmt: skip


def _filter(request: AnyRequest) -> dict[str, Any]:
    """What the list shows: by default what somebody must decide."""
    state = lists.asked_choice(request, "state", RemittanceState)
    states: tuple[RemittanceState, ...] | None = PENDING if state is None else (state,)
    if state is None and (request.query_params.get("state") == "all"
                          or lists.asked_number(request, "contract")):  # fmt: skip
        states = None
    return {
        "states": states, "contract_id": lists.asked_number(request, "contract"),
        "named": lists.asked_text(request, "q"),
        "faulty": request.query_params.get("faulty") == "yes",
    }  # fmt: skip


@get("/backoffice/remittances/{remittance_id:int}", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_remittance(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, remittance_id: Id
) -> Response[Any]:
    """One remittance: totals, why it waits, its lines by verdict, what accepting would give."""
    if wanted := lists.file_format(request):
        return _lines_file(request, session, wanted, remittance_id, at)
    row = queries.remittance(session, remittance_id).remittance
    if (job := remittance_work.under_way(session, row)) is not None:
        return redirect(f"{HOME}/{remittance_id}/progress/{job.id}")
    if columns.waits_for_columns(row) and signed.may(DECIDE):
        return redirect(f"{HOME}/{remittance_id}/columns")
    return _page(request, session, signed, on, remittance_id, Form())


@post("/backoffice/remittances/{remittance_id:int}/acceptance", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def accept(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    remittance_id: Id,
) -> Response[Any]:  # fmt: skip
    """Assign it, but for the lines that are ticked out; by a job if it is large."""
    form = Form(submitted)
    ticked = form.many("leave_out", integer())
    act = form.maybe("act", one_of({"accept", "verify"}))
    why = given(form, "left_out", ReasonList.REFUSAL, needed=False, most=200)
    leave_out, verify = ([], ticked) if act == "verify" else (ticked, [])
    row = queries.remittance(session, remittance_id).remittance
    if form.valid() and row.line_count > AT_ONCE and row.state in PENDING:
        job_id = remittance_work.start(session, row, ACCEPT, by=signed.by, at=at,
                                       leave_out=leave_out, verify=verify, why=why)  # fmt: skip
        return redirect(f"{HOME}/{remittance_id}/progress/{job_id}")
    if form.valid():
        try:
            with session.begin_nested():
                done = operations.take(session, remittance_id=remittance_id, leave_out=leave_out,
                                       why=why, verify=verify, by=signed.by, at=at)  # fmt: skip
            return _decided(request, session, remittance_id, N_("Assigned: {n} documents."),
                            n=done.document_count)  # fmt: skip
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, remittance_id, form, status=422)


@post("/backoffice/remittances/{remittance_id:int}/refusal", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def refuse(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    remittance_id: Id,
) -> Response[Any]:  # fmt: skip
    """Refuse it whole; the client reads the reason."""
    form = Form(submitted)
    reason = given(form, "refusal", ReasonList.REFUSAL)
    if form.valid():
        try:
            operations.refuse(session, remittance_id=remittance_id, reason=reason or "",
                              by=signed.by, at=at)  # fmt: skip
            return _decided(request, session, remittance_id, N_("Remittance refused."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, remittance_id, form, status=422)


@post("/backoffice/remittances/{remittance_id:int}/withdrawal", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def withdraw(session: Db, signed: Who, at: At, remittance_id: Id) -> Response[Any]:
    """Drop a draft that was sent for the client."""
    operations.withdraw(session, remittance_id=remittance_id, by=signed.by, at=at)
    return redirect(f"{HOME}/{remittance_id}", N_("Remittance withdrawn."))


@get("/backoffice/remittances/{remittance_id:int}/receipt.pdf", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def receipt(request: AnyRequest, session: Db, remittance_id: Id) -> Response[Any]:
    """The subrogation receipt as sealed."""
    number, pdf = receipt_pdf(session, remittance_id, verify_at=verify_at(request))
    return file_response(pdf, f"{number}.pdf", "application/pdf")


def _decided(
    request: AnyRequest, session: Session, remittance_id: int, words: str, **params: Any
) -> Response[Any]:
    """The next of the work queue, the next of the desk if decided from there, else its page."""
    target = f"{HOME}/{remittance_id}"
    if request.query_params.get("desk") == "1":
        following = queries.next_submitted(session, after=remittance_id)
        target = HOME if following is None else f"{HOME}/{following}?desk=1"
    return work.done(request, target, words, **params)


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: date, remittance_id: int,
    form: Form, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    view = queries.remittance(session, remittance_id)
    row = view.remittance
    verdict = lists.asked_choice(request, "verdict", Verdict)
    reason = lists.asked_text(request, "reason")
    page = queries.lines(session, remittance_id, lists.asked_page(request), verdict=verdict,
                         reason=reason, staff=True)  # fmt: skip
    effect = _effect(session, view, on) if row.state in PENDING and row.checked_at else None
    now = funding.availability(session, contract_id=row.contract_id, on=on)
    return render(
        request, "backoffice/remittances/show_remittance.html", status=status, view=view, row=row,
        form=form, page_of=page, others=_others(session, page.rows), states=RemittanceState,
        refused=Verdict.REFUSED, why_it_waits=why_it_waits, sentence=sentence,
        verdicts=[("", _("All")), *((each.value, label(each)) for each in Verdict)],
        effect=effect, now=now,
        withheld=explaining.grown(now, effect[1]) if effect else (),
        queue=lists.asked_number(request, "queue"), desk=request.query_params.get("desk") == "1",
        reason=reason, shown_verdict=verdict,
        following=queries.next_submitted(session, after=row.id),
        names=actors(session, [state.by for state in view.states]),
        may_decide=signed.may(DECIDE),
        **about(session, SignalFilter(remittance_id=remittance_id, state=None), most=8),
    )  # fmt: skip


def _effect(session: Session, view: RemittanceView, on: date) -> tuple[Any, Any]:
    """What accepting would charge, and the availability that would result."""
    row = view.remittance
    found = operations.resulting(session, remittance_id=row.id, on=on)
    planned = funding.planned_availability(
        session, contract_id=row.contract_id, documents=found.documents, charges=found.charges,
        on=on,
    )  # fmt: skip
    return found.charges, planned


def _others(session: Session, rows: Sequence[LineView]) -> dict[int, str]:
    """Names of the clients that lines are duplicates of, for staff's eyes only."""
    ids = {reason.params["client_id"] for row in rows for reason in row.reasons
           if isinstance(reason.params.get("client_id"), int)}  # fmt: skip
    return client_names(session, ids)


def _lines_file(
    request: AnyRequest, session: Session, wanted: str, remittance_id: int, at: Any
) -> Response[Any]:
    row = queries.remittance(session, remittance_id).remittance
    verdict = lists.asked_choice(request, "verdict", Verdict)
    reason = lists.asked_text(request, "reason")
    heads = [Column(_("Line"), "number"), Column(_("Number")), Column(_("Debtor")),
               Column(_("SIREN")), Column(_("Issued on"), "date"), Column(_("Due date"), "date"),
               Column(_("Amount"), "money", row.currency), Column(_("Verdict")),
               Column(_("Reasons"))]  # fmt: skip
    found = lists.every_row(
        lambda page: queries.lines(
            session, remittance_id, page, verdict=verdict, reason=reason, staff=True
        )
    )
    cells = ((line.line, line.number, line.debtor_name, line.debtor_siren, line.issue_date,
              line.due_date, line.amount_minor, label(line.verdict),
              " ".join(sentence(reason) for reason in line.reasons)) for line in found)  # fmt: skip
    return export(request, wanted, row.reference, heads, cells, at=at, title=row.reference)


HANDLERS = [
    list_remittances, show_remittance, accept, refuse, withdraw, receipt,
]  # fmt: skip
