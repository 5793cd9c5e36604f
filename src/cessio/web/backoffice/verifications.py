"""Verifications: the queue of invoices to verify, one keystroke an outcome, the next follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents, vigilance
from cessio.correspondence import Recipient, messages_about
from cessio.house import ReasonList
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.parties import queries as parties
from cessio.receivables import operations
from cessio.receivables.queries import verification as queries
from cessio.receivables.queries.verification import (
    VerificationFilter,
    VerificationOrder,
    VerificationView,
)
from cessio.receivables.rules import DisputeReason
from cessio.receivables.rules.verification import (
    Answer,
    VerificationMethod,
    VerificationReason,
    VerificationState,
)
from cessio.vigilance import SignalFilter
from cessio.web.actors import actors
from cessio.web.backoffice import lists, work
from cessio.web.backoffice.signals import about
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, chosen, day, text
from cessio.web.guards import staff
from cessio.web.readers import email
from cessio.web.reasons import offered
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words import label

SEE = Permission.SEE_RECEIVABLES
DECIDE = (Permission.DECIDE_REMITTANCES, Permission.HANDLE_DISPUTES)
HOME = "/backoffice/verifications"
PROOF_BYTES = 15_000_000
#: What a person may say; a debtor's own page says so itself.
METHODS = tuple(each for each in VerificationMethod if each is not VerificationMethod.DEBTOR_PAGE)
_AGES = {"3": 3, "7": 7, "14": 14}


@get("/backoffice/verifications", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_verifications(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """The queue: what waits, oldest or largest first; ended ones by their state."""
    wanted = _filter(request, at)

    def fetch(page: Any) -> Any:
        return queries.verifications(session, page, wanted)

    if wanted_file := lists.file_format(request):
        return _file(request, wanted_file, lists.every_row(fetch), at)
    return render(
        request, "backoffice/verifications/list_verifications.html",
        found=fetch(lists.asked_page(request)), at=at,
        totals=queries.verification_totals(session, wanted),
        states=[("", _("Waiting")), *((each.value, label(each)) for each in VerificationState)],
        reasons=[(each.value, label(each)) for each in VerificationReason],
        ages=[(key, _("more than {n} days", n=days)) for key, days in _AGES.items()],
        orders=[(each.value, label(each)) for each in VerificationOrder],
        asked=_asked(request), may_decide=_may(signed),
    )  # fmt: skip


@get("/backoffice/verifications/{verification_id:int}", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_verification(
    request: AnyRequest, session: Db, signed: Who, at: At, verification_id: Id
) -> Response[Any]:
    """One invoice to verify: what is known, who to ask, and one key for each outcome."""
    return _page(request, session, signed, at, verification_id, Form())


@post("/backoffice/verifications/{verification_id:int}/request", guards=[staff(*DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def ask_debtor(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, verification_id: Id
) -> Response[Any]:
    """Write to the debtor with a code; the next of the queue follows."""
    form = Form(submitted)
    address = form.need("email", email())
    if form.valid():
        view = queries.verification(session, verification_id)
        to = Recipient(address, view.debtor_name, view.debtor_language)
        try:
            with session.begin_nested():
                operations.ask_debtor(session, verification_id=verification_id, to=to,
                                      page=_page_address(request), by=signed.by, at=at)  # fmt: skip
            return _next(request, session, view, at, N_("The debtor was asked."))
        except CessioError as error:
            form.refuse(error, "email")
    return _page(request, session, signed, at, verification_id, form, status=422)


@post("/backoffice/verifications/{verification_id:int}/answer", guards=[staff(*DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def answer(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, verification_id: Id
) -> Response[Any]:
    """Record what was found, by whom and how; the next of the queue follows."""
    form = Form(submitted)
    view = queries.verification(session, verification_id)
    found = form.need("answer", chosen(Answer))
    method = form.need("method", chosen(VerificationMethod))
    contact = form.maybe("contact", text(120))
    note = form.maybe("note", text(1000, multiline=True))
    minor = form.maybe("confirmed", amount(view.currency))
    dispute = form.maybe("dispute", chosen(DisputeReason))
    delivered_on = form.maybe("delivered_on", day())
    proof = form.upload("proof", max_bytes=PROOF_BYTES, required=False)
    if form.valid():
        try:
            with session.begin_nested():
                operations.answer_verification(
                    session, verification_id=verification_id, answer=found, method=method,
                    confirmed_minor=minor, contact=contact, note=note, dispute=dispute,
                    by=signed.by, at=at,
                )  # fmt: skip
                if proof is not None:
                    documents.store(
                        session, kind=method.value, subject_kind="receivable",
                        subject_id=view.receivable_id, filename=proof.name,
                        media_type="application/octet-stream", content=proof.content,
                        client_id=view.client_id, by=signed.by, at=at,
                    )  # fmt: skip
                if delivered_on is not None:
                    vigilance.delivered(session, receivable_id=view.receivable_id,
                                        delivered_on=delivered_on, by=signed.by, at=at)  # fmt: skip
            return _next(request, session, view, at, N_("Noted: {number}."), number=view.number)
        except CessioError as error:
            form.refuse(error, {"confirmed_minor": "confirmed"}.get(error.field or ""))
    return _page(request, session, signed, at, verification_id, form, status=422)


@post("/backoffice/verifications/{verification_id:int}/again", guards=[staff(*DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def verify_again(session: Db, signed: Who, at: At, verification_id: Id) -> Response[Any]:
    """Take up a failed one anew."""
    fresh = operations.verify_again(session, verification_id=verification_id, by=signed.by, at=at)
    return redirect(f"{HOME}/{fresh}", N_("To be verified again."))


def _page(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, verification_id: int,
    form: Form, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    view = queries.verification(session, verification_id)
    contacts = parties.contacts(session, view.debtor_company_id)
    if not form.raw("email"):
        form = form if status != 200 else Form(
            email=next((one.email for one in contacts if one.email), ""),
            method=VerificationMethod.CALL.value,
        )  # fmt: skip
    return render(
        request, "backoffice/verifications/show_verification.html", status=status, one=view,
        form=form, contacts=contacts, at=at, may_decide=_may(signed),
        messages=messages_about(session, kind="receivable", id=view.receivable_id),
        files=documents.of_subject(session, "receivable", view.receivable_id),
        earlier=[each for each in queries.verifications_of(session, view.receivable_id)
                 if each.id != view.id],
        methods=[(each.value, label(each)) for each in METHODS],
        disputes=offered(ReasonList.DISPUTE),
        names=actors(session, [each for each in (view.asked_by, view.ended_by) if each]),
        asked=_asked(request),
        **about(session, SignalFilter(document_id=view.receivable_id, state=None), most=8),
        following=queries.next_to_verify(session, _filter(request, at), after=view),
    )  # fmt: skip


def _next(
    request: AnyRequest, session: Session, done: VerificationView, at: datetime, words: str,
    **params: Any,
) -> Response[Any]:  # fmt: skip
    wanted = _filter(request, at)
    following = queries.next_to_verify(session, wanted, after=done)
    asked = _asked(request)
    default = HOME + asked if following is None else f"{HOME}/{following}{asked}"
    return work.done(request, default, words, **params)


def _asked(request: AnyRequest) -> str:
    """The filters of the queue, as the end of an address."""
    kept = [f"{name}={request.query_params[name]}"
            for name in ("reason", "contract", "client", "debtor", "age", "order")
            if request.query_params.get(name, "").replace("_", "").isalnum()]  # fmt: skip
    return "?" + "&".join(kept) if kept else ""


def _filter(request: AnyRequest, at: datetime) -> VerificationFilter:
    state = lists.asked_choice(request, "state", VerificationState)
    age = _AGES.get(request.query_params.get("age", ""))
    typed = lists.asked_text(request, "from")
    try:
        least = amount()(typed) if typed else None
    except CessioError:
        least = None
    return VerificationFilter(
        states=() if state is None else (state,), from_minor=least,
        reason=lists.asked_choice(request, "reason", VerificationReason),
        contract_id=lists.asked_number(request, "contract"),
        client_id=lists.asked_number(request, "client"),
        debtor_id=lists.asked_number(request, "debtor"),
        before=None if age is None else at - timedelta(days=age),
        order=lists.asked_choice(request, "order", VerificationOrder) or VerificationOrder.OLDEST,
        sort=lists.asked_sort(request),
    )  # fmt: skip


def _file(
    request: AnyRequest, wanted: str, rows: Iterator[VerificationView], at: datetime
) -> Response[Any]:
    heads = [Column(_("Invoice")), Column(_("Client")), Column(_("Debtor")),
             Column(_("Issued on"), "date"), Column(_("Due date"), "date"), Column(_("Why")),
             Column(_("State")), Column(_("Waiting since"), "datetime"), Column(_("Currency")),
             Column(_("Open amount"), "money")]  # fmt: skip
    cells = ((one.number, one.client_name, one.debtor_name, one.issue_date, one.due_date,
              ", ".join(label(each) for each in one.reasons), label(one.state), one.required_at,
              one.currency, one.open_minor) for one in rows)  # fmt: skip
    return export(request, wanted, "verifications", heads, cells, at=at, title=_("Verifications"))


def _page_address(request: AnyRequest) -> str:
    """Where a debtor's code is answered, as written in its mail."""
    address: str = request.app.state.settings.public_url
    return address.rstrip("/") + "/confirm"


def _may(signed: Signed) -> bool:
    return any(signed.may(each) for each in DECIDE)


HANDLERS = [list_verifications, show_verification, ask_debtor, answer, verify_again]
