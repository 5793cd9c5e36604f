"""A password forgotten: one same answer for every address, and the link that comes by mail."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from cessio.access.operations import choose_password_anew, forget_password
from cessio.identity.operations.sessions import token_hash
from cessio.identity.queries.resets import person_of
from cessio.kernel.errors import CessioError
from cessio.web.forms import Form, text
from cessio.web.guards import public
from cessio.web.guesses import Guesses
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Sent
from cessio.web.sessions import SIGN_IN_PATH

ASK, CHOOSE = "public/forgotten/ask_for_link.html", "public/forgotten/choose_anew.html"
#: So many requests, and so many wrong links, of one network in ten minutes.
asked, guesses = Guesses("reset-asked"), Guesses("reset")


@get("/forgotten", guards=[public], include_in_schema=False, sync_to_thread=True)
def ask_for_link(request: AnyRequest) -> Response[Any]:
    """The address one signs in with."""
    return render(request, ASK, form=Form(), sent=False)


@post("/forgotten", guards=[public], include_in_schema=False, sync_to_thread=True)
def send_link(request: AnyRequest, session: Db, at: At, submitted: Sent) -> Response[Any]:
    """The same answer for every address, and for a network that asks too often."""
    form = Form(submitted)
    email = form.need("email", text(254))
    if not form.valid():
        return render(request, ASK, status=422, form=form, sent=False)
    if not asked.spent(request, session, at):
        asked.wrong(request, session, at)
        forget_password(session, email=email, at=at)
    return render(request, ASK, form=Form(), sent=True)


@get("/reset/{token:str}", guards=[public], include_in_schema=False, sync_to_thread=True)
def show_link(request: AnyRequest, session: Db, at: At, token: FromPath[str]) -> Response[Any]:
    """The form for a new password, if the link still works."""
    return _page(request, token, Form(), holds=_holds(request, session, token, at))


@post("/reset/{token:str}", guards=[public], include_in_schema=False, sync_to_thread=True)
def choose_anew(
    request: AnyRequest, session: Db, at: At, submitted: Sent, token: FromPath[str]
) -> Response[Any]:
    """Keep it; signing in then asks for it, and for the second factor where there is one."""
    form = Form(submitted)
    if not _holds(request, session, token, at):
        return _page(request, token, form, holds=False)
    password, again = form.need("password", text(1000)), form.need("again", text(1000))
    if form.valid():
        try:
            if password != again:
                raise CessioError("passwords_differ", "The two passwords differ", field="again")
            with session.begin_nested():
                choose_password_anew(session, token=token, password=password, at=at)
            return redirect(SIGN_IN_PATH, N_("Password changed: sign in with it."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, token, form, holds=True, status=422)


def _holds(request: AnyRequest, session: Db, token: str, at: At) -> bool:
    if guesses.spent(request, session, at):
        return False
    found = person_of(session, token_hash(token), at)
    if found is None:
        guesses.wrong(request, session, at)
    return found is not None


def _page(
    request: AnyRequest, token: str, form: Form, *, holds: bool, status: int = 200
) -> Response[Any]:
    return render(request, CHOOSE, status=status if holds else 404, token=token, form=form,
                  holds=holds)  # fmt: skip


HANDLERS = [ask_for_link, send_link, show_link, choose_anew]
