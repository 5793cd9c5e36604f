"""Users and security: one's own password, language, browsers and keys; who else has access."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.access.queries import client_people
from cessio.identity import Permission, Scope, Signed
from cessio.identity import queries as people
from cessio.identity.operations import IssuedToken, end_session, end_token
from cessio.identity.rules import may_use
from cessio.web.forms import Form
from cessio.web.guards import client_user, proven, proven_by_code
from cessio.web.own_access import change_own_password, choose_own_language, issue_own_key
from cessio.web.portal.scope import client_of
from cessio.web.render import N_, redirect, render
from cessio.web.requests import OFFICE, AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words import label

HOME = "/portal/users"


@get("/portal/users", guards=[client_user()], opt={OFFICE: "keys and browsers are not theirs"},
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_users(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Own access first, then the firm's people."""
    return _page(request, session, signed, at)


@post("/portal/users/password", guards=[client_user(), proven_by_code], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def new_password(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Change one's own password; every other browser is signed out."""
    refused = change_own_password(session, signed, submitted, at)
    if refused is None:
        return redirect(HOME, N_("Password changed; your other browsers are signed out."))
    return _page(request, session, signed, at, password=refused, status=422)


@post("/portal/users/language", guards=[client_user()], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def choose_language(session: Db, signed: Who, at: At, submitted: Sent) -> Response[Any]:
    """The language of pages and messages."""
    choose_own_language(session, signed, submitted, at)
    return redirect(HOME, N_("Language saved."))


@post("/portal/users/sessions/{session_id:int}/end", guards=[client_user()],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def sign_out_browser(session: Db, signed: Who, session_id: Id, at: At) -> Response[Any]:
    """Sign another browser of one's own out."""
    end_session(session, session_id=session_id, person_id=signed.person_id, by=signed.by, at=at)
    return redirect(HOME, N_("That browser is signed out."))


@post("/portal/users/tokens", guards=[client_user(Permission.OWN_SHARE), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def new_token(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """A key for a program, shown this once."""
    form, issued = issue_own_key(session, signed, submitted, at)
    if issued is None:
        return _page(request, session, signed, at, token=form, status=422)
    return _page(request, session, signed, at, issued=issued)


@post("/portal/users/tokens/{token_id:int}/end", guards=[client_user(Permission.OWN_SHARE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def stop_token(session: Db, signed: Who, token_id: Id, at: At) -> Response[Any]:
    """Stop a key at once."""
    end_token(session, token_id=token_id, person_id=signed.person_id, by=signed.by, at=at)
    return redirect(HOME, N_("The key no longer works."))


def _page(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, *,
    password: Form | None = None, token: Form | None = None,
    issued: IssuedToken | None = None, status: int = 200,
) -> Response[Any]:  # fmt: skip
    tokens = [one for one in people.tokens(session, signed.person_id) if one.ended_at is None]
    return render(
        request, "portal/users/show_users.html", status=status, me=signed, at=at,
        sessions=people.open_sessions(session, signed.person_id, at),
        people=client_people(session, client_of(signed), at=at),
        may_manage=signed.may(Permission.OWN_MANAGE_PEOPLE),
        required=people.factor_required(session, client_id=client_of(signed)),
        password=password or Form(), language=Form(language=signed.language),
        token=token or Form(days="90", kind="key"), tokens=tokens, issued=issued,
        may_issue=signed.may(Permission.OWN_SHARE),
        scopes=[(one.value, label(one)) for one in Scope if may_use(signed.role, one)],
        chosen=set((token or Form()).submitted.fields.get("scope", ())),
    )  # fmt: skip


HANDLERS = [
    show_users, new_password, choose_language, sign_out_browser, new_token, stop_token,
]  # fmt: skip
