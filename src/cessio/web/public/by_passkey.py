"""In by a passkey: instead of e-mail and password, or after them instead of a code.

At the door nobody is named: what the browser is asked is the same for everybody, known or not.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from litestar import Response, post
from sqlalchemy.orm import Session

from cessio.access.operations import enrol_passkey_at_sign_in
from cessio.identity.operations import (
    PasskeyRefused,
    SignedIn,
    ask_passkey,
    begin_first_passkey,
    finish_by_passkey,
    forget_challenges,
    sign_in_by_passkey,
)
from cessio.identity.rules.passkeys import ANSWER_MAX, Purpose
from cessio.kernel.errors import CessioError, NotFound
from cessio.web.forms import Form, text
from cessio.web.guards import public
from cessio.web.guesses import Guesses
from cessio.web.passkeys import options, party_of
from cessio.web.public import second_step, sign_in
from cessio.web.render import N_, redirect
from cessio.web.requests import AnyRequest, At, Db, Sent
from cessio.web.sessions import SECOND_STEP_PATH, SIGN_IN_PATH, Access, client_address

DOOR = f"{SIGN_IN_PATH}/passkey"
STEP = f"{SECOND_STEP_PATH}/passkey"
FIRST = f"{SECOND_STEP_PATH}/first-passkey"
_FIRST_KEPT = N_("Your passkey is set up. Add another, or an application, in case you lose it.")
OPEN: dict[str, Any] = {"guards": [public], "include_in_schema": False, "sync_to_thread": True}
guesses = Guesses("passkey")


@post(f"{DOOR}/begin", **OPEN)
def begin_at_door(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """What any passkey of this site is to prove, bound to this browser."""
    holder = secrets.token_urlsafe(32)
    forget_challenges(session, at=at)
    answer = options(
        ask_passkey(session, purpose=Purpose.DOOR, holder=holder, person_id=None,
                    party=party_of(request), at=at)
    )  # fmt: skip
    answer.set_cookie(_access(request).door_cookie(holder))
    return answer


@post(DOOR, **OPEN)
def enter(request: AnyRequest, session: Db, at: At, submitted: Sent) -> Response[Any]:
    """A session for whoever's passkey it is; one same sentence for every refusal."""
    form, access = Form(submitted), _access(request)
    answer, target = form.need("answer", text(ANSWER_MAX)), form.maybe("next", text(2000)) or ""
    if form.valid() and not guesses.spent(request, session, at):
        done = sign_in_by_passkey(
            session, holder=access.door_token_of(request) or "", answer=answer,
            party=party_of(request), address=client_address(request),
            user_agent=request.headers.get("user-agent"), at=at,
            previous_token=access.token_of(request),
        )  # fmt: skip
        if not isinstance(done, PasskeyRefused):
            inside = second_step.inside(request, redirect(second_step.onward(target)), done)
            inside.set_cookie(access.no_door_cookie())
            return inside
        guesses.wrong(request, session, at)
    form.refuse(PasskeyRefused().error)
    return sign_in.page(request, session, form, status=422)


@post(f"{STEP}/begin", **OPEN)
def begin_at_step(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """What a passkey of who gave the password is to prove."""
    step = second_step.step_of(request, session, at)
    if step is None:
        raise NotFound("second_step_over", "That took too long: give your password again")
    return options(
        ask_passkey(session, purpose=Purpose.STEP, holder=second_step.token_of(request),
                    person_id=step.person_id, party=party_of(request), at=at)
    )  # fmt: skip


@post(STEP, **OPEN)
def take_step(request: AnyRequest, session: Db, at: At, submitted: Sent) -> Response[Any]:
    """Right: the session, and on to where one was going."""
    step, form = second_step.step_of(request, session, at), Form(submitted)
    if step is None:
        return second_step.too_late()
    answer, target = form.need("answer", text(ANSWER_MAX)), form.maybe("next", text(2000)) or ""
    if form.valid():
        done = _finished(request, session, answer, at)
        if not isinstance(done, PasskeyRefused):
            return second_step.inside(request, redirect(second_step.onward(target)), done)
        form.refuse(done.error)
    return second_step.page(request, step, form, status=422)


def _finished(
    request: AnyRequest, session: Session, answer: str, at: datetime
) -> SignedIn | PasskeyRefused:
    return finish_by_passkey(
        session, token=second_step.token_of(request), answer=answer, party=party_of(request),
        address=client_address(request), user_agent=request.headers.get("user-agent"), at=at,
    )  # fmt: skip


@post(f"{FIRST}/begin", **OPEN)
def begin_first(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """What who gave the password and has no second factor yet makes a passkey by."""
    return options(
        begin_first_passkey(session, token=second_step.token_of(request),
                            party=party_of(request), at=at)
    )  # fmt: skip


@post(FIRST, **OPEN)
def keep_first(request: AnyRequest, session: Db, at: At, submitted: Sent) -> Response[Any]:
    """Kept: it is the second factor from now on, and its person is in."""
    step, form = second_step.step_of(request, session, at), Form(submitted)
    if step is None:
        return second_step.too_late()
    name, answer = form.need("name", text(60)), form.need("answer", text(ANSWER_MAX))
    target = form.maybe("next", text(2000)) or ""
    if form.valid():
        try:
            done = _kept(request, session, name, answer, at)
            if not isinstance(done, PasskeyRefused):
                inside = redirect(second_step.onward(target), _FIRST_KEPT)
                return second_step.inside(request, inside, done)
            form.refuse(done.error)
        except CessioError as error:
            form.refuse(error)
    return second_step.page(request, step, Form(next=target), passkey=form, status=422)


def _kept(
    request: AnyRequest, session: Session, name: str, answer: str, at: datetime
) -> SignedIn | PasskeyRefused:
    return enrol_passkey_at_sign_in(
        session, token=second_step.token_of(request), name=name, answer=answer,
        party=party_of(request), address=client_address(request),
        user_agent=request.headers.get("user-agent"), at=at,
    )  # fmt: skip


def _access(request: AnyRequest) -> Access:
    return request.app.plugins.get(Access)


HANDLERS = [begin_at_door, enter, begin_at_step, take_step, begin_first, keep_first]
