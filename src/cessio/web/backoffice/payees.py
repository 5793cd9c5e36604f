"""What banks say of payees: written down, taken from a file, asked for; a doubtful one accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.funding import queries
from cessio.funding.formats.payee_answers import MOST_BYTES, read_answers
from cessio.funding.jobs import ASK_PAYEES
from cessio.funding.operations import accept_payee, record_payee, take_answers
from cessio.funding.rules.payees import Payee, PayeeOutcome, PayeeSource
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, Invalid
from cessio.parties.queries import AccountView
from cessio.plumbing import confined, payee_gateway
from cessio.plumbing.jobs import enqueue
from cessio.web.actors import actors
from cessio.web.backoffice.funding import ORDERS, PATH, SEE, order_page
from cessio.web.forms import Form, chosen, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who


@post(f"{ORDERS}/{{order_id:int}}/payees", guards=[
    staff(Permission.PREPARE_PAYMENTS, Permission.RELEASE_PAYMENTS)],
    include_in_schema=False, sync_to_thread=True)  # fmt: skip
def record(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, order_id: Id
) -> Response[Any]:
    """The bank's word on one name and account of the order."""
    form = Form(submitted)
    place, outcome = form.need("payee", integer()), form.need("outcome", chosen(PayeeOutcome))
    returned = form.maybe("returned_name", text(140))
    payees = queries.payees_of_order(session, order_id)
    if form.valid():
        try:
            if not 0 <= place < len(payees):
                raise Invalid("payee_unknown", "choose one of the order's payees", field="payee")
            one = payees[place]
            record_payee(session, name=one.name, iban=one.iban, outcome=outcome,
                         returned_name=returned, by=signed.by, at=at)  # fmt: skip
            return redirect(f"{ORDERS}/{order_id}#payees", N_("The bank’s answer is kept."))
        except CessioError as error:
            form.refuse(error)
    return order_page(request, session, signed, order_id, form, 422)


@post(f"{ORDERS}/{{order_id:int}}/payees/acceptance",
      guards=[staff(Permission.RELEASE_PAYMENTS)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def accept(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, order_id: Id
) -> Response[Any]:
    """A second person lets a payee be paid whom its bank does not recognise."""
    form = Form(submitted)
    check_id, reason = form.need("check", integer()), form.need("why", text(500))
    if form.valid():
        try:
            with session.begin_nested():
                accept_payee(session, check_id=check_id, reason=reason, by=signed.by, at=at)
            return redirect(f"{ORDERS}/{order_id}#payees", N_("Accepted: the order may leave."))
        except CessioError as error:
            form.refuse(error)
    return order_page(request, session, signed, order_id, form, 422)


PAYEES = f"{PATH}/payees"
TREASURY = (Permission.PREPARE_PAYMENTS, Permission.RELEASE_PAYMENTS)


@get(PAYEES, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_payees(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Everybody we pay, with the bank's latest word; those nobody asked about first."""
    return _list(request, session, signed, Form())


@post(f"{PAYEES}/answers", guards=[staff(*TREASURY)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def take_file(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """The file in which a bank says what it knows of many payees."""
    form = Form(submitted)
    upload = form.upload("file", max_bytes=MOST_BYTES)
    if form.valid() and upload is not None:
        try:
            with session.begin_nested():
                taken = take_answers(session, confined.read(read_answers, upload.content),
                                     source=PayeeSource.FILE, by=signed.by, at=at)  # fmt: skip
        except CessioError as error:
            form.refuse(error)
        else:
            return redirect(
                PAYEES, N_("Answers kept: {kept}; known before: {known}; about nobody we pay:"
                           " {strangers}."),
                kept=taken.kept, known=taken.known, strangers=taken.strangers,
            )  # fmt: skip
    return _list(request, session, signed, form, 422)


@post(f"{PAYEES}/questions", guards=[staff(*TREASURY)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def ask_bank(session: Db, signed: Who, at: At) -> Response[Any]:
    """Have the bank asked about every payee nobody asked about yet."""
    if payee_gateway.known() is None:
        raise Invalid("payee_gateway_none", "this installation asks no bank about payees")
    enqueue(session, kind=ASK_PAYEES, key=at.isoformat(), payload={"asked_by": signed.by},
            by=signed.by, at=at)  # fmt: skip
    return redirect(PAYEES, N_("The bank is being asked; its answers are here in a moment."))


def _list(
    request: AnyRequest, session: Session, signed: Signed, form: Form, status: int = 200
) -> Response[Any]:
    found = sorted(queries.all_payees(session), key=_by_urgency)
    return render(
        request, "backoffice/funding/list_payees.html", status=status, form=form, found=found,
        names=actors(session, [one.checked_by for one in found]),
        unasked=sum(one.outcome is None for one in found), has_gateway=payee_gateway.known(),
        may_take=any(signed.may(one) for one in TREASURY),
    )  # fmt: skip


_URGENCY = (PayeeOutcome.NO_MATCH, PayeeOutcome.NOT_POSSIBLE, None, PayeeOutcome.CLOSE,
            PayeeOutcome.MATCH)  # fmt: skip


def _by_urgency(payee: Payee) -> tuple[bool, int, str]:
    return not payee.is_held, _URGENCY.index(payee.outcome), payee.name


@dataclass(frozen=True, slots=True)
class KnownPayee:
    """The bank's word on an account as it is now; ``voided``: the name it was last asked about."""

    payee: Payee
    voided: str | None


def of_accounts(
    session: Session, accounts: tuple[AccountView, ...]
) -> dict[str, KnownPayee]:  # fmt: skip
    """By IBAN, what the files of a client and a debtor show of their accounts."""
    found = queries.payees(session, {(one.holder, one.iban) for one in accounts})
    asked = queries.names_checked(session, [one.iban for one in found])
    return {
        one.iban: KnownPayee(one, None if one.outcome else asked.get(one.iban)) for one in found
    }  # fmt: skip


HANDLERS = [list_payees, take_file, ask_bank, record, accept]
