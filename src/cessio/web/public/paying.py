"""The debtor's page: by the code of a letter, without an account, no more than the letter is about.

A code has eighty random bits; who guesses is held to a pace per network, a code to so many looks
and answers a day. Unknown, over, revoked and guessed too often are one answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio import replies, vigilance
from cessio.collections import PromiseState
from cessio.collections.queries import promises
from cessio.correspondence.rules import CODE_GROUPS
from cessio.documents import PAPER_BYTES
from cessio.kernel.calendar import business_date
from cessio.kernel.codes import read_code
from cessio.kernel.errors import CessioError
from cessio.kernel.paging import PageRequest
from cessio.receivables.rules import DisputeReason
from cessio.replies import Means, Opening, ReplyFilter, queries
from cessio.replies.operations import Author, Paper
from cessio.replies.rules import MOST_INVOICES
from cessio.web.backoffice import lists
from cessio.web.forms import Form, amount, chosen, day, iban, integer, text
from cessio.web.guards import public
from cessio.web.guesses import Guesses
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Sent
from cessio.web.sessions import client_address
from cessio.web.words import choices

#: A network that tried many wrong codes lately waits.
guesses = Guesses("letter")
_NAMES = {"amount_minor": "amount", "content": "paper"}

Page = Callable[[Opening], Response[Any]]


@get("/pay", guards=[public], include_in_schema=False, sync_to_thread=True)
def ask_code(request: AnyRequest) -> Response[Any]:
    """The form for a code typed from a letter."""
    typed = request.query_params.get("code", "")
    code = read_code(typed, CODE_GROUPS)
    if code is not None:
        return Redirect(f"/pay/{code}", status_code=303)
    return render(request, "public/paying/ask_code.html", form=Form(code=typed[:40]), code=None,
                  unreadable=bool(typed.strip()), often=None)  # fmt: skip


@get("/pay/{code:str}", guards=[public], include_in_schema=False, sync_to_thread=True)
def show_owed(request: AnyRequest, session: Db, at: At, code: FromPath[str]) -> Response[Any]:
    """Whom to pay and where, invoice by invoice, and what was answered before."""

    def page(opening: Opening) -> Response[Any]:
        on = business_date(at)
        return render(
            request, "public/paying/show_owed.html", one=opening, on=on,
            found=queries.owed(session, opening, lists.asked_page(request)),
            settled=queries.settled(session, opening, on=on),
            sums=queries.sums(session, opening, on=on), agreed=_agreed(session, opening, on),
            beside=queries.beside(session, opening, on=on),
            said=queries.replies(session, PageRequest(20),
                                 ReplyFilter(state=None, code_id=opening.id)).rows,
        )  # fmt: skip

    return _opened(request, session, code, at, page)


@get("/pay/{code:str}/paid", guards=[public], include_in_schema=False, sync_to_thread=True)
def tell_paid(request: AnyRequest, session: Db, at: At, code: FromPath[str]) -> Response[Any]:
    """The form of who has paid already."""
    return _opened(
        request, session, code, at,
        lambda opening: _paid_form(request, session, opening, Form(means=Means.TRANSFER)),
    )  # fmt: skip


@post("/pay/{code:str}/paid", guards=[public], include_in_schema=False, sync_to_thread=True)
def say_paid(
    request: AnyRequest, session: Db, at: At, submitted: Sent, code: FromPath[str]
) -> Response[Any]:
    """Keep what the debtor says; collections and the cash desk see it at once."""

    def page(opening: Opening) -> Response[Any]:
        form = Form(submitted)
        ids = form.many("invoice", integer())
        paid_on = form.need("paid_on", day())
        minor = form.maybe("amount", amount(opening.currency))
        means = form.need("means", chosen(Means))
        reference = form.maybe("reference", text(140))
        paid_to = form.maybe("paid_to", iban())
        comment = form.maybe("comment", text(1000, multiline=True))
        author = _author(request, form)
        if form.valid():
            try:
                with session.begin_nested():
                    replies.say_paid(
                        session, opening, receivable_ids=ids, paid_on=paid_on, means=means,
                        amount_minor=_all_of(session, opening, ids) if minor is None else minor,
                        reference=reference, paid_to=paid_to, comment=comment, author=author, at=at,
                    )  # fmt: skip
                    if paid_to and paid_to not in queries.accounts_named(session, opening):
                        _alarm(session, opening, paid_to, at)
                return redirect(f"/pay/{opening.code}", N_("Thank you: we look for your payment."))
            except CessioError as error:
                form.refuse(error, _NAMES.get(error.field or ""))
        return _paid_form(request, session, opening, form, status=422)

    return _opened(request, session, code, at, page)


@get("/pay/{code:str}/dispute", guards=[public], include_in_schema=False, sync_to_thread=True)
def tell_dispute(request: AnyRequest, session: Db, at: At, code: FromPath[str]) -> Response[Any]:
    """The form of who contests an invoice."""
    return _opened(
        request, session, code, at,
        lambda opening: _dispute_form(request, session, opening, Form()),
    )  # fmt: skip


@post("/pay/{code:str}/dispute", guards=[public], include_in_schema=False, sync_to_thread=True)
def say_disputed(
    request: AnyRequest, session: Db, at: At, submitted: Sent, code: FromPath[str]
) -> Response[Any]:
    """Keep what is contested and why; one of us decides, and the answer is read here."""

    def page(opening: Opening) -> Response[Any]:
        form = Form(submitted)
        number = form.need("invoice", integer())
        reason = form.need("reason", chosen(DisputeReason))
        minor = form.maybe("amount", amount(opening.currency))
        comment = form.need("comment", text(2000, multiline=True))
        sent = form.upload("paper", max_bytes=PAPER_BYTES, required=False)
        author = _author(request, form)
        if form.valid():
            try:
                with session.begin_nested():
                    replies.say_disputed(
                        session, opening, receivable_id=number, reason=reason, amount_minor=minor,
                        comment=comment, author=author, at=at,
                        paper=Paper(sent.name, sent.content) if sent is not None else None,
                    )  # fmt: skip
                said = N_("Thank you: we look into it and answer on this page.")
                return redirect(f"/pay/{opening.code}", said)
            except CessioError as error:
                form.refuse(error, _NAMES.get(error.field or ""))
        return _dispute_form(request, session, opening, form, status=422)

    return _opened(request, session, code, at, page)


@get("/pay/{code:str}/account", guards=[public], include_in_schema=False, sync_to_thread=True)
def tell_account(request: AnyRequest, session: Db, at: At, code: FromPath[str]) -> Response[Any]:
    """The form of who was given an account and wonders."""
    return _opened(
        request, session, code, at, lambda opening: _account_form(request, opening, Form(), None)
    )


@post("/pay/{code:str}/account", guards=[public], include_in_schema=False, sync_to_thread=True)
def ask_account(
    request: AnyRequest, session: Db, at: At, submitted: Sent, code: FromPath[str]
) -> Response[Any]:
    """Yes or no; a no is told to whoever looks after fraud, the same minute."""

    def page(opening: Opening) -> Response[Any]:
        form = Form(submitted)
        asked = form.need("iban", iban())
        if form.valid():
            try:
                is_genuine = replies.ask_account(session, opening, iban=asked, at=at,
                                                 address=client_address(request))  # fmt: skip
                if not is_genuine:
                    _alarm(session, opening, asked, at)
                return _account_form(request, opening, form, is_genuine)
            except CessioError as error:
                form.refuse(error)
        return _account_form(request, opening, form, None, status=422)

    return _opened(request, session, code, at, page)


def _opened(
    request: AnyRequest, session: Session, code: str, at: datetime, page: Page
) -> Response[Any]:
    """The page of what a code opens, its look written down; else the one page of all others."""
    address = client_address(request)
    is_spent = guesses.spent(request, session, at)
    opening = None if is_spent else replies.opened_by(session, code, on=business_date(at))
    if opening is None:
        if not is_spent:
            guesses.wrong(request, session, at)
        return render(request, "public/paying/ask_code.html", status=404, form=Form(),
                      code=code[:40], unreadable=False, often=None)  # fmt: skip
    if request.method == "GET":
        try:
            replies.note_look(session, opening, address=address, at=at)
        except replies.TooOften as error:
            return render(request, "public/paying/ask_code.html", status=429, form=Form(),
                          code=None, unreadable=False, often=error)  # fmt: skip
    return page(opening)


def _agreed(session: Session, opening: Opening, on: date) -> list[tuple[date, int, PromiseState]]:
    """What the debtor said it will pay on invoices of this code: by when, how much, kept or not."""
    found = []
    for one in promises(session, on=on, debtor_id=opening.debtor_id, waited_for=True, limit=100):
        parts = [
            line.amount_minor for line in one.invoices
            if line.contract_id == opening.contract_id
            and (opening.receivable_ids is None or line.receivable_id in opening.receivable_ids)
        ]  # fmt: skip
        if parts:
            found.append((one.due_on, sum(parts), one.state))
    return sorted(found)


def _alarm(session: Session, opening: Opening, account: str, at: datetime) -> None:
    vigilance.account_named(session, opening, iban=account, by=f"debtor:{opening.debtor_id}",
                            at=at)  # fmt: skip


def _author(request: AnyRequest, form: Form) -> Author:
    name = form.need("name", text(120))
    return Author(name, form.maybe("contact", text(200)), client_address(request))


def _all_of(session: Session, opening: Opening, ids: list[int]) -> int:
    """What is open of the invoices that were ticked; one at least, for a fault beside them."""
    return sum(queries.invoices(session, opening, ids).values()) or 1


def _paid_form(
    request: AnyRequest, session: Session, opening: Opening, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "public/paying/say_paid.html", status=status, one=opening, form=form,
        open_ones=_choosable(session, opening), means=choices(Means),
        ticked=form.submitted.fields.get("invoice", ()),
    )  # fmt: skip


def _dispute_form(
    request: AnyRequest, session: Session, opening: Opening, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "public/paying/say_disputed.html", status=status, one=opening, form=form,
        open_ones=_choosable(session, opening), reasons=choices(DisputeReason),
    )  # fmt: skip


def _choosable(session: Session, opening: Opening) -> list[queries.Owed]:
    rows = queries.owed(session, opening, PageRequest(MOST_INVOICES)).rows
    return [row for row in rows if row.kind == "invoice"]


def _account_form(
    request: AnyRequest, opening: Opening, form: Form, is_genuine: bool | None, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    return render(request, "public/paying/ask_account.html", status=status, one=opening,
                  form=form, is_genuine=is_genuine, asked=form.raw("iban"))  # fmt: skip


HANDLERS = [
    ask_code, show_owed, tell_paid, say_paid, tell_dispute, say_disputed, tell_account, ask_account,
]  # fmt: skip
