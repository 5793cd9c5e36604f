"""People: who has access, as what, and what each role may do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import agreeing
from cessio.access import reset_second_factor
from cessio.access.operations import (
    add_member,
    change_role,
    decide_signatory,
    end_access,
    invite_again,
    open_access_again,
)
from cessio.access.operations.staff import welcome
from cessio.access.queries import asked_signatory
from cessio.agreeing import close_access, hire
from cessio.agreeing.deeds.people import StaffAccess
from cessio.identity import Audience, Permission, Role, Signed
from cessio.identity import queries as identity
from cessio.identity.operations import (
    change_person,
    end_session,
)
from cessio.identity.rules import CLIENT_ROLES, STAFF_ROLES
from cessio.kernel.errors import CessioError, Forbidden, Invalid, NotFound
from cessio.parties import client_names
from cessio.parties import queries as parties
from cessio.plumbing.i18n import LANGUAGES
from cessio.web.backoffice import lists
from cessio.web.backoffice.second import put
from cessio.web.backoffice.settings.common import told
from cessio.web.forms import Form, chosen, email, integer, one_of, text
from cessio.web.guards import proven, staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

MANAGE = Permission.MANAGE_PEOPLE
HOME = "/backoffice/users"
_CLOSED = N_("Access of {name} closed.")
_CLOSED_WITH = N_(
    "Access of {name} closed. What they had asked for or signed and nobody had finished is given "
    "up ({n}): ask again for what is still wanted."
)
_HIRED = N_("Asked: {name} has access once a second person agrees.")
#: Nobody makes a signatory of a client alone, of the house neither.
_TO_AGREE = N_("{name} may read; to sign for the client takes a second person, who was asked.")


@get("/backoffice/users", guards=[staff(MANAGE)], include_in_schema=False, sync_to_thread=True)
def list_people(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Staff, or with ``?side=client`` the clients' users."""
    side = Audience.CLIENT if request.query_params.get("side") == "client" else Audience.STAFF
    words = (lists.asked_text(request, "q") or "").casefold()
    found = identity.people(session, audience=side, disabled=None)
    rows = [one for one in found if words in f"{one.name} {one.email}".casefold()]
    clients = client_names(session, [one.client_id for one in rows if one.client_id is not None])
    seen = identity.last_seen(session, [one.id for one in rows])
    rows = lists.in_order(request, rows, {
        "name": lambda one: one.name.casefold(), "role": lambda one: str(label(one.role)),
        "since": lambda one: one.created_at,
        "seen": lambda one: (one.id in seen, seen.get(one.id, one.created_at)),
    })  # fmt: skip
    return render(request, "backoffice/users/list_people.html", rows=rows, clients=clients,
                  seen=seen,
                  me=signed.person_id, side=side.value,
                  factors=identity.with_factor(session, [one.id for one in rows]),
                  is_demonstration=identity.is_demonstration(session))  # fmt: skip


@get("/backoffice/users/new", guards=[staff(MANAGE), proven], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def new_person(request: AnyRequest, session: Db) -> Response[Any]:
    """Give somebody access."""
    return _form(request, session, Form(language="fr", role=Role.ACCOUNT_MANAGER))


@post("/backoffice/users", guards=[staff(MANAGE), proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def create_person(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Add them: to the staff once a second person agrees; they choose a password by mail."""
    form = Form(submitted)
    facts: dict[str, Any] = {
        "email": form.need("email", email()),
        "name": form.need("name", text(120)),
        "role": form.need("role", chosen(Role)),
        "language": form.need("language", one_of(("fr", "en"))),
    }
    client_id = form.maybe("client_id", integer())
    if form.valid():
        try:
            with session.begin_nested():
                if client_id is None:
                    asked = hire(session, by=signed.by, at=at, **facts)
                    return redirect(f"/backoffice/approvals/{asked}", _HIRED, name=facts["name"])
                add_member(session, client_id=client_id, by=signed.by, at=at, **facts)
            signs = facts["role"] is Role.SIGNATORY
            said = _TO_AGREE if signs else N_("{name} has access.")
            return redirect(f"{HOME}?side=client", said, name=facts["name"])
        except CessioError as error:
            form.refuse(error)
    return _form(request, session, form, status=422)


@get("/backoffice/users/{person_id:int}", guards=[staff(MANAGE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_person(
    request: AnyRequest, session: Db, signed: Who, on: On, at: At, person_id: Id
) -> Response[Any]:
    """One person: role, teams, absences, where they are signed in, what was changed."""
    return _person(request, session, signed, on, at, person_id)


@post("/backoffice/users/{person_id:int}", guards=[staff(MANAGE), proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def save_person(
    request: AnyRequest, session: Db, signed: Who, on: On, at: At, submitted: Sent, person_id: Id
) -> Response[Any]:
    """Another name, role or language; a role changes with a reason, and ends their sessions."""
    form = Form(submitted)
    name, role = form.need("name", text(120)), form.need("role", chosen(Role))
    language, why = form.need("language", one_of(LANGUAGES)), form.maybe("why", text(300))
    if form.valid():
        try:
            with session.begin_nested():
                asked = _save(session, signed, at, person_id, role, why, name=name,
                              language=language)  # fmt: skip
            if asked is None:
                return redirect(f"{HOME}/{person_id}", N_("Saved."))
            return redirect(asked, N_("Asked: the role holds when a second person has agreed."))
        except CessioError as error:
            form.refuse(error)
    return _person(request, session, signed, on, at, person_id, form, status=422)


@post("/backoffice/users/{person_id:int}/sessions/{session_id:int}/end", guards=[staff(MANAGE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def end_their_session(
    session: Db, signed: Who, at: At, person_id: Id, session_id: Id
) -> Response[Any]:
    """Sign one of their browsers out."""
    end_session(session, session_id=session_id, person_id=person_id, by=signed.by, at=at)
    return redirect(f"{HOME}/{person_id}", N_("This browser is signed out."))


@post("/backoffice/users/{person_id:int}/second-factor", guards=[staff(MANAGE), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def reset_their_factor(
    session: Db, signed: Who, at: At, submitted: Sent, person_id: Id
) -> Response[Any]:
    """Reset the second factor of who lost the phone; with a reason, and a mail to them."""
    form = Form(submitted)
    why = form.need("factor_why", text(300))
    if not form.valid():
        raise form.faults[0]
    if person_id == signed.person_id:
        raise Forbidden("factor_own", "Another resets it: your own is switched off with password "
                        "and code")  # fmt: skip
    reset_second_factor(session, person_id=person_id, why=why, by=signed.by, at=at)
    return redirect(f"{HOME}/{person_id}", N_("Reset; they were told by mail."))


@post("/backoffice/users/{person_id:int}/signatory", guards=[staff(MANAGE), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def answer_signatory(
    session: Db, signed: Who, at: At, submitted: Sent, person_id: Id
) -> Response[Any]:
    """The house's yes or no to a new signatory of a client, where the client asked."""
    form = Form(submitted)
    answer, why = form.need("answer", one_of({"yes", "no"})), form.maybe("no_why", text(300))
    if not form.valid():
        raise form.faults[0]
    decide_signatory(session, person_id=person_id, agrees=answer == "yes", why=why, by=signed.by,
                     at=at)  # fmt: skip
    return redirect(f"{HOME}/{person_id}", N_("Your answer is kept."))


@post("/backoffice/users/{person_id:int}/invitation", guards=[staff(MANAGE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def invite_them(session: Db, signed: Who, at: At, person_id: Id) -> Response[Any]:
    """Write to somebody of a client how to choose a first password."""
    who = identity.person(session, person_id)
    if who.client_id is None:
        raise NotFound("person_not_found", "There is no such person")
    invite_again(session, client_id=who.client_id, person_id=person_id, by=signed.by, at=at)
    return redirect(f"{HOME}/{person_id}", N_("Invited again."))


@post("/backoffice/users/{person_id:int}/access", guards=[staff(MANAGE), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def change_access(session: Db, signed: Who, at: At, submitted: Sent, person_id: Id
) -> Response[Any]:  # fmt: skip
    """Close the door at once, or open it again; a client keeps one signatory at least."""
    closes = Form(submitted).flag("close")
    who = identity.person(session, person_id)
    if who.client_id is None and not closes:
        return put(session, StaffAccess(person_id, who.role, "opened again"), signed, at)
    if who.client_id is None:
        ended = close_access(session, person_id=person_id, by=signed.by, at=at)
        return redirect(HOME, _CLOSED_WITH if ended else _CLOSED, name=who.name, n=ended)
    change_door = end_access if closes else open_access_again
    change_door(session, client_id=who.client_id, person_id=person_id, why="by the factor",
                by=signed.by, at=at)  # fmt: skip
    side = "?side=client" if who.audience is Audience.CLIENT else ""
    said = _CLOSED if closes else N_("Access of {name} opened again.")
    return redirect(f"{HOME}{side}", said, name=who.name)


@post("/backoffice/users/{person_id:int}/password", guards=[staff(MANAGE), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def mail_password(session: Db, signed: Who, at: At, person_id: Id) -> Response[Any]:
    """Write to them how to choose another password: nobody knows that of somebody else."""
    who = identity.person(session, person_id)
    if who.client_id is not None and not who.has_password:
        invite_again(session, client_id=who.client_id, person_id=person_id, by=signed.by, at=at)
    else:
        welcome(session, person_id=person_id, by=signed.by, at=at)
    return redirect(f"{HOME}/{person_id}", N_("They are written to, and choose it themselves."))


def _save(
    session: Session, signed: Signed, at: datetime, person_id: int, role: Role, why: str | None, *,
    name: str, language: str,
) -> str | None:  # fmt: skip
    """Name, language and role; of a client's user the role by the rules of its company.

    The address of what a second person is asked for, if one is. Raises as ``change_person``,
    ``change_role`` and ``agreeing.ask``.
    """
    who = identity.person(session, person_id)
    change_person(session, person_id=person_id, name=name, role=who.role, language=language,
                  why=why, by=signed.by, at=at)  # fmt: skip
    if role is who.role:
        return None
    if who.client_id is None:
        if not (why or "").strip():
            raise Invalid("role_reason", "Say why the role changes", field="why")
        asked = agreeing.ask(session, deed=StaffAccess(person_id, role, why or ""), by=signed.by,
                             at=at)  # fmt: skip
        return f"/backoffice/approvals/{asked}"
    holds = change_role(session, client_id=who.client_id, person_id=person_id, role=role,
                        why=why or "", by=signed.by, at=at)  # fmt: skip
    return None if holds else f"{HOME}/{person_id}"


def _person(
    request: AnyRequest, session: Session, signed: Signed, on: date, at: datetime,
    person_id: int, form: Form | None = None, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    who = identity.person(session, person_id)
    roles = STAFF_ROLES if who.audience is Audience.STAFF else CLIENT_ROLES
    clients = client_names(session, [] if who.client_id is None else [who.client_id])
    return render(
        request, "backoffice/users/show_person.html", status=status, who=who, signed=signed,
        form=form or Form(name=who.name, role=who.role, language=who.language),
        firm=clients.get(who.client_id or 0), me=signed.person_id,
        roles=[(role.value, label(role)) for role in Role if role in roles],
        sessions=identity.open_sessions(session, person_id, at),
        teams=identity.teams_of(session, person_id),
        away=identity.absences(session, from_on=on, person_id=person_id),
        seen=identity.last_seen(session, [person_id]).get(person_id),
        told=told(session, "person", person_id),
        has_factor=bool(identity.with_factor(session, [person_id])),
        asked=asked_signatory(session, person_id),
    )  # fmt: skip


def _form(request: AnyRequest, session: Session, form: Form, *, status: int = 200) -> Response[Any]:
    rows = lists.every_row(lambda page: parties.clients(session, page=page), most=5_000)
    return render(
        request, "backoffice/users/new_person.html", status=status, form=form,
        roles=[(role.value, label(role)) for role in Role],
        clients=[(row.id, row.name) for row in rows],
    )  # fmt: skip


HANDLERS = [
    list_people, new_person, create_person, show_person, save_person,
    end_their_session, reset_their_factor, answer_signatory, invite_them, change_access,
    mail_password,
]  # fmt: skip
