"""One receivable: where it stands and why, its life, and what may be done with it."""

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
from cessio.receivables.queries import ReceivableView
from cessio.receivables.rules import DisputeOutcome, DisputeReason
from cessio.receivables.rules.marks import HOLDABLE
from cessio.web.actors import actors
from cessio.web.backoffice import lists, promises, work
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
    show_receivable, open_dispute, end_dispute, place_hold, lift_hold, set_off,
    undo_set_off, direct_payment, note_promise,
]  # fmt: skip
