"""Where the client is paid, and another account asked for under protection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents
from cessio.correspondence import told_about
from cessio.funding import queries as funding
from cessio.funding.rules.payouts import payable_from
from cessio.identity import Permission, Signed
from cessio.identity import queries as people
from cessio.kernel.errors import CessioError, NotFound
from cessio.parties import add_account
from cessio.parties import queries as parties
from cessio.parties.operations import (
    CERTIFICATE,
    SUBJECT,
    agree_to_account,
    end_account,
    give_certificate,
)
from cessio.parties.queries import AccountView
from cessio.parties.rules.accounts import bank_of
from cessio.web.exports import file_response
from cessio.web.forms import Form, iban, text
from cessio.web.guards import client_user, proven
from cessio.web.payees import payouts_again
from cessio.web.portal.scope import client_of
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who

HOME = "/portal/bank-details"
CHANGE = Permission.OWN_CHANGE_ACCOUNT


@get(HOME, guards=[client_user(Permission.OWN_SEE)], include_in_schema=False, sync_to_thread=True)
def show_bank_details(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """The account paid to, what is asked for, who was told, and from when it is paid to."""
    client_id = client_of(signed)
    payee = parties.payout_account(session, client_id)
    company_id = parties.company_of_client(session, client_id)
    asked = next(
        (one for one in parties.accounts(session, company_id)
         if one.is_payout and one.confirmed_at is None), None,
    )  # fmt: skip
    limits = funding.limits_now(session)
    changed_at = funding.payee_payable_from(session, client_id=client_id)
    payable = None if changed_at is None else payable_from(changed_at, limits)
    return render(
        request, "portal/bank_details/show_bank_details.html", payee=payee, asked=asked,
        bank=None if payee is None else bank_of(payee.iban),
        payable=payable if payable is not None and payable > at else None,
        hours=limits.cooling_hours, may_ask=signed.may(CHANGE),
        **({} if asked is None else _of_request(session, signed, asked)),
    )  # fmt: skip


def _of_request(session: Session, signed: Signed, asked: AccountView) -> dict[str, Any]:
    others = parties.who_agrees(session, asked)
    agreed = parties.agreement(session, asked.id)
    actors = [asked.added_by] if agreed is None else [asked.added_by, agreed[1]]
    return {
        "asked_bank": bank_of(asked.iban), "others": [one.name for one in others],
        "agreed": agreed, "names": people.actor_names(session, actors),
        "may_agree": agreed is None and signed.person_id in {one.id for one in others},
        "told": told_about(session, kind="party_account", id=asked.id),
        "certificates": documents.of_subject(session, SUBJECT, asked.id, kind=CERTIFICATE),
    }  # fmt: skip


@get(f"{HOME}/new", guards=[client_user(CHANGE), proven], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def new_bank_details(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """The form, and what happens to a request."""
    return _form(request, session, signed, Form(holder=signed.firm))


@post(HOME, guards=[client_user(CHANGE), proven], include_in_schema=False, sync_to_thread=True)
def ask_for_account(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Ask for it; everybody known here is told at once, and nothing is paid there yet."""
    form = Form(submitted)
    number, holder = form.need("iban", iban()), form.need("holder", text(140))
    why = form.need("why", text(500))
    paper = form.upload("certificate", max_bytes=documents.PAPER_BYTES, required=False)
    if form.valid():
        try:
            with session.begin_nested():
                account_id = add_account(
                    session, company_id=parties.company_of_client(session, client_of(signed)),
                    iban=number, holder=holder, is_payout=True, why=why, by=signed.by, at=at,
                )  # fmt: skip
                if paper is not None:
                    give_certificate(session, account_id=account_id, filename=paper.name,
                                     content=paper.content, by=signed.by, at=at)  # fmt: skip
                _touched(session, parties.account(session, account_id), signed, at)
            return redirect(HOME, N_("Asked for. Everybody we know at your company was told."))
        except CessioError as error:
            form.refuse(error, "certificate" if error.field == "paper" else None)
    return _form(request, session, signed, form, status=422)


@get(f"{HOME}/{{account_id:int}}/certificate/{{document_id:int}}",
     guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def read_certificate(session: Db, signed: Who, account_id: Id, document_id: Id) -> Response[bytes]:
    """What the client gave with its request. Raises ``NotFound``."""
    account_id = _own(session, signed, account_id).id
    file = documents.read(session, document_id, client_id=client_of(signed), kind=CERTIFICATE,
                          about=(SUBJECT, account_id))  # fmt: skip
    return file_response(file.content, file.filename, file.media_type)


@post(f"{HOME}/{{account_id:int}}/agreement", guards=[client_user(CHANGE), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def agree(session: Db, signed: Who, account_id: Id, at: At) -> Response[Any]:
    """The second person of the client wants it too."""
    agree_to_account(session, account_id=_own(session, signed, account_id).id, by=signed.by, at=at)
    return redirect(HOME, N_("You agreed. We now call somebody of your company whom we know."))


@post(f"{HOME}/{{account_id:int}}/end", guards=[client_user(Permission.OWN_SEE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def cancel_request(session: Db, signed: Who, account_id: Id, at: At) -> Response[Any]:
    """Whoever was told may stop it, at once and without asking."""
    asked = _own(session, signed, account_id)
    if asked.confirmed_at is not None or not asked.is_payout:
        raise NotFound("account_not_found", "There is no such bank account")
    end_account(session, account_id=asked.id, why="cancelled in the portal", by=signed.by, at=at)
    _touched(session, asked, signed, at)
    return redirect(HOME, N_("Cancelled: nothing will be paid there."))


def _touched(session: Session, account: AccountView, signed: Signed, at: datetime) -> None:
    payouts_again(session, account, by=signed.by, at=at)


def _own(session: Session, signed: Signed, account_id: int) -> AccountView:
    """An account of the reader's own company; another's is none. Raises ``NotFound``."""
    found = parties.account(session, account_id)
    if found.company_id != parties.company_of_client(session, client_of(signed)):
        raise NotFound("account_not_found", "There is no such bank account")
    return found


def _form(
    request: AnyRequest, session: Session, signed: Signed, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "portal/bank_details/new_bank_details.html", status=status, form=form,
        payee=parties.payout_account(session, client_of(signed)),
        hours=funding.limits_now(session).cooling_hours,
    )  # fmt: skip


HANDLERS = [
    show_bank_details, new_bank_details, ask_for_account, read_certificate, agree, cancel_request,
]  # fmt: skip
