"""The second step of signing in: a code, or the setting up of the second factor that is required.

Who is here gave the right password and has no session: the cookie of this step opens nothing else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio.access.operations import enrol_at_sign_in
from cessio.identity.operations import CodeRefused, SignedIn, finish_sign_in
from cessio.identity.operations.sessions import token_hash
from cessio.identity.queries.second_factor import Step, live_step
from cessio.identity.rules.passkeys import relying_party
from cessio.identity.rules.second_factor import new_seed
from cessio.kernel.errors import CessioError, NotFound
from cessio.plumbing.i18n import use_language
from cessio.plumbing.vault import Vault
from cessio.web.forms import Form, text
from cessio.web.guards import public
from cessio.web.preferences import local_path
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Safe, Sent
from cessio.web.second_factor import picture
from cessio.web.sessions import SECOND_STEP_PATH, SIGN_IN_PATH, Access, client_address


@get(SECOND_STEP_PATH, guards=[public], include_in_schema=False, sync_to_thread=True)
def show_step(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """The code, or the setting up; without the right password a moment ago, the sign-in."""
    step = step_of(request, session, at)
    if step is None:
        return redirect(SIGN_IN_PATH)
    return page(request, step, Form(next=request.query_params.get("next", "")))


@post(SECOND_STEP_PATH, guards=[public], include_in_schema=False, sync_to_thread=True)
def take_step(
    request: AnyRequest, session: Db, at: At, submitted: Sent, vault: Safe
) -> Response[Any]:
    """A right code: the session, and on to where one was going."""
    step, form = step_of(request, session, at), Form(submitted)
    if step is None:
        return too_late()
    code, target = form.need("code", text(40)), form.maybe("next", text(2000)) or ""
    seed = form.need("seed", text(64)) if step.enrols else None
    if form.valid():
        try:
            if seed is not None:
                return _enrolled(request, session, seed, code, target, vault, at)
            done = finish_sign_in(
                session, token=token_of(request), code=code, vault=vault,
                address=client_address(request), user_agent=request.headers.get("user-agent"),
                at=at,
            )  # fmt: skip
            if not isinstance(done, CodeRefused):
                return inside(request, redirect(onward(target)), done)
            form.refuse(done.error, "code")
        except NotFound:
            return redirect(SIGN_IN_PATH)
        except CessioError as error:
            form.refuse(error)
    return page(request, step, form, status=422)


def _enrolled(
    request: AnyRequest, session: Session, seed: str, code: str, target: str, vault: Vault,
    at: datetime,
) -> Response[Any]:  # fmt: skip
    with session.begin_nested():
        done, codes = enrol_at_sign_in(
            session, token=token_of(request), seed=seed, code=code, vault=vault,
            address=client_address(request), user_agent=request.headers.get("user-agent"), at=at,
        )  # fmt: skip
    answer = render(request, "shared/show_recovery_codes.html", layout="layouts/bare.html",
                    codes=codes, onward=onward(target))  # fmt: skip
    return inside(request, answer, done)


def too_late() -> Redirect:
    """Back to the password."""
    return redirect(SIGN_IN_PATH, N_("That took too long: give your password again."),
                    tone="attention")  # fmt: skip


def inside(request: AnyRequest, answer: Response[Any], done: SignedIn) -> Response[Any]:
    """The answer that lets a browser in."""
    access = request.app.plugins.get(Access)
    answer.set_cookie(access.cookie(done.token))
    answer.set_cookie(access.no_step_cookie())
    return answer


def onward(target: str) -> str:
    """Where one was going, if it is a page of ours."""
    return local_path(target) if target else "/"


def token_of(request: AnyRequest) -> str:
    """The token of this step, whatever it is worth."""
    return request.app.plugins.get(Access).step_token_of(request) or ""


def step_of(request: AnyRequest, session: Session, at: datetime) -> Step | None:
    """Who gave the right password a moment ago."""
    return live_step(session, token_hash(token_of(request)), at)


def page(
    request: AnyRequest, step: Step, form: Form, *, passkey: Form | None = None, status: int = 200
) -> Response[Any]:
    """What proves it besides the password, or the setting up of a passkey or an application."""
    with use_language(step.language):
        if not step.enrols:
            return render(request, "public/sign_in/give_code.html", status=status, form=form,
                          step=step)  # fmt: skip
        seed = form.raw("seed") or new_seed()
        return render(
            request, "public/sign_in/set_up_factor.html", status=status, form=form, seed=seed,
            picture=picture(seed, step.email), email=step.email, passkey=passkey or Form(),
            takes_passkeys=relying_party(request.app.state.settings.public_url) is not None,
        )  # fmt: skip


HANDLERS = [show_step, take_step]
