"""A guest's own pages: what is shared with one, and one's own access."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Signed
from cessio.identity import queries as people
from cessio.identity.operations import end_session
from cessio.sharing.queries import shared_with
from cessio.web.forms import Form
from cessio.web.guards import guest, proven_by_code
from cessio.web.own_access import change_own_password, choose_own_language
from cessio.web.render import N_, redirect, render
from cessio.web.requests import OFFICE, AnyRequest, At, Db, Id, On, Sent, Who

ACCOUNT = "/guest/account"


@get("/guest", guards=[guest()], include_in_schema=False, sync_to_thread=True)
def list_shares(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """Every client that shares with whoever is signed in, and what."""
    return render(
        request, "guest/list_shares.html", shares=shared_with(session, signed.person_id, on=on)
    )


@get(ACCOUNT, guards=[guest()], opt={OFFICE: "keys and browsers are not theirs"},
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_account(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Own password, language and browsers."""
    return _account(request, session, signed, at)


@post(f"{ACCOUNT}/password", guards=[guest(), proven_by_code], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def new_password(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Change one's own password; every other browser is signed out."""
    refused = change_own_password(session, signed, submitted, at)
    if refused is None:
        return redirect(ACCOUNT, N_("Password changed; your other browsers are signed out."))
    return _account(request, session, signed, at, password=refused, status=422)


@post(f"{ACCOUNT}/language", guards=[guest()], include_in_schema=False, sync_to_thread=True)
def choose_language(session: Db, signed: Who, at: At, submitted: Sent) -> Response[Any]:
    """The language of pages and messages."""
    choose_own_language(session, signed, submitted, at)
    return redirect(ACCOUNT, N_("Language saved."))


@post(f"{ACCOUNT}/sessions/{{session_id:int}}/end", guards=[guest()], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def sign_out_browser(session: Db, signed: Who, session_id: Id, at: At) -> Response[Any]:
    """Sign another browser of one's own out."""
    end_session(session, session_id=session_id, person_id=signed.person_id, by=signed.by, at=at)
    return redirect(ACCOUNT, N_("That browser is signed out."))


def _account(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, *,
    password: Form | None = None, status: int = 200,
) -> Response[Any]:  # fmt: skip
    return render(
        request, "guest/show_account.html", status=status, me=signed,
        sessions=people.open_sessions(session, signed.person_id, at),
        password=password or Form(), language=Form(language=signed.language),
    )  # fmt: skip


HANDLERS = [list_shares, show_account, new_password, choose_language, sign_out_browser]
