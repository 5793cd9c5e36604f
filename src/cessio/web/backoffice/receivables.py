"""Receivables: found by anything one knows of them, and the whole life of each."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.cash import record_direct_payment
from cessio.contracts.rules import IneligibleReason
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, Problems
from cessio.receivables import operations, queries
from cessio.receivables.queries import Order, ReceivableFilter, ReceivableView, Status
from cessio.receivables.rules import DisputeOutcome, DisputeReason
from cessio.receivables.rules.marks import HOLDABLE
from cessio.web.actors import actors
from cessio.web.backoffice import lists, promises, work
from cessio.web.backoffice.receivable_acts import Act
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, chosen, day, integer, text
from cessio.web.guards import staff
from cessio.web.portal.lives import told
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

SEE = Permission.SEE_RECEIVABLES
DISPUTES = Permission.HANDLE_DISPUTES
DECIDE = Permission.DECIDE_REMITTANCES
HOME = "/backoffice/receivables"


@get("/backoffice/receivables", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_receivables(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On
) -> Response[Any]:
    """Open ones first; every filter is in the address."""
    wanted = _filter(request, on)

    def fetch(page: Any) -> Any:
        return queries.receivables(session, page, wanted)

    if file_format := lists.file_format(request):
        return export(request, file_format, "receivables", _columns(),
                      (_cells(row) for row in lists.every_row(fetch)), at=at,
                      title=_("Receivables"))  # fmt: skip
    narrow = any((wanted.contract_id, wanted.contract_reference, wanted.debtor_id, wanted.siren,
                  wanted.number, wanted.amount_minor, wanted.remittance_id))  # fmt: skip
    return render(
        request, "backoffice/receivables/list_receivables.html", on=on,
        found=fetch(lists.asked_page(request)),
        totals=queries.receivable_totals(session, wanted) if narrow else None,
        statuses=[(each.value, label(each)) for each in Status],
        reasons=[(each.value, label(each)) for each in IneligibleReason if each in HOLDABLE],
        orders=[(Order.DUE.value, _("By due date"))],
        acts=_acts(signed), dispute_reasons=[(each.value, label(each)) for each in DisputeReason],
    )  # fmt: skip


def _acts(signed: Signed) -> list[tuple[str, str]]:
    """What this person may do to many receivables at once."""
    acts = []
    if signed.may(DECIDE):
        acts += [(Act.HOLD.value, _("Hold their funding")),
                 (Act.VERIFY.value, _("Say they are verified"))]  # fmt: skip
    if signed.may(DISPUTES):
        acts.append((Act.DISPUTE.value, _("Open a dispute on each")))
    return acts


def _filter(request: AnyRequest, on: date) -> ReceivableFilter:
    form = Form()
    reason = lists.asked_choice(request, "reason", IneligibleReason)
    typed = lists.asked_text(request, "amount")
    try:
        minor = amount(minimum_minor=None)(typed) if typed else None
    except CessioError as error:
        form.refuse(error)
        minor = -1  # matches nothing: an amount that cannot be read has no invoice
    siren = lists.asked_text(request, "siren")
    return ReceivableFilter(
        on=on, status=lists.asked_choice(request, "status", Status) or Status.OPEN,
        order=lists.asked_choice(request, "order", Order) or Order.RECENT,
        contract_id=lists.asked_number(request, "contract"),
        contract_reference=lists.asked_text(request, "reference"),
        debtor_id=lists.asked_number(request, "debtor"),
        remittance_id=lists.asked_number(request, "remittance"),
        siren="".join(siren.split()) if siren else None,
        number=lists.asked_text(request, "number"), amount_minor=minor,
        due_from=lists.asked_day(request, "due_from"), due_to=lists.asked_day(request, "due_to"),
        hold_reason=reason.value if reason else None,
        uncovered=request.query_params.get("uncovered") == "yes",
    )  # fmt: skip


def _columns() -> list[Column]:
    return [
        Column(_("Number")), Column(_("Client")), Column(_("Contract")), Column(_("Debtor")),
        Column(_("SIREN")), Column(_("Issued on"), "date"), Column(_("Due date"), "date"),
        Column(_("Currency")), Column(_("Amount"), "money"), Column(_("Open amount"), "money"),
        Column(_("Covered"), "money"), Column(_("Disputed"), "money"),
    ]  # fmt: skip


def _cells(row: queries.ReceivableRow) -> tuple[Any, ...]:
    return (
        row.number, row.client_name, row.contract_reference, row.debtor_name, row.debtor_siren,
        row.issue_date, row.due_date, row.currency, row.amount_minor, row.open_minor,
        row.covered_minor, row.disputed_minor,
    )  # fmt: skip


@get("/backoffice/receivables/{receivable_id:int}", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_receivable(request: AnyRequest, session: Db, signed: Who, on: On, receivable_id: Id
) -> Response[Any]:  # fmt: skip
    """One receivable: where it stands, its life, and what may be done with it."""
    return _page(request, session, signed, on, receivable_id, Form())


@post("/backoffice/receivables/{receivable_id:int}/disputes", guards=[staff(DISPUTES)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def open_dispute(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    receivable_id: Id,
) -> Response[Any]:  # fmt: skip
    """The debtor contests it, all or part."""
    form = Form(submitted)
    reason = form.need("dispute_reason", chosen(DisputeReason))
    minor = form.maybe("dispute_amount", amount())
    comment = form.maybe("dispute_comment", text(1000, multiline=True))
    if form.valid():
        try:
            operations.open_dispute(session, receivable_id=receivable_id, reason=reason,
                                    amount_minor=minor, comment=comment, by=signed.by,
                                    at=at)  # fmt: skip
            return redirect(f"{HOME}/{receivable_id}", N_("Dispute opened."))
        except CessioError as error:
            form.refuse(error, "dispute_amount" if error.field == "amount_minor" else None)
    return _page(request, session, signed, on, receivable_id, form, status=422)


@post("/backoffice/receivables/{receivable_id:int}/disputes/end", guards=[staff(DISPUTES)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def end_dispute(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    receivable_id: Id,
) -> Response[Any]:  # fmt: skip
    """How it ended; the invoice takes cover again in its turn."""
    form = Form(submitted)
    dispute_id = form.need("dispute", integer())
    outcome = form.need("outcome", chosen(DisputeOutcome))
    comment = form.maybe("end_comment", text(1000, multiline=True))
    if form.valid():
        try:
            operations.end_dispute(session, dispute_id=dispute_id, outcome=outcome,
                                   comment=comment, by=signed.by, at=at)  # fmt: skip
            return work.done(request, f"{HOME}/{receivable_id}", N_("Dispute ended."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, receivable_id, form, status=422)


@post("/backoffice/receivables/{receivable_id:int}/holds", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def place_hold(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    receivable_id: Id,
) -> Response[Any]:  # fmt: skip
    """Withhold its funding, saying why."""
    form = Form(submitted)
    reason = form.need("hold_reason", chosen(IneligibleReason))
    comment = form.need("hold_comment", text(500))
    if form.valid():
        try:
            operations.place_hold(session, receivable_id=receivable_id, reason=reason,
                                  comment=comment, by=signed.by, at=at)  # fmt: skip
            return redirect(f"{HOME}/{receivable_id}", N_("Invoice held."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, receivable_id, form, status=422)


@post("/backoffice/receivables/{receivable_id:int}/holds/{hold_id:int}/end",
      guards=[staff(DECIDE)], include_in_schema=False, sync_to_thread=True)  # fmt: skip
def lift_hold(
    session: Db, signed: Who, at: At, submitted: Sent, receivable_id: Id, hold_id: Id
) -> Response[Any]:
    """The doubt is cleared: it may be funded again."""
    comment = Form(submitted).maybe("lift_comment", text(500))
    operations.lift_hold(session, hold_id=hold_id, comment=comment, by=signed.by, at=at)
    return redirect(f"{HOME}/{receivable_id}", N_("Hold lifted."))


@post("/backoffice/receivables/{receivable_id:int}/set-off", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def set_off(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    receivable_id: Id,
) -> Response[Any]:  # fmt: skip
    """Use an open credit of the same debtor against this invoice."""
    form = Form(submitted)
    credit_id = form.need("credit", integer())
    minor = form.maybe("set_off_amount", amount())
    if form.valid():
        try:
            with session.begin_nested():
                operations.set_off(session, credit_id=credit_id, invoice_id=receivable_id,
                                   amount_minor=minor, by=signed.by, at=at)  # fmt: skip
            return redirect(f"{HOME}/{receivable_id}", N_("Credit set off."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, receivable_id, form, status=422)


@post("/backoffice/set-offs/{set_off_id:int}/undo", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def undo_set_off(session: Db, signed: Who, at: At, submitted: Sent, set_off_id: Id
) -> Response[Any]:  # fmt: skip
    """Take it back: both documents are open again as before."""
    form = Form(submitted)
    back = form.need("back", integer())
    if not form.valid():
        raise Problems(form.faults)
    operations.undo_set_off(session, set_off_id=set_off_id, reason=_("Taken back"),
                            by=signed.by, at=at)  # fmt: skip
    return redirect(f"{HOME}/{back}", N_("Set-off taken back."))


@post("/backoffice/receivables/{receivable_id:int}/direct-payment",
      guards=[staff(Permission.APPLY_CASH, DECIDE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def direct_payment(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    receivable_id: Id,
) -> Response[Any]:  # fmt: skip
    """The debtor paid the client: its account is debited, the invoice settled."""
    form = Form(submitted)
    minor = form.need("paid_amount", amount())
    paid_on = form.need("paid_on", day())
    if form.valid():
        try:
            with session.begin_nested():
                record_direct_payment(session, receivable_id=receivable_id, amount_minor=minor,
                                      paid_on=paid_on, by=signed.by, at=at)  # fmt: skip
            return redirect(f"{HOME}/{receivable_id}", N_("Direct payment recorded."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, receivable_id, form, status=422)


@post("/backoffice/receivables/{receivable_id:int}/promises",
      guards=[staff(Permission.COLLECT)], include_in_schema=False, sync_to_thread=True)  # fmt: skip
def note_promise(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    receivable_id: Id,
) -> Response[Any]:  # fmt: skip
    """The debtor said when it will pay it."""
    form = Form(submitted)
    row = queries.receivable(session, receivable_id).row
    if promises.note_on(session, signed, form, at, row):
        return redirect(f"{HOME}/{receivable_id}", N_("Promise noted."))
    return _page(request, session, signed, on, receivable_id, form, status=422)


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: date, receivable_id: int,
    form: Form, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    view = queries.receivable(session, receivable_id)
    dispute = next((one for one in view.disputes if one.ended_at is None), None)
    is_open = view.row.kind == "invoice" and view.row.open_minor > 0
    return render(
        request, "backoffice/receivables/show_receivable.html", status=status, view=view,
        row=view.row, form=form, dispute=dispute, is_open=is_open,
        queue=lists.asked_number(request, "queue"),
        life=list(zip(told(view.life), reversed(view.life), strict=True)),
        credits=_credits(session, view) if is_open else (),
        holds=[(one, label(IneligibleReason(one.reason)))
               for one in view.holds if one.ended_at is None],
        dispute_reason=label(DisputeReason(dispute.reason)) if dispute else None,
        reasons=[(each.value, label(each)) for each in DisputeReason],
        outcomes=[(each.value, label(each)) for each in DisputeOutcome
                  if each not in (DisputeOutcome.REVERSED, DisputeOutcome.TRANSFERRED_BACK)],
        hold_reasons=[(each.value, label(each)) for each in IneligibleReason if each in HOLDABLE],
        names=actors(session, [*(event.by for event in view.life),
                               *(one.placed_by for one in view.holds)]),
        may_dispute=signed.may(DISPUTES), may_decide=signed.may(DECIDE),
        may_apply=signed.may(Permission.APPLY_CASH) or signed.may(DECIDE),
        **promises.promise_facts(session, signed, on, receivable_id=receivable_id),
    )  # fmt: skip


def _credits(session: Session, view: ReceivableView) -> list[tuple[int, str]]:
    """Open credits of the same debtor under the same contract."""
    found = queries.open_book(session, view.row.contract_id, debtor_id=view.row.debtor_id)
    return [(one.receivable_id, one.number) for one in found if one.open_minor < 0]


HANDLERS = [
    list_receivables, show_receivable, open_dispute, end_dispute, place_hold, lift_hold, set_off,
    undo_set_off, direct_payment, note_promise,
]  # fmt: skip
