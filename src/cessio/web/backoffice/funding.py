"""Funding and payouts: decide drawdowns, gather payouts in an order, hear the bank."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from cessio import approvals, banking, funding
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.funding.operations.drawdowns import approval_hash
from cessio.funding.queries.outcomes import order_outcomes
from cessio.funding.rules import DrawdownStateName as State
from cessio.identity import Permission
from cessio.kernel.errors import CessioError, Invalid
from cessio.web.actors import actors
from cessio.web.backoffice import work
from cessio.web.exports import file_response
from cessio.web.forms import FieldError, Form, day, integer, one_of, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who

PATH = "/backoffice/funding"
ORDERS = f"{PATH}/orders"
SEE = staff(Permission.SEE_FUNDING)
MAX_ANSWER_BYTES = 5_000_000
ANSWERS = ("approve", "reject")


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_payouts(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """What waits for whom: to approve, to order, at the bank; and the latest of all."""
    return _list(request, session, signed, Form(execute_on=on), 200)


@get(f"{PATH}/{{drawdown_id:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_payout(request: AnyRequest, session: Db, signed: Who, drawdown_id: Id) -> Response[Any]:
    """One drawdown: what was asked, on which figures, and the decision if it is asked of you."""
    return _show(request, session, signed, drawdown_id, Form(), 200)


@post(f"{PATH}/{{drawdown_id:int}}/decision", guards=[staff(Permission.APPROVE_DRAWDOWNS)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def decide(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, drawdown_id: Id
) -> Response[Any]:
    """The second person's yes or no, bound to the hash of what was shown."""
    form = Form(submitted)
    answer, seen = form.need("answer", one_of(ANSWERS)), form.need("seen", _digest)
    reason = form.maybe("reason", text(500))
    if answer == "reject" and not reason:
        form.refuse(Invalid("reason_missing", "say why you refuse", field="reason"))
    if not form.valid():
        return _show(request, session, signed, drawdown_id, form, 422)
    try:
        with session.begin_nested():
            if answer == "approve":
                funding.approve_drawdown(
                    session, drawdown_id=drawdown_id, seen_hash=seen, by=signed.by, at=at
                )
            else:
                funding.reject_drawdown(
                    session, drawdown_id=drawdown_id, seen_hash=seen, reason=reason or "",
                    by=signed.by, at=at,
                )  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        return _show(request, session, signed, drawdown_id, form, 422)
    return work.done(request, PATH, N_("Your decision is recorded."))


@post(ORDERS, guards=[staff(Permission.PREPARE_PAYMENTS)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def seal_order(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Gather the chosen payouts in one order and seal its bytes."""
    form = Form(submitted)
    account_id, execute_on = form.need("account", integer()), form.need("execute_on", day())
    chosen = form.many("drawdown", integer())
    if not chosen:
        form.refuse(Invalid("nothing_chosen", "choose at least one payout"))
    if not form.valid():
        return _list(request, session, signed, form, 422)
    try:
        with session.begin_nested():
            sealed = funding.seal_payouts(
                session, account_id=account_id, execute_on=execute_on, drawdown_ids=chosen,
                by=signed.by, at=at,
            )  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        return _list(request, session, signed, form, 422)
    return redirect(
        f"{ORDERS}/{sealed.order_id}", N_("Order {message_id} is sealed."),
        message_id=sealed.message_id,
    )  # fmt: skip


@get(f"{ORDERS}/{{order_id:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_order(request: AnyRequest, session: Db, signed: Who, order_id: Id) -> Response[Any]:
    """A sealed order: its payouts, its hash, its file, what the bank said."""
    return _order(request, session, signed, order_id, Form(), 200)


@get(f"{ORDERS}/{{order_id:int}}/file", guards=[staff(Permission.RELEASE_PAYMENTS)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def download_order(session: Db, order_id: Id) -> Response[bytes]:
    """The sealed bytes, checked against their hash before they leave."""
    content = bank.order_file(session, order_id=order_id)
    return file_response(content.content, content.filename, "application/xml")


@post(f"{ORDERS}/{{order_id:int}}/sending", guards=[staff(Permission.RELEASE_PAYMENTS)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def mark_sent(session: Db, signed: Who, at: At, order_id: Id) -> Response[Any]:
    """Say that the file was handed to the bank; from here on only the bank speaks."""
    banking.record_order_sent(session, order_id=order_id, by=signed.by, at=at)
    return redirect(f"{ORDERS}/{order_id}", N_("The order is with the bank."))


@post(f"{ORDERS}/{{order_id:int}}/answers", guards=[staff(Permission.IMPORT_STATEMENTS)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def receive_answer(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, order_id: Id
) -> Response[Any]:
    """Read the bank's pain.002: accepted payouts are paid, rejected ones given back."""
    form = Form(submitted)
    upload = form.upload("file", max_bytes=MAX_ANSWER_BYTES)
    if not form.valid() or upload is None:
        return _order(request, session, signed, order_id, form, 422)
    try:
        with session.begin_nested():
            done = funding.receive_bank_answer(
                session, order_id=order_id, data=upload.content, filename=upload.name,
                by=signed.by, at=at,
            )  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        return _order(request, session, signed, order_id, form, 422)
    return redirect(
        f"{ORDERS}/{order_id}", N_("The bank accepted {paid} and rejected {rejected}."),
        paid=len(done.paid), rejected=len(done.rejected),
    )  # fmt: skip


def _digest(raw: str) -> bytes:
    """The hash of what the decider was shown."""
    try:
        return bytes.fromhex(raw)
    except ValueError:
        raise FieldError(
            "form_outdated", "This form is out of date, please load it again"
        ) from None


def _list(request: AnyRequest, session: Db, signed: Who, form: Form, status: int) -> Response[Any]:
    orders = bank.orders(session, limit=10)
    return render(
        request, "backoffice/funding/list_payouts.html", status=status, form=form,
        requested=queries.drawdowns(session, states=[State.REQUESTED], limit=200),
        granted=queries.drawdowns(session, states=[State.GRANTED], limit=200),
        ordered=queries.drawdowns(session, states=[State.ORDERED], limit=500),
        orders=orders, outcomes=order_outcomes(session, [one.order_id for one in orders]),
        latest=queries.drawdowns(session, limit=20),
        accounts=[(str(one.account_id), f"{one.name} · {one.iban[-4:]}")
                  for one in bank.accounts(session) if one.is_payout],
        may_seal=signed.may(Permission.PREPARE_PAYMENTS),
    )  # fmt: skip


def _show(
    request: AnyRequest, session: Db, signed: Who, drawdown_id: int, form: Form, status: int
) -> Response[Any]:
    found = queries.drawdown_view(session, drawdown_id=drawdown_id)
    asked = approvals.open_for(session, "drawdown", drawdown_id)
    life = queries.states_of(session, drawdown_id=drawdown_id)
    return render(
        request, "backoffice/funding/show_payout.html", status=status, found=found, form=form,
        life=life, names=actors(session, [state.by for state in life]), asked=asked,
        seen=approval_hash(found).hex(), requested=State.REQUESTED, refused=State.REFUSED,
        may_decide=signed.may(Permission.APPROVE_DRAWDOWNS),
    )  # fmt: skip


def _order(
    request: AnyRequest, session: Db, signed: Who, order_id: int, form: Form, status: int
) -> Response[Any]:
    found = bank.order(session, order_id=order_id)
    answers = bank.answers(session, order_id=order_id)
    by = [found.sealed_by, found.sent_by, *(answer.received_by for answer in answers)]
    return render(
        request, "backoffice/funding/show_order.html", status=status, form=form, found=found,
        payouts=queries.orders_drawdowns(session, order_id=order_id), answers=answers,
        names=actors(session, by), outcome=order_outcomes(session, [order_id])[order_id],
        may_release=signed.may(Permission.RELEASE_PAYMENTS),
        may_answer=signed.may(Permission.IMPORT_STATEMENTS),
    )  # fmt: skip


HANDLERS = [
    list_payouts, show_payout, decide, seal_order, show_order, download_order, mark_sent,
    receive_answer,
]  # fmt: skip
