"""One's own second factor, and the fresh proof that a sensitive act asks for: alike for everybody.

Under ``/account``, as one's own password is one's own whatever application one works in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio.access import set_up_second_factor, switch_off_factor
from cessio.identity import Audience, Signed, SignInRefused
from cessio.identity import queries as identity
from cessio.identity.operations import (
    CodeRefused,
    check_code,
    confirm_password,
    note_proof,
    renew_recovery_codes,
)
from cessio.identity.rules.passkeys import relying_party
from cessio.identity.rules.second_factor import address_for, new_seed
from cessio.kernel.errors import CessioError, Forbidden
from cessio.plumbing.vault import Vault
from cessio.web.forms import Form, text
from cessio.web.guards import anyone_signed_in, proven_by_code
from cessio.web.preferences import local_path
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Safe, Sent, Who
from cessio.web.sessions import client_address

HOME = "/account/second-factor"
PROOF = "/account/proof"
LAYOUTS = {
    Audience.STAFF: "layouts/backoffice.html", Audience.CLIENT: "layouts/portal.html",
    Audience.GUEST: "layouts/shared.html",
}  # fmt: skip
OPEN: dict[str, Any] = {
    "guards": [anyone_signed_in], "include_in_schema": False, "sync_to_thread": True,
}  # fmt: skip


def picture(seed: str, email: str) -> str:
    """The code to scan, as the address of a picture that the policy allows."""
    made = segno.make(address_for(seed, email), error="m", micro=False)
    return made.svg_data_uri(scale=5, border=4, light="#fff")


@get(HOME, **OPEN)
def show_factor(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Whether there is one; a fresh seed to set one up, or what may be done with it."""
    return show(request, session, signed)


@post(HOME, **{**OPEN, "guards": [anyone_signed_in, proven_by_code]})
def set_up(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, vault: Safe
) -> Response[Any]:
    """Keep the application whose code and the password are right; show the recovery codes once."""
    form = Form(submitted)
    seed, code = form.need("seed", text(64)), form.need("code", text(40))
    password = form.need("password", text(1000))
    if form.valid() and _password_right(request, session, signed, form, password, at):
        try:
            with session.begin_nested():
                codes = set_up_second_factor(
                    session, person_id=signed.person_id, seed=seed, code=code, vault=vault,
                    keep_session_id=signed.session_id, at=at,
                )  # fmt: skip
            _proved(session, signed, at)
            return _codes(request, signed, codes)
        except CessioError as error:
            form.refuse(error)
    return show(request, session, signed, form, seed=form.raw("seed"), status=422)


@post(f"{HOME}/off", **OPEN)
def switch_off(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, vault: Safe
) -> Response[Any]:
    """Password and code right: the password alone opens the door again."""
    form = Form(submitted)
    code, password = form.need("code", text(40)), form.need("password", text(1000))
    if (
        form.valid()
        and _password_right(request, session, signed, form, password, at)
        and _code_right(session, signed, form, code, vault, at)
    ):
        try:
            with session.begin_nested():
                switch_off_factor(
                    session, person_id=signed.person_id, keep_session_id=signed.session_id, at=at
                )
            return redirect(
                HOME, N_("Your second factor is off; your other browsers are signed out.")
            )
        except CessioError as error:
            form.refuse(error)
    return show(request, session, signed, off=form, status=422)


@post(f"{HOME}/codes", **OPEN)
def renew_codes(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, vault: Safe
) -> Response[Any]:
    """Ten fresh recovery codes, shown this once."""
    form = Form(submitted)
    code = form.need("fresh_code", text(40))
    if form.valid() and _code_right(session, signed, form, code, vault, at, "fresh_code"):
        return _codes(
            request, signed, renew_recovery_codes(session, person_id=signed.person_id, at=at)
        )
    return show(request, session, signed, renewal=form, status=422)


@get(PROOF, **OPEN)
def ask_proof(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """A code or a passkey, or without a second factor the password, before a sensitive act."""
    return ask(request, session, signed, Form(next=request.query_params.get("next", "")))


@post(PROOF, **OPEN)
def give_proof(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, vault: Safe
) -> Response[Any] | Redirect:
    """Right: note it, and go where one was going."""
    form, field = Form(submitted), "code" if signed.has_factor else "password"
    given = form.need(field, text(1000))
    target = form.maybe("next", text(2000)) or "/"
    if form.valid() and (
        _code_right(session, signed, form, given, vault, at) if signed.has_factor
        else _password_right(request, session, signed, form, given, at)
    ):  # fmt: skip
        _proved(session, signed, at)
        return Redirect(local_path(target), status_code=303)
    return ask(request, session, signed, form, status=422)


def _proved(session: Session, signed: Signed, at: datetime) -> None:
    if signed.session_id is not None:
        note_proof(session, session_id=signed.session_id, at=at)


def _code_right(
    session: Session, signed: Signed, form: Form, code: str, vault: Vault, at: datetime,
    field: str = "code",
) -> bool:  # fmt: skip
    if identity.factor(session, signed.person_id) is None:
        form.refuse(CodeRefused().error, field)
        return False
    refused = check_code(session, person_id=signed.person_id, code=code, vault=vault, at=at)
    if refused is not None:
        form.refuse(refused.error, field)
    return refused is None


def _password_right(
    request: AnyRequest, session: Session, signed: Signed, form: Form, password: str, at: datetime
) -> bool:
    refused: SignInRefused | None = confirm_password(
        session, person_id=signed.person_id, password=password, address=client_address(request),
        at=at,
    )  # fmt: skip
    if refused is not None:
        form.refuse(Forbidden("password_wrong", "This is not the current password"), "password")
    return refused is None


def ask(
    request: AnyRequest, session: Session, signed: Signed, form: Form, *, status: int = 200
) -> Response[Any]:
    """What proves it: a passkey, a code, or of who has neither the password."""
    return render(
        request, "shared/ask_proof.html", status=status, form=form, me=signed,
        layout=LAYOUTS[signed.audience],
        has_code=identity.factor(session, signed.person_id) is not None,
        has_passkey=bool(identity.passkeys_of(session, signed.person_id)),
    )  # fmt: skip


def _codes(request: AnyRequest, signed: Signed, codes: tuple[str, ...]) -> Response[Any]:
    return render(request, "shared/show_recovery_codes.html", layout=LAYOUTS[signed.audience],
                  codes=codes, onward=HOME)  # fmt: skip


def show(
    request: AnyRequest, session: Session, signed: Signed, form: Form | None = None, *,
    seed: str = "", off: Form | None = None, renewal: Form | None = None,
    passkey: Form | None = None, status: int = 200,
) -> Response[Any]:  # fmt: skip
    """The page of one's own factors, with whichever form was refused."""
    seed = seed or new_seed()
    return render(
        request, "shared/show_second_factor.html", status=status, layout=LAYOUTS[signed.audience],
        me=signed, factor=identity.factor(session, signed.person_id), seed=seed,
        picture=picture(seed, signed.email), form=form or Form(), off=off or Form(),
        renewal=renewal or Form(), passkey=passkey or Form(),
        passkeys=identity.passkeys_of(session, signed.person_id),
        takes_passkeys=relying_party(request.app.state.settings.public_url) is not None,
        required=identity.must_have(session, signed.person_id),
    )  # fmt: skip


HANDLERS = [show_factor, set_up, switch_off, renew_codes, ask_proof, give_proof]
