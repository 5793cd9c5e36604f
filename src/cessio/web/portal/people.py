"""The client's people: who has access as what, invited, changed and stopped by its signatories."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.access import operations, queries
from cessio.identity import Audience, Permission, Role, Signed
from cessio.identity import queries as identity
from cessio.identity.operations import require_factor, stop_requiring_factor
from cessio.identity.rules import CLIENT_ROLES, PERMISSIONS
from cessio.kernel.errors import CessioError, Invalid
from cessio.plumbing.i18n import LANGUAGES
from cessio.web.forms import Form, chosen, email, one_of, text
from cessio.web.guards import client_user, proven
from cessio.web.portal.scope import client_of
from cessio.web.render import N_, redirect, render
from cessio.web.requests import OFFICE, AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words import label
from cessio.web.words.permissions import PERMISSION_GROUPS

HOME = "/portal/users"
PEOPLE = f"{HOME}/people"
MANAGE = Permission.OWN_MANAGE_PEOPLE
READS: dict[str, Any] = {
    "guards": [client_user(MANAGE)], "include_in_schema": False, "sync_to_thread": True,
}  # fmt: skip
WRITES: dict[str, Any] = {**READS, "guards": [client_user(MANAGE), proven]}


@get(f"{HOME}/roles", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_roles(request: AnyRequest) -> Response[Any]:
    """What each role of a client may do, out of the table that decides it."""
    roles = [role for role in Role if role in CLIENT_ROLES]
    rows = [
        (str(words), [permission in PERMISSIONS[role] for role in roles])
        for _title, audience, names in PERMISSION_GROUPS if audience is Audience.CLIENT
        for permission, words in names.items()
    ]  # fmt: skip
    return render(request, "portal/people/show_roles.html", roles=roles, rows=rows)


@get(f"{PEOPLE}/new", **WRITES)
def new_member(request: AnyRequest) -> Response[Any]:
    """Somebody to invite."""
    return _form(request, Form(language="fr", role=Role.OPERATOR))


@post(PEOPLE, **WRITES)
def invite_member(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Give access and write to them; who is to sign waits for a second person."""
    form = Form(submitted)
    name, address = form.need("name", text(120)), form.need("email", email())
    role, language = form.need("role", chosen(Role)), form.need("language", one_of(LANGUAGES))
    if form.valid():
        try:
            with session.begin_nested():
                person_id = operations.invite_person(
                    session, client_id=client_of(signed), email=address, name=name, role=role,
                    language=language, by=signed.by, at=at,
                )  # fmt: skip
            return redirect(f"{PEOPLE}/{person_id}", N_("{name} was invited by mail."), name=name)
        except CessioError as error:
            form.refuse(error)
    return _form(request, form, status=422)


@get(
    f"{PEOPLE}/{{person_id:int}}",
    **READS,
    opt={OFFICE: "browsers and second factors are not theirs"},
)
def show_member(
    request: AnyRequest, session: Db, signed: Who, at: At, person_id: Id
) -> Response[Any]:
    """One person: role, browsers, second factor, and what may be done about them."""
    return _page(request, session, signed, at, person_id)


@post(f"{PEOPLE}/{{person_id:int}}/role", **WRITES)
def change_role(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, person_id: Id
) -> Response[Any]:
    """Another role with a reason; to sign takes a second person."""
    form = Form(submitted)
    role, why = form.need("role", chosen(Role)), form.need("why", text(300))
    if form.valid():
        try:
            with session.begin_nested():
                holds = operations.change_role(
                    session, client_id=client_of(signed), person_id=person_id, role=role, why=why,
                    by=signed.by, at=at,
                )  # fmt: skip
            said = N_("Saved; their browsers are signed out.") if holds else N_(
                "Asked: the role holds when a second person has agreed.")  # fmt: skip
            return redirect(f"{PEOPLE}/{person_id}", said)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, at, person_id, role=form, status=422)


@post(f"{PEOPLE}/{{person_id:int}}/answer", **WRITES)
def answer_request(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, person_id: Id
) -> Response[Any]:
    """The second person's yes or no to a new signatory."""
    identity.person(session, person_id, client_id=client_of(signed))
    form = Form(submitted)
    answer, why = form.need("answer", one_of({"yes", "no"})), form.maybe("no_why", text(300))
    if form.valid():
        try:
            with session.begin_nested():
                operations.decide_signatory(
                    session, person_id=person_id, agrees=answer == "yes", why=why, by=signed.by,
                    at=at,
                )  # fmt: skip
            return redirect(f"{PEOPLE}/{person_id}", N_("Your answer is kept."))
        except CessioError as error:
            form.refuse(error, "no_why" if error.field == "reason" else None)
    return _page(request, session, signed, at, person_id, answer=form, status=422)


@post(f"{PEOPLE}/{{person_id:int}}/access", **WRITES)
def change_access(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, person_id: Id
) -> Response[Any]:
    """End it at once, or open it again to read; with a reason."""
    form = Form(submitted)
    closes, why = form.flag("close"), form.need("close_why", text(300))
    if form.valid():
        try:
            change = operations.end_access if closes else operations.open_access_again
            with session.begin_nested():
                change(session, client_id=client_of(signed), person_id=person_id, why=why,
                       by=signed.by, at=at)  # fmt: skip
            said = N_("Access ended.") if closes else N_("Access opened again, to read.")
            return redirect(f"{PEOPLE}/{person_id}", said)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, at, person_id, access=form, status=422)


@post(f"{PEOPLE}/{{person_id:int}}/browsers", **READS)
def end_member_browsers(session: Db, signed: Who, at: At, person_id: Id) -> Response[Any]:
    """Sign them out everywhere."""
    operations.end_browsers(session, client_id=client_of(signed), person_id=person_id,
                            by=signed.by, at=at)  # fmt: skip
    return redirect(f"{PEOPLE}/{person_id}", N_("Every browser of theirs is signed out."))


@post(f"{PEOPLE}/{{person_id:int}}/invitation", **READS)
def invite_member_again(session: Db, signed: Who, at: At, person_id: Id) -> Response[Any]:
    """Write once more how to choose a password."""
    operations.invite_again(session, client_id=client_of(signed), person_id=person_id,
                            by=signed.by, at=at)  # fmt: skip
    return redirect(f"{PEOPLE}/{person_id}", N_("Invited again."))


@post(f"{PEOPLE}/{{person_id:int}}/second-factor", **WRITES)
def reset_member_factor(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, person_id: Id
) -> Response[Any]:
    """Reset the second factor of who lost the phone; with a reason, and a mail to them."""
    identity.person(session, person_id, client_id=client_of(signed))
    form = Form(submitted)
    why = form.need("factor_why", text(300))
    if form.valid():
        try:
            if person_id == signed.person_id:
                raise Invalid("factor_own", "Another resets it: your own is switched off with "
                              "password and code", field="factor_why")  # fmt: skip
            with session.begin_nested():
                operations.reset_second_factor(session, person_id=person_id, why=why,
                                               by=signed.by, at=at)  # fmt: skip
            return redirect(f"{PEOPLE}/{person_id}", N_("Reset; they were told by mail."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, at, person_id, factor=form, status=422)


@post(f"{HOME}/second-factor-required", **WRITES)
def require_of_all(session: Db, signed: Who, at: At, submitted: Sent) -> Response[Any]:
    """Let nobody of the company in without a second factor, or leave it to each."""
    required = Form(submitted).flag("required")
    change = require_factor if required else stop_requiring_factor
    change(session, client_id=client_of(signed), by=signed.by, at=at)
    said = N_("Required: who has none sets one up at the next sign-in.") if required else N_(
        "Each of you chooses again.")  # fmt: skip
    return redirect(HOME, said)


def _form(request: AnyRequest, form: Form, *, status: int = 200) -> Response[Any]:
    return render(request, "portal/people/new_member.html", status=status, form=form,
                  roles=_roles())  # fmt: skip


def _roles() -> list[tuple[str, str]]:
    return [(role.value, label(role)) for role in Role if role in CLIENT_ROLES]


def _page(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, person_id: int, *,
    role: Form | None = None, access: Form | None = None, factor: Form | None = None,
    answer: Form | None = None, status: int = 200,
) -> Response[Any]:  # fmt: skip
    identity.person(session, person_id, client_id=client_of(signed))
    rows = queries.client_people(session, client_of(signed), at=at)
    one = next(row for row in rows if row.person.id == person_id)
    asked = queries.asked_signatory(session, person_id)
    return render(
        request, "portal/people/show_member.html", status=status, one=one, who=one.person,
        me=signed, asked=asked, roles=_roles(),
        asked_by=asked and identity.actor_names(session, [asked.maker])[asked.maker],
        may_answer=asked is not None and asked.maker_id != signed.person_id,
        sessions=identity.open_sessions(session, person_id, at),
        role=role or Form(role=one.person.role), access=access or Form(),
        factor=factor or Form(), answer=answer or Form(),
    )  # fmt: skip


HANDLERS = [
    show_roles, new_member, invite_member, show_member, change_role, answer_request,
    change_access, end_member_browsers, invite_member_again, reset_member_factor, require_of_all,
]  # fmt: skip
