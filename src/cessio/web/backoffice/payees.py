"""What the bank says of those an order pays, written down by treasury; a doubtful one accepted."""

from __future__ import annotations

from typing import Any

from litestar import Response, post

from cessio.funding import queries
from cessio.funding.operations import accept_payee, record_payee
from cessio.funding.rules.payees import PayeeOutcome
from cessio.identity import Permission
from cessio.kernel.errors import CessioError, Invalid
from cessio.web.backoffice.funding import ORDERS, order_page
from cessio.web.forms import Form, chosen, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect
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


HANDLERS = [record, accept]
