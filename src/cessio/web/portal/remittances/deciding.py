"""Confirming, withdrawing, sending again what was refused, and the receipt."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.receivables import operations
from cessio.receivables.formats.receipt import receipt_pdf
from cessio.receivables.jobs import AT_ONCE, SUBMIT
from cessio.receivables.rules import RemittanceState
from cessio.web.exports import file_response
from cessio.web.guards import client_user
from cessio.web.portal.remittances.common import address, check_and_show, own, start
from cessio.web.portal.scope import client_of
from cessio.web.render import N_, redirect
from cessio.web.requests import AnyRequest, At, Db, Id, On, Who, verify_at
from cessio.web.words import sentence


@post("/portal/remittances/{remittance_id:int}/submission",
      guards=[client_user(Permission.OWN_ASSIGN)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def submit_remittance(session: Db, signed: Who, remittance_id: Id, at: At) -> Response[Any]:
    """Confirm: assigned at once where the contract lets it, else examined first."""
    row = own(session, signed, remittance_id).remittance
    if row.line_count > AT_ONCE and row.state is RemittanceState.DRAFT:
        return start(session, signed, SUBMIT, remittance_id, at=at)
    try:
        with session.begin_nested():
            done = operations.submit(session, remittance_id=remittance_id, by=signed.by, at=at)
    except CessioError as error:
        return redirect(address(remittance_id), N_("Not confirmed: {why}"), tone="danger",
                        why=sentence(error))  # fmt: skip
    if done.state is RemittanceState.REFUSED:
        return redirect(address(remittance_id), N_("Every invoice was assigned meanwhile."),
                        tone="danger")  # fmt: skip
    if done.assignment is None:
        return redirect(address(remittance_id), N_("Remittance sent; we examine it first."))
    return redirect(
        address(remittance_id), N_("Assigned: {n} documents. You can draw on them now."),
        n=done.assignment.document_count,
    )  # fmt: skip


@post("/portal/remittances/{remittance_id:int}/check",
      guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def check_remittance(session: Db, signed: Who, remittance_id: Id, at: At, on: On) -> Response[Any]:
    """Check a draft again, as of today."""
    return check_and_show(session, signed, remittance_id, on=on, at=at)


@post("/portal/remittances/{remittance_id:int}/withdrawal",
      guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def withdraw_remittance(session: Db, signed: Who, remittance_id: Id, at: At) -> Response[Any]:
    """Take back what was not accepted yet."""
    own(session, signed, remittance_id)
    operations.withdraw(session, remittance_id=remittance_id, by=signed.by, at=at)
    return redirect(address(remittance_id), N_("Remittance withdrawn; nothing was assigned."))


@post("/portal/remittances/{remittance_id:int}/resending",
      guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def resend_refused(session: Db, signed: Who, remittance_id: Id, at: At, on: On) -> Response[Any]:
    """A new draft of the refused lines, to be corrected under their own numbers."""
    own(session, signed, remittance_id)
    fresh = operations.redraft_refused(
        session, remittance_id=remittance_id, by=signed.by, at=at
    )  # fmt: skip
    return check_and_show(session, signed, fresh, on=on, at=at)


@get("/portal/remittances/{remittance_id:int}/receipt.pdf",
     guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_receipt(
    request: AnyRequest, session: Db, signed: Who, remittance_id: Id
) -> Response[bytes]:
    """The subrogation receipt as a letter, always the same bytes."""
    number, pdf = receipt_pdf(
        session, remittance_id, verify_at=verify_at(request), client_id=client_of(signed)
    )
    return file_response(pdf, f"{number}.pdf", "application/pdf")


HANDLERS = [
    submit_remittance,
    check_remittance,
    withdraw_remittance,
    resend_refused,
    show_receipt,
]
