"""Signing in and out: one door for both audiences."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio import identity
from cessio.identity import Signed, SignInRefused
from cessio.identity.operations import SecondStepNeeded
from cessio.identity.queries import is_demonstration
from cessio.identity.rules.passkeys import relying_party
from cessio.kernel.errors import CessioError
from cessio.web.forms import Form, text
from cessio.web.guards import anyone_signed_in, public
from cessio.web.preferences import local_path
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Sent
from cessio.web.sessions import SECOND_STEP_PATH, Access, client_address, home_of

TEMPLATE = "public/sign_in/sign_in.html"


@get("/sign-in", guards=[public], include_in_schema=False, sync_to_thread=True)
def show_sign_in(request: AnyRequest, session: Db) -> Response[Any]:
    """The form; somebody signed in already is sent on."""
    user = request.scope.get("user")
    if isinstance(user, Signed):
        return Redirect(home_of(user), status_code=303)
    return page(request, session, Form(next=request.query_params.get("next", "")))


@post("/sign-in", guards=[public], include_in_schema=False, sync_to_thread=True)
def sign_in(request: AnyRequest, session: Db, submitted: Sent, at: At) -> Response[Any]:
    """Check the password; a fresh session, or the same sentence for every refusal."""
    form = Form(submitted)
    email = form.need("email", text(200))
    password = form.need("password", text(1000))
    target = form.maybe("next", text(2000)) or ""
    if not form.valid():
        return page(request, session, form, status=422)
    access = _access(request)
    done = identity.sign_in(
        session, email=email, password=password, address=client_address(request),
        user_agent=request.headers.get("user-agent"), at=at,
        previous_token=access.token_of(request),
    )  # fmt: skip
    if isinstance(done, SignInRefused):
        form.refuse(
            CessioError(done.code, "This e-mail address and password do not belong together")
        )
        return page(request, session, form, status=422)
    if isinstance(done, SecondStepNeeded):
        return second_step(request, done, target)
    answer = Redirect(local_path(target) if target else "/", status_code=303)
    answer.set_cookie(access.cookie(done.token))
    return answer


def page(request: AnyRequest, session: Session, form: Form, *, status: int = 200) -> Response[Any]:
    """The form, and the other ways in that there are here."""
    return render(
        request, TEMPLATE, status=status, form=form, is_demonstration=is_demonstration(session),
        takes_passkeys=relying_party(request.app.state.settings.public_url) is not None,
        provider=request.app.state.settings.oidc,
    )  # fmt: skip


def second_step(request: AnyRequest, owed: SecondStepNeeded, target: str = "") -> Redirect:
    """On to the code, with the cookie of that step and no session."""
    onward = f"?next={quote(target, safe='/')}" if target else ""
    answer = Redirect(f"{SECOND_STEP_PATH}{onward}", status_code=303)
    answer.set_cookie(_access(request).step_cookie(owed.token))
    return answer


@post("/sign-out", guards=[anyone_signed_in], include_in_schema=False, sync_to_thread=True)
def sign_out(request: AnyRequest, session: Db, at: At) -> Redirect:
    """End this browser's session here and at the server."""
    access = _access(request)
    token = access.token_of(request)
    if token is not None:
        identity.sign_out(session, token=token, at=at)
    answer = Redirect("/sign-in", status_code=303)
    answer.set_cookie(access.no_cookie())
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _access(request: AnyRequest) -> Access:
    return request.app.plugins.get(Access)


HANDLERS = [show_sign_in, sign_in, sign_out]
