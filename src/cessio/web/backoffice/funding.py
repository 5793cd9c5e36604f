"""Funding and payouts: decide drawdowns, gather payouts in an order, hear the bank."""

from __future__ import annotations

from datetime import date, datetime
from mimetypes import guess_type
from typing import Any

from litestar import Response, get, post

from cessio import approvals, funding
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.funding.operations import Proof, decline_outcome, dissolve_order, seconding
from cessio.funding.operations.unknowns import KIND as OUTCOME
from cessio.funding.queries.outcomes import order_outcomes
from cessio.funding.rules import DrawdownStateName as State
from cessio.funding.rules import OutcomeSaid, holds
from cessio.funding.rules.payees import PayeeOutcome, digest
from cessio.house import Counted, ReasonList, counted_on
from cessio.house import queries as house
from cessio.identity import Permission
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, Invalid
from cessio.web.actors import actors
from cessio.web.backoffice import second, work
from cessio.web.exports import file_response
from cessio.web.forms import Form, chosen, day, integer, one_of, text
from cessio.web.guards import proven, staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

PATH = "/backoffice/funding"
ORDERS = f"{PATH}/orders"
SEE = staff(Permission.SEE_FUNDING)
MAX_ANSWER_BYTES = 5_000_000


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_payouts(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """What waits for whom: to approve, to order, at the bank; and the latest of all."""
    execute_on = counted_on(session, what=Counted.PAYOUT, at=at)
    return _list(request, session, signed, Form(execute_on=execute_on), at, 200)


@get(f"{PATH}/{{drawdown_id:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_payout(
    request: AnyRequest, session: Db, signed: Who, on: On, drawdown_id: Id
) -> Response[Any]:
    """One drawdown: what was asked, on which figures, and the decision if it is asked of you."""
    return _show(request, session, signed, on, drawdown_id, Form(), 200)


@post(f"{PATH}/{{drawdown_id:int}}/decision", guards=[staff(Permission.APPROVE_DRAWDOWNS), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def decide(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, drawdown_id: Id
) -> Response[Any]:
    """The second person's yes or no, bound to the hash of what was shown."""
    form = Form(submitted)
    said = second.answer(form, ReasonList.PAYOUT_REFUSAL)
    if not form.valid():
        return _show(request, session, signed, business_date(at), drawdown_id, form, 422)
    who: dict[str, Any] = {"seen_hash": said.seen, "by": signed.by, "at": at}
    try:
        with session.begin_nested():
            if said.agrees:
                funding.approve_drawdown(session, drawdown_id=drawdown_id, **who)
            else:
                funding.reject_drawdown(session, drawdown_id=drawdown_id, reason=said.reason,
                                        **who)  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        return _show(request, session, signed, business_date(at), drawdown_id, form, 422)
    return work.done(request, PATH, N_("Your decision is recorded."))


@post(ORDERS, guards=[staff(Permission.PREPARE_PAYMENTS), proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def seal_order(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Gather the chosen payouts in one order and seal its bytes."""
    form = Form(submitted)
    account_id, execute_on = form.need("account", integer()), form.need("execute_on", day())
    wanted = form.many("drawdown", integer())
    if not wanted:
        form.refuse(Invalid("nothing_chosen", "choose at least one payout"))
    if not form.valid():
        return _list(request, session, signed, form, at, 422)
    try:
        with session.begin_nested():
            sealed = funding.seal_payouts(
                session, account_id=account_id, execute_on=execute_on, drawdown_ids=wanted,
                by=signed.by, at=at,
            )  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        return _list(request, session, signed, form, at, 422)
    return redirect(
        f"{ORDERS}/{sealed.order_id}", N_("Order {message_id} is sealed."),
        message_id=sealed.message_id,
    )  # fmt: skip


@get(f"{ORDERS}/{{order_id:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_order(request: AnyRequest, session: Db, signed: Who, order_id: Id) -> Response[Any]:
    """A sealed order: its payouts, its hash, its file, what the bank said."""
    return order_page(request, session, signed, order_id, Form(), 200)


@get(f"{ORDERS}/{{order_id:int}}/file", guards=[staff(Permission.RELEASE_PAYMENTS)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def download_order(session: Db, signed: Who, at: At, order_id: Id) -> Response[bytes]:
    """The sealed bytes, checked against their hash; two people signed them first."""
    funding.refuse_unreleasable(session, order_id=order_id, by=signed.by, at=at)
    content = bank.released_file(session, order_id=order_id)
    return file_response(content.content, content.filename, "application/xml")


@post(f"{ORDERS}/{{order_id:int}}/signatures", guards=[staff(Permission.RELEASE_PAYMENTS), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def sign_order(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, order_id: Id
) -> Response[Any]:
    """The second person's signature, on the hash that was shown."""
    form = Form(submitted)
    shown, known = form.need("seen", second.digest), form.need("payees", second.digest)
    if form.valid():
        try:
            with session.begin_nested():
                funding.sign_order(session, order_id=order_id, seen=shown, payees=known,
                                   by=signed.by, at=at)  # fmt: skip
            return work.done(request, f"{ORDERS}/{order_id}", N_("Signed: the order may leave."))
        except CessioError as error:
            form.refuse(error)
    return order_page(request, session, signed, order_id, form, 422)


@post(f"{ORDERS}/{{order_id:int}}/giving-up", guards=[staff(Permission.PREPARE_PAYMENTS)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def give_up_order(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, order_id: Id
) -> Response[Any]:
    """Give the order up before it leaves; its payouts wait again."""
    form = Form(submitted)
    reason = form.need("reason", text(500))
    if form.valid():
        try:
            with session.begin_nested():
                dissolve_order(session, order_id=order_id, reason=reason, by=signed.by, at=at)
            return redirect(PATH, N_("The order is given up; its payouts wait again."))
        except CessioError as error:
            form.refuse(error)
    return order_page(request, session, signed, order_id, form, 422)


@post(f"{PATH}/{{drawdown_id:int}}/outcome", guards=[staff(Permission.RELEASE_PAYMENTS), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def say_outcome(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, drawdown_id: Id
) -> Response[Any]:
    """One person says what became of an unknown payout, and how it is known."""
    form = Form(submitted)
    outcome, note = form.need("outcome", chosen(OutcomeSaid)), form.need("note", text(1000))
    paper = form.upload("proof", max_bytes=MAX_ANSWER_BYTES, required=False)
    if form.valid():
        proof = Proof(paper.name, _media_type(paper.name), paper.content) if paper else None
        try:
            with session.begin_nested():
                funding.say_outcome(
                    session, drawdown_id=drawdown_id, outcome=outcome, note=note, proof=proof,
                    by=signed.by, at=at,
                )  # fmt: skip
            return redirect(
                f"{PATH}/{drawdown_id}", N_("Recorded; another person confirms it.")
            )  # fmt: skip
        except CessioError as error:
            form.refuse(error)
    return _show(request, session, signed, business_date(at), drawdown_id, form, 422)


@post(f"{PATH}/{{drawdown_id:int}}/outcome/decision",
      guards=[staff(Permission.RELEASE_PAYMENTS), proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def decide_outcome(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, drawdown_id: Id
) -> Response[Any]:
    """Another person confirms, or does not agree and the payout stays unknown."""
    form = Form(submitted)
    answer, reason = form.need("answer", one_of(second.ANSWERS)), form.maybe("reason", text(500))
    if form.valid():
        try:
            with session.begin_nested():
                if answer == second.APPROVE:
                    funding.confirm_outcome(session, drawdown_id=drawdown_id, by=signed.by, at=at)
                else:
                    decline_outcome(
                        session, drawdown_id=drawdown_id, reason=reason or "", by=signed.by, at=at
                    )
            return redirect(f"{PATH}/{drawdown_id}", N_("Your decision is recorded."))
        except CessioError as error:
            form.refuse(error)
    return _show(request, session, signed, business_date(at), drawdown_id, form, 422)


@post(f"{ORDERS}/{{order_id:int}}/sending", guards=[staff(Permission.RELEASE_PAYMENTS), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def mark_sent(session: Db, signed: Who, at: At, order_id: Id) -> Response[Any]:
    """Say that the file was handed to the bank; from here on only the bank speaks."""
    funding.release_order(session, order_id=order_id, by=signed.by, at=at)
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
        return order_page(request, session, signed, order_id, form, 422)
    try:
        with session.begin_nested():
            done = funding.receive_bank_answer(
                session, order_id=order_id, data=upload.content, filename=upload.name,
                by=signed.by, at=at,
            )  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        return order_page(request, session, signed, order_id, form, 422)
    return redirect(
        f"{ORDERS}/{order_id}", N_("The bank accepted {paid} and rejected {rejected}."),
        paid=len(done.paid), rejected=len(done.rejected),
    )  # fmt: skip


def _media_type(name: str) -> str:
    return guess_type(name)[0] or "application/octet-stream"


def _list(
    request: AnyRequest, session: Db, signed: Who, form: Form, at: datetime, status: int
) -> Response[Any]:
    orders = bank.orders(session, limit=10)
    granted = queries.drawdowns(session, states=[State.GRANTED], limit=200)
    limits = queries.limits_now(session)
    facts = queries.payout_facts(session, [one.drawdown_id for one in granted])
    return render(
        request, "backoffice/funding/list_payouts.html", status=status, form=form,
        requested=queries.drawdowns(session, states=[State.REQUESTED], limit=200),
        granted=granted, limits=limits, now=at, positions=bank.positions(session),
        held={one.drawdown_id: holds(one, limits, at=at) for one in facts},
        cut_off=(cut_off := house.cut_offs(session)[Counted.PAYOUT]),
        cut_off_over=cut_off.is_over(at),
        ordered=queries.drawdowns(session, states=[State.ORDERED], limit=500),
        orders=orders, outcomes=order_outcomes(session, [one.order_id for one in orders]),
        latest=queries.drawdowns(session, limit=20),
        accounts=[(str(one.account_id), f"{one.name} · {one.iban[-4:]}")
                  for one in bank.accounts(session) if one.is_payout],
        may_seal=signed.may(Permission.PREPARE_PAYMENTS),
    )  # fmt: skip


def _show(
    request: AnyRequest, session: Db, signed: Who, on: date, drawdown_id: int, form: Form,
    status: int,
) -> Response[Any]:  # fmt: skip
    found = queries.drawdown_view(session, drawdown_id=drawdown_id)
    waits = found.state is State.REQUESTED
    shown = seconding.shown(session, drawdown_id=drawdown_id, on=on) if waits else None
    life = queries.states_of(session, drawdown_id=drawdown_id)
    said = approvals.open_for(session, OUTCOME, drawdown_id)
    order = bank.order(session, order_id=found.order_id) if found.order_id else None
    return render(
        request, "backoffice/funding/show_payout.html", status=status, found=found, form=form,
        life=life, shown=shown, said=said, order=order, unknown=State.ORDERED,
        names=actors(session, [*(state.by for state in life), said.maker if said else None]),
        outcomes=[(one.value, label(one)) for one in OutcomeSaid], me=signed.person_id,
        may_release=signed.may(Permission.RELEASE_PAYMENTS),
        refused=State.REFUSED,
        may_decide=signed.may(Permission.APPROVE_DRAWDOWNS),
    )  # fmt: skip


def order_page(
    request: AnyRequest, session: Db, signed: Who, order_id: int, form: Form, status: int
) -> Response[Any]:
    """A sealed order as it is shown, with what was refused on it."""
    found = bank.order(session, order_id=order_id)
    answers = bank.answers(session, order_id=order_id)
    signatures = bank.signatures(session, order_id=order_id)
    payees = queries.payees_of_order(session, order_id)
    by = [*(one.checked_by for one in payees), *(one.accepted_by for one in payees),
          found.sealed_by, found.sent_by, found.cancelled_by, *(one.by for one in signatures),
          *(f"person:{one.for_id}" for one in signatures if one.for_id),
          *(answer.received_by for answer in answers)]  # fmt: skip
    return render(
        request, "backoffice/funding/show_order.html", status=status, form=form, found=found,
        payouts=queries.orders_drawdowns(session, order_id=order_id), answers=answers,
        names=actors(session, by), outcome=order_outcomes(session, [order_id])[order_id],
        may_release=signed.may(Permission.RELEASE_PAYMENTS), signatures=signatures,
        totals=bank.control_totals(session, order_id=order_id),
        payees=payees, payees_seen=digest(payees).hex(),
        payee_choices=[(str(at), f"{one.name} · {one.iban[-4:]}") for at, one in enumerate(payees)],
        outcomes=[(one.value, label(one)) for one in PayeeOutcome],
        doubtful=[(str(one.check_id), one.name) for one in payees if one.is_held],
        signed_by_me=any(signed.person_id in (one.person_id, one.for_id) for one in signatures),
        may_give_up=signed.may(Permission.PREPARE_PAYMENTS),
        may_answer=signed.may(Permission.IMPORT_STATEMENTS),
    )  # fmt: skip


HANDLERS = [
    list_payouts, show_payout, decide, seal_order, show_order, sign_order, give_up_order,
    download_order, mark_sent, receive_answer, say_outcome, decide_outcome,
]  # fmt: skip
