"""Somebody who was invited chooses a password, by the address that came by mail."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio import identity
from cessio.identity.operations import accept_invitation, begin_second_step
from cessio.identity.operations.sessions import token_hash
from cessio.identity.queries import PersonView, invited, owes_second_step
from cessio.kernel.errors import CessioError
from cessio.web.forms import Form, text
from cessio.web.guards import public
from cessio.web.guesses import Guesses
from cessio.web.public.sign_in import second_step
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Sent
from cessio.web.sessions import Access, client_address

TEMPLATE = "public/joining/choose_password.html"
guesses = Guesses("invitation")


@get("/join/{token:str}", guards=[public], include_in_schema=False, sync_to_thread=True)
def show_invitation(
    request: AnyRequest, session: Db, token: FromPath[str], at: At
) -> Response[Any]:
    """Who is invited, and the form for a password."""
    person = _invited(request, session, token, at)
    return _page(request, person, token, Form(), 200 if person else 404)


@post("/join/{token:str}", guards=[public], include_in_schema=False, sync_to_thread=True)
def choose_password(
    request: AnyRequest, session: Db, token: FromPath[str], at: At, submitted: Sent
) -> Response[Any]:
    """Set it and let the person in."""
    person = _invited(request, session, token, at)
    if person is None:
        return _page(request, None, token, Form(), 404)
    form = Form(submitted)
    password, again = form.need("password", text(1000)), form.need("again", text(1000))
    if form.valid():
        try:
            if password != again:
                raise CessioError("passwords_differ", "The two passwords differ", field="again")
            with session.begin_nested():
                person_id = accept_invitation(session, token=token, password=password, at=at)
            if owes_second_step(session, person_id):
                return second_step(request, begin_second_step(session, person_id=person_id, at=at))
            signed = identity.open_session(
                session, person_id=person_id, address=client_address(request),
                user_agent=request.headers.get("user-agent"), at=at,
            )  # fmt: skip
            answer = Redirect("/", status_code=303)
            answer.set_cookie(request.app.plugins.get(Access).cookie(signed.token))
            return answer
        except CessioError as error:
            form.refuse(error)
    return _page(request, person, token, form, 422)


def _page(
    request: AnyRequest, person: PersonView | None, token: str, form: Form, status: int
) -> Response[Any]:
    return render(request, TEMPLATE, status=status, person=person, token=token, form=form)


def _invited(request: AnyRequest, session: Session, token: str, at: At) -> PersonView | None:
    """Who an invitation is for, unless it is over, used, or this address guesses."""
    if guesses.spent(request, session, at):
        return None
    person = invited(session, token_hash(token), at)
    if person is None:
        guesses.wrong(request, session, at)
        return None
    return None if person.has_password else person


HANDLERS = [show_invitation, choose_password]
