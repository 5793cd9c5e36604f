"""A debtor confirms an invoice by the code of our mail: no account, and no more than it must know.

Codes have 58 random bits, end with their answer or with a new request, and are guessed at a pace
that an address is held to.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio.kernel.errors import CessioError
from cessio.receivables import operations
from cessio.receivables.queries import verification as queries
from cessio.receivables.queries.verification import VerificationView
from cessio.receivables.rules.verification import Answer, VerificationMethod
from cessio.web.forms import Form, amount, chosen, text
from cessio.web.guards import public
from cessio.web.guesses import Guesses
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Sent
from cessio.web.words import label

TEMPLATE = "public/confirming/show_question.html"
_CODE = re.compile(r"[2-9A-HJKMNP-TV-Z]{4}(?:-[2-9A-HJKMNP-TV-Z]{4}){2}")
#: An address that tried many wrong codes lately waits.
guesses = Guesses("confirmation")
#: A question is answered within so long; then we ask again.
LIFE = timedelta(days=45)


@get("/confirm/{code:str}", guards=[public], include_in_schema=False, sync_to_thread=True)
def show_question(request: AnyRequest, session: Db, at: At, code: FromPath[str]) -> Response[Any]:
    """The invoice, whose it is, and three answers."""
    return _page(request, _found(request, session, code, at), code, Form())


@post("/confirm/{code:str}", guards=[public], include_in_schema=False, sync_to_thread=True)
def answer_question(
    request: AnyRequest, session: Db, at: At, submitted: Sent, code: FromPath[str]
) -> Response[Any]:
    """Take the debtor's answer; the desk sees it the same minute."""
    view = _found(request, session, code, at)
    form = Form(submitted)
    if view is None:
        return _page(request, None, code, form)
    answer = form.need("answer", chosen(Answer))
    name = form.need("name", text(120))
    note = form.maybe("note", text(1000, multiline=True))
    minor = form.maybe("confirmed", amount(view.currency))
    if form.valid():
        try:
            with session.begin_nested():
                operations.answer_verification(
                    session, verification_id=view.id, answer=answer,
                    method=VerificationMethod.DEBTOR_PAGE, confirmed_minor=minor, contact=name,
                    note=note, by=f"debtor:{view.debtor_id}", at=at,
                )  # fmt: skip
            return _page(request, view, code, form, thanked=True)
        except CessioError as error:
            form.refuse(error, "confirmed" if error.field == "confirmed_minor" else None)
    return _page(request, view, code, form, status=422)


def _page(
    request: AnyRequest, view: VerificationView | None, code: str, form: Form, *,
    thanked: bool = False, status: int = 200,
) -> Response[Any]:  # fmt: skip
    return render(
        request, TEMPLATE, status=status if view is not None else 404, one=view, code=code,
        form=form, thanked=thanked, answers=[(each.value, label(each), "") for each in Answer],
    )  # fmt: skip


def _found(
    request: AnyRequest, session: Session, code: str, at: datetime
) -> VerificationView | None:
    """The question of a code, unless it was answered, is too old, or the address guesses."""
    if guesses.spent(request, session, at):
        return None
    view = queries.verification_by_code(session, code) if _CODE.fullmatch(code) else None
    if view is None:
        guesses.wrong(request, session, at)
        return None
    is_late = view.asked_at is None or at - view.asked_at > LIFE
    return view if view.is_open and not is_late else None


HANDLERS = [show_question, answer_question]
