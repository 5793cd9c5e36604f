"""One receivable: where it stands and why, its life, and what may be done with it."""

from __future__ import annotations

import mimetypes
from datetime import date
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents, vigilance
from cessio.cash import record_direct_payment
from cessio.collections.queries.pursued import pursued
from cessio.contracts import queries as contracts
from cessio.contracts.rules import IneligibleReason
from cessio.house import ReasonList
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, NotFound, Problems
from cessio.receivables import operations, queries
from cessio.receivables.operations import following
from cessio.receivables.queries import ReceivableView, marked
from cessio.receivables.queries.verification import verifications_of
from cessio.receivables.rules import DisputeOutcome, DisputeReason
from cessio.receivables.rules.due_dates import DueDateOutcome
from cessio.web.actors import actors
from cessio.web.backoffice import (
    invoice_life,
    invoice_standing,
    lists,
    promises,
    receivable_filters,
    signals,
    work,
)
from cessio.web.exports import file_response
from cessio.web.forms import Form, amount, chosen, day, integer, one_of, text
from cessio.web.guards import staff
from cessio.web.invoice_papers import KINDS, kind_words
from cessio.web.reasons import offered
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


@post("/backoffice/receivables/{receivable_id:int}/follower", guards=[staff(DISPUTES)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def give(session: Db, signed: Who, at: At, submitted: Sent, receivable_id: Id) -> Response[Any]:
    """Say who follows it from now on."""
    form = Form(submitted)
    person_id = form.maybe("person", integer())
    if not form.valid():
        raise Problems(form.faults)
    following.give(session, receivable_ids=[receivable_id], person_id=person_id, by=signed.by,
                   at=at)  # fmt: skip
    return redirect(f"{HOME}/{receivable_id}", N_("Saved."))


@post("/backoffice/receivables/{receivable_id:int}/documents", guards=[staff(DECIDE, DISPUTES)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def attach(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    receivable_id: Id,
) -> Response[Any]:  # fmt: skip
    """Keep a proof with it: the order, the delivery note, what the debtor wrote.

    Its client reads it in the portal if it is shared, and nobody of the client else.
    """
    form = Form(submitted)
    kind = form.need("kind", one_of(KINDS))
    file, shared = form.upload("file", max_bytes=20_000_000), form.flag("shared")
    row = queries.receivable(session, receivable_id).row
    if form.valid() and file is not None:
        try:
            with session.begin_nested():
                documents.store(
                    session, kind=kind, subject_kind="receivable", subject_id=receivable_id,
                    filename=file.name, content=file.content,
                    media_type=_media_type(file.name), by=signed.by, at=at,
                    client_id=row.client_id if shared else None,
                )  # fmt: skip
            return redirect(f"{HOME}/{receivable_id}", N_("Document attached."))
        except CessioError as error:
            form.refuse(error, "file")
    return _page(request, session, signed, on, receivable_id, form, status=422)


@post("/backoffice/receivables/{receivable_id:int}/documents/{document_id:int}/withdrawal",
      guards=[staff(DECIDE, DISPUTES)], include_in_schema=False, sync_to_thread=True)  # fmt: skip
def take_back_document(
    session: Db, signed: Who, at: At, receivable_id: Id, document_id: Id
) -> Response[Any]:
    """Its client reads it no more."""
    _attached(session, receivable_id, document_id)
    documents.withdraw(session, document_id=document_id, by=signed.by, at=at)
    return redirect(f"{HOME}/{receivable_id}", N_("The client reads it no more."))


@get("/backoffice/receivables/{receivable_id:int}/documents/{document_id:int}",
     guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)  # fmt: skip
def give_document(session: Db, receivable_id: Id, document_id: Id) -> Response[bytes]:
    """The bytes of one that is attached to it."""
    found = documents.read(session, document_id, about=("receivable", receivable_id))
    return file_response(found.content, found.filename, found.media_type)


def _attached(session: Session, receivable_id: int, document_id: int) -> None:
    view = documents.document(session, document_id)
    if (view.subject_kind, view.subject_id) != ("receivable", receivable_id):
        raise NotFound("document_not_found", "There is no such document")


def _media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


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
        credits=queries.open_credits(
            session, contract_id=view.row.contract_id, debtor_id=view.row.debtor_id
        ) if is_open else (),
        moved=[one for one in view.due_dates if one.outcome is DueDateOutcome.APPLIED],
        due_waits=next((one for one in view.due_dates if one.outcome is None), None),
        verifications=verifications_of(session, receivable_id),
        holds=[(one, label(IneligibleReason(one.reason)))
               for one in view.holds if one.ended_at is None],
        dispute_reason=label(DisputeReason(dispute.reason)) if dispute else None,
        reasons=offered(ReasonList.DISPUTE), outcomes=offered(ReasonList.OUTCOME),
        hold_reasons=offered(ReasonList.HOLD),
        dispute_words={each.value: label(each) for each in DisputeReason},
        outcome_words={each.value: label(each) for each in DisputeOutcome},
        may_dispute=signed.may(DISPUTES), may_decide=signed.may(DECIDE),
        may_apply=signed.may(Permission.APPLY_CASH) or signed.may(DECIDE),
        **signals.about(session, vigilance.SignalFilter(document_id=receivable_id, state=None)),
        **_standing(session, view, on), **_life(session, signed, view, on),
    )  # fmt: skip


def _standing(session: Session, view: ReceivableView, on: date) -> dict[str, Any]:
    """Its cover and what withholds it."""
    terms = contracts.terms_in_force(session, view.row.contract_id, on)
    return {
        "place": invoice_standing.cover_place(session, view.row, terms, on),
        "withheld": invoice_standing.withheld_for(session, view.row, terms, view.holds, on),
        "coming": invoice_standing.coming(view.row, terms, on),
    }


def _life(session: Session, signed: Signed, view: ReceivableView, on: date) -> dict[str, Any]:
    """What happened to it, its entries, its documents, its promises, and everybody's name."""
    number = view.row.id
    facts = promises.promise_facts(session, signed, on, receivable_id=number)
    follows = marked.follows_of(session, number)
    attached = documents.of_subject(session, "receivable", number)
    lines = invoice_life.bank_lines(session, number)
    life = invoice_life.happenings(
        session, view, contracts.terms_in_force(session, view.row.contract_id, on), on,
        promises=facts["promises"], follows=follows, attached=attached, lines=lines,
        verifications=verifications_of(session, number),
    )  # fmt: skip
    who = [*(one.by for one in life), *(one.placed_by for one in view.holds),
           *(who for one in attached for who in (one.by, one.withdrawn_by) if who),
           *(one.opened_by for one in view.disputes)]  # fmt: skip
    return facts | {
        "life": life,
        "postings": invoice_life.postings(view, lines),
        "attached": attached,
        "pursued": pursued(session, [view.row]),
        "kinds": kind_words(),
        "names": actors(session, who),
        "follower": next((one for one in follows if one.ended_at is None), None),
        "people": receivable_filters.staff_of(session).everybody,
    }


HANDLERS = [
    show_receivable, open_dispute, end_dispute, place_hold, lift_hold, set_off,
    undo_set_off, direct_payment, note_promise, give, attach, give_document, take_back_document,
]  # fmt: skip
