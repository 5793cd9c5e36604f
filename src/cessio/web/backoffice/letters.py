"""The letters of a debtor and their codes: print one, see who opened it, take its code back."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents
from cessio.banking import queries as banking
from cessio.contracts.operations import PayTo, notify_debtor
from cessio.correspondence import answer_page, revoke_code
from cessio.correspondence import queries as correspondence
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, NotFound
from cessio.kernel.paging import PageRequest
from cessio.parties import debtor_names
from cessio.receivables.queries import behaviour, cover
from cessio.replies import ReplyFilter, queries
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.exports import file_response
from cessio.web.forms import Form, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who

SEE = Permission.SEE_PARTIES
#: Who holds a code may answer for the debtor: shown to those who deal with it, and to no others.
WRITE = (Permission.COLLECT, Permission.HANDLE_DISPUTES)


@get("/backoffice/debtors/{debtor_id:int}/letters", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_letters(
    request: AnyRequest, session: Db, signed: Who, on: On, debtor_id: Id
) -> Response[Any]:
    """The letters with a code that went to a debtor, and a new one."""
    return _list(request, session, signed, on, debtor_id, Form())


@post("/backoffice/debtors/{debtor_id:int}/letters", guards=[staff(*WRITE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def print_notice(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, debtor_id: Id
) -> Response[Any]:
    """Print the notice of assignment, with a new code."""
    form = Form(submitted)
    contract_id = form.need("contract", integer())
    account_id = form.need("account", integer())
    if form.valid():
        try:
            account = banking.account(session, account_id=account_id)
            with session.begin_nested():
                message_id = notify_debtor(
                    session, contract_id=contract_id, debtor_id=debtor_id, by=signed.by, at=at,
                    pay_to=PayTo(account.iban, account.bic, account.holder),
                )  # fmt: skip
            found = [one for one in queries.letters_to(session, debtor_id)
                     if one.message_id == message_id]  # fmt: skip
            return redirect(f"/backoffice/letters/{found[0].id}", N_("Letter printed."))
        except CessioError as error:
            form.refuse(error)
    return _list(request, session, signed, on, debtor_id, form, status=422)


@get("/backoffice/letters/{letter_code_id:int}", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_letter(
    request: AnyRequest, session: Db, signed: Who, on: On, letter_code_id: Id
) -> Response[Any]:
    """One letter: its code, each look and answer, what was said."""
    return _page(request, session, signed, on, letter_code_id, Form())


@post("/backoffice/letters/{letter_code_id:int}/revoke", guards=[staff(*WRITE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def revoke(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    letter_code_id: Id,
) -> Response[Any]:  # fmt: skip
    """The code opens nothing any more: the letter was lost, or went to the wrong place."""
    form = Form(submitted)
    why = form.need("why", text(300))
    if form.valid():
        try:
            with session.begin_nested():
                revoke_code(session, code_id=letter_code_id, why=why, by=signed.by, at=at)
            return redirect(f"/backoffice/letters/{letter_code_id}",
                            N_("The code opens nothing any more."))  # fmt: skip
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, letter_code_id, form, status=422)


@get("/backoffice/letters/{letter_code_id:int}/pdf", guards=[staff(*WRITE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def give_letter(session: Db, letter_code_id: Id) -> Response[bytes]:
    """The letter as it was printed."""
    found = documents.read(session, queries.letter(session, letter_code_id).document_id)
    return file_response(found.content, found.filename, found.media_type)


def _list(
    request: AnyRequest, session: Session, signed: Signed, on: On, debtor_id: int, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    name = debtor_names(session, [debtor_id]).get(debtor_id)
    if name is None:
        raise NotFound("debtor_unknown", "There is no such debtor")
    owed = behaviour.debtor_exposure(session, debtor_id=debtor_id, on=on)
    pairs = cover.pair_covers(session, debtor_id=debtor_id)
    known = {one.contract_id: f"{one.client_name} · {one.contract_reference}" for one in owed}
    known |= {one.contract_id: f"{one.client_name} · {one.contract_reference}" for one in pairs}
    return render(
        request, "backoffice/replies/list_letters.html", status=status, form=form, name=name,
        debtor_id=debtor_id, on=on, letters=queries.letters_to(session, debtor_id),
        contracts=[*known.items()],
        accounts=[(one.account_id, f"{one.name} · {one.iban}")
                  for one in banking.accounts(session)],
        may_write=any(signed.may(one) for one in WRITE),
    )  # fmt: skip


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: On, code_id: int, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    one = queries.letter(session, code_id)
    return render(
        request, "backoffice/replies/show_letter.html", status=status, one=one, form=form, on=on,
        debtor=debtor_names(session, [one.debtor_id])[one.debtor_id],
        may_write=any(signed.may(each) for each in WRITE), address=answer_page(one.code),
        found=queries.accesses(session, lists.asked_page(request), code_id=code_id),
        said=queries.replies(session, PageRequest(50),
                             ReplyFilter(state=None, code_id=code_id)).rows,
        body=correspondence.message(session, one.message_id).body,
        names=actors(session, [one.made_by, one.revoked_by]),
    )  # fmt: skip


HANDLERS = [list_letters, print_notice, show_letter, revoke, give_letter]
