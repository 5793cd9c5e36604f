"""One's own account: password, language, browsers, keys; and everybody's keys, for who watches.

A client's user has all of this in the portal and is led there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio.identity import Audience, Permission, Scope, Signed
from cessio.identity import queries as identity
from cessio.identity.operations import IssuedToken, end_session, end_token
from cessio.identity.rules import may_use
from cessio.kernel.errors import Problems
from cessio.web.forms import Form, integer
from cessio.web.guards import anyone_signed_in, proven, proven_by_code, staff
from cessio.web.own_access import change_own_password, choose_own_language, issue_own_key
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words import label

HOME = "/account"
KEYS = "/backoffice/settings/keys"
PORTAL = "/portal/users"


@get(HOME, guards=[anyone_signed_in], include_in_schema=False, sync_to_thread=True)
def show_account(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any] | Redirect:
    """How one gets in, from which browsers, and the keys of one's programs."""
    if signed.audience is not Audience.STAFF:
        own = PORTAL if signed.audience is Audience.CLIENT else "/guest/account"
        return Redirect(own, status_code=303)
    return _page(request, session, signed, at)


@post("/backoffice/account/password", guards=[staff(), proven_by_code], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def new_password(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Change one's own password; every other browser is signed out."""
    refused = change_own_password(session, signed, submitted, at)
    if refused is None:
        return redirect(HOME, N_("Password changed; your other browsers are signed out."))
    return _page(request, session, signed, at, password=refused, status=422)


@post("/backoffice/account/language", guards=[staff()], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def choose_language(session: Db, signed: Who, at: At, submitted: Sent) -> Response[Any]:
    """The language of pages and messages."""
    choose_own_language(session, signed, submitted, at)
    return redirect(HOME, N_("Language saved."))


@post("/backoffice/account/sessions/{session_id:int}/end", guards=[staff()],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def sign_out_browser(session: Db, signed: Who, session_id: Id, at: At) -> Response[Any]:
    """Sign another browser of one's own out."""
    end_session(session, session_id=session_id, person_id=signed.person_id, by=signed.by, at=at)
    return redirect(HOME, N_("That browser is signed out."))


@post("/backoffice/account/keys", guards=[staff(), proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def new_key(request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:  # fmt: skip
    """A key for a program, shown this once: the page that answers is kept nowhere."""
    form, issued = issue_own_key(session, signed, submitted, at)
    if issued is None:
        return _page(request, session, signed, at, key=form, status=422)
    return _page(request, session, signed, at, issued=issued)


@post("/backoffice/account/keys/{token_id:int}/end", guards=[staff()], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def stop_key(session: Db, signed: Who, token_id: Id, at: At) -> Response[Any]:
    """Stop a key of one's own at once."""
    end_token(session, token_id=token_id, person_id=signed.person_id, by=signed.by, at=at)
    return redirect(HOME, N_("The key no longer works."))


@get(KEYS, guards=[staff(Permission.MANAGE_PEOPLE, Permission.SEE_AUDIT)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def list_keys(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Every key that works, whose it is, what it may do and when it was last used."""
    rows = identity.open_tokens(session, at)
    owners = {one.id: one for one in identity.people(session, disabled=None)}
    return render(
        request, "backoffice/account/list_keys.html", rows=rows, owners=owners,
        scope_name=_scope_name, may_stop=signed.may(Permission.MANAGE_PEOPLE),
    )  # fmt: skip


@post(f"{KEYS}/{{token_id:int}}/end", guards=[staff(Permission.MANAGE_PEOPLE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def stop_any_key(session: Db, signed: Who, token_id: Id, at: At, submitted: Sent) -> Response[Any]:
    """Stop somebody's key: the program that holds it is refused from now on."""
    form = Form(submitted)
    person_id = form.need("person", integer())
    if not form.valid():
        raise Problems(form.faults)
    end_token(session, token_id=token_id, person_id=person_id, by=signed.by, at=at)
    return redirect(KEYS, N_("The key no longer works."))


def _scope_name(value: str) -> str:
    return label(Scope(value)) if value in set(Scope) else value


def _page(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, *,
    password: Form | None = None, key: Form | None = None, issued: IssuedToken | None = None,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    tokens = [one for one in identity.tokens(session, signed.person_id)
              if one.ended_at is None and one.expires_at > at]  # fmt: skip
    return render(
        request, "backoffice/account/show_account.html", status=status, me=signed,
        sessions=identity.open_sessions(session, signed.person_id, at),
        password=password or Form(), language=Form(language=signed.language),
        key=key or Form(days="90", kind="key"), tokens=tokens, issued=issued,
        scope_name=_scope_name,
        scopes=[(one.value, label(one)) for one in Scope if may_use(signed.role, one)],
        chosen=set((key or Form()).submitted.fields.get("scope", ())),
        sees_all=signed.may(Permission.MANAGE_PEOPLE) or signed.may(Permission.SEE_AUDIT),
    )  # fmt: skip


HANDLERS = [
    show_account, new_password, choose_language, sign_out_browser, new_key, stop_key, list_keys,
    stop_any_key,
]  # fmt: skip
