"""What people do with their own access, alike in the back office and the portal."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from cessio.identity import Scope, Signed
from cessio.identity.operations import (
    IssuedToken,
    change_password,
    change_person,
    issue_token,
)
from cessio.kernel.errors import CessioError, Problems
from cessio.web.forms import Form, Submitted, chosen, integer, one_of, text

#: For how long a key may be given at most.
MOST_DAYS = 365


def change_own_password(
    session: Session, signed: Signed, submitted: Submitted, at: datetime
) -> Form | None:
    """Change it and sign every other browser out; the form with its faults if that is refused."""
    form = Form(submitted)
    current, new = form.need("current", text(1000)), form.need("password", text(1000))
    if form.valid():
        try:
            with session.begin_nested():
                change_password(
                    session, person_id=signed.person_id, current=current, new=new,
                    keep_session_id=signed.session_id, at=at,
                )  # fmt: skip
            return None
        except CessioError as error:
            form.refuse(error)
    return form


def choose_own_language(
    session: Session, signed: Signed, submitted: Submitted, at: datetime
) -> None:
    """Set the language of pages and messages. Raises ``Problems``."""
    form = Form(submitted)
    language = form.need("language", one_of({"fr", "en"}))
    if not form.valid():
        raise Problems(form.faults)
    change_person(session, person_id=signed.person_id, name=signed.name, role=signed.role,
                  language=language, by=signed.by, at=at)  # fmt: skip


def issue_own_key(
    session: Session, signed: Signed, submitted: Submitted, at: datetime
) -> tuple[Form, IssuedToken | None]:
    """A key for a program, to be shown once; None and the faults if it is refused."""
    form = Form(submitted)
    name, scopes = form.need("name", text(80)), form.many("scope", chosen(Scope))
    days = form.need("days", integer(1, MOST_DAYS))
    kind = form.maybe("kind", one_of({"key", "client"}))
    if form.valid():
        try:
            with session.begin_nested():
                made = issue_token(
                    session, person_id=signed.person_id, name=name, scopes=scopes,
                    expires_at=at + timedelta(days=days), is_exchanged=kind == "client",
                    by=signed.by, at=at,
                )  # fmt: skip
            return form, made
        except CessioError as error:
            form.refuse(error)
    return form, None
