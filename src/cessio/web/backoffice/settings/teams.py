"""Teams, portfolios, absences: who looks after whom, and who does while they are away."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Audience, Permission, Signed
from cessio.identity import operations as identity_writes
from cessio.identity import queries as identity
from cessio.identity.operations.teams import SUBJECT
from cessio.kernel.errors import CessioError, Problems
from cessio.parties import operations as parties_writes
from cessio.parties import queries as parties
from cessio.parties.rules import Part
from cessio.web.actors import actors
from cessio.web.backoffice.settings.common import PATH, SEE, SET, told
from cessio.web.forms import Form, chosen, day, integer, text
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

HOME = f"{PATH}/teams"


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_teams(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """Teams with their people, portfolios by person, who is away."""
    return _page(request, session, signed, on, Form())


@post(HOME, guards=[SET], include_in_schema=False, sync_to_thread=True)
def add_team(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Set up a team."""
    form = Form(submitted)
    name = form.need("team", text(60))
    if form.valid():
        try:
            with session.begin_nested():
                identity_writes.add_team(session, name=name, by=signed.by, at=at)
            return redirect(HOME, N_("The team is set up."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, form, status=422)


@post(f"{HOME}/{{team_id:int}}", guards=[SET], include_in_schema=False, sync_to_thread=True)
def change_team(session: Db, signed: Who, at: At, submitted: Sent, team_id: Id) -> Response[Any]:
    """Somebody joins or leaves; or the team ends."""
    form = Form(submitted)
    if form.flag("end"):
        identity_writes.end_team(session, team_id=team_id, by=signed.by, at=at)
        return redirect(HOME, N_("The team is no more; its people stay."))
    person_id = form.need("person", integer())
    leaves = form.flag("leave")
    if not form.valid():
        raise Problems(form.faults)
    change = identity_writes.leave_team if leaves else identity_writes.join_team
    change(session, team_id=team_id, person_id=person_id, by=signed.by, at=at)
    return redirect(HOME, N_("The team is changed."))


@get(f"{HOME}/people/{{person_id:int}}", guards=[SEE], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_portfolio(
    request: AnyRequest, session: Db, signed: Who, on: On, person_id: Id
) -> Response[Any]:
    """Whom somebody looks after, as what, and who does while they are away."""
    return _portfolio(request, session, signed, on, person_id, Form(from_on=on, to_on=on))


@post(f"{HOME}/people/{{person_id:int}}/clients", guards=[SET], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def hand_over(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, person_id: Id
) -> Response[Any]:
    """Give clients to another colleague, many at once."""
    form = Form(submitted)
    part = form.need("part", chosen(Part))
    to = form.need("to", integer())
    clients = form.many("client", integer())
    if form.valid():
        try:
            with session.begin_nested():
                moved = parties_writes.hand_over(
                    session, client_ids=clients, part=part, person_id=to, by=signed.by, at=at
                )
            return redirect(f"{HOME}/people/{person_id}", N_("{n} clients handed over."), n=moved)
        except CessioError as error:
            form.refuse(error)
    return _portfolio(request, session, signed, on, person_id, form, status=422)


@post(f"{HOME}/people/{{person_id:int}}/absences", guards=[SET], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def set_absence(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, person_id: Id
) -> Response[Any]:
    """Say who does somebody's work from a day to a day."""
    form = Form(submitted)
    facts: dict[str, Any] = {
        "substitute_id": form.need("substitute", integer()),
        "from_on": form.need("from_on", day()), "to_on": form.need("to_on", day()),
    }  # fmt: skip
    if form.valid():
        try:
            with session.begin_nested():
                identity_writes.set_absence(session, person_id=person_id, by=signed.by, at=at,
                                            **facts)  # fmt: skip
            return redirect(f"{HOME}/people/{person_id}", N_("Their work is done by another."))
        except CessioError as error:
            form.refuse(error)
    return _portfolio(request, session, signed, on, person_id, form, status=422)


@post(f"{HOME}/absences/{{absence_id:int}}/end", guards=[SET], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def end_absence(session: Db, signed: Who, at: At, absence_id: Id) -> Response[Any]:
    """They are back, or do not leave."""
    identity_writes.end_absence(session, absence_id=absence_id, by=signed.by, at=at)
    return redirect(HOME, N_("The absence is over."))


def _staff(session: Session) -> tuple[Any, ...]:
    return identity.people(session, audience=Audience.STAFF)


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: date, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    staff, sizes = _staff(session), parties.portfolio_sizes(session)
    away = identity.absences(session, from_on=on)
    return render(
        request, "backoffice/settings/show_teams.html", status=status, form=form, on=on,
        teams=identity.teams(session), away=away, parts=list(Part),
        people=[(one, [sizes.get((one.id, part), 0) for part in Part],
                 next((a for a in away if a.person_id == one.id), None)) for one in staff],
        totals=[sum(sizes.get((one.id, part), 0) for one in staff) for part in Part],
        nobody=list(parties.nobodys(session).values()),
        choices=[(one.id, f"{one.name} · {label(one.role)}") for one in staff],
        told=told(session, *SUBJECT, limit=15), may_set=signed.may(Permission.MANAGE_SETTINGS),
    )  # fmt: skip


def _portfolio(
    request: AnyRequest, session: Session, signed: Signed, on: date, person_id: int, form: Form,
    *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    away = identity.absences(session, from_on=on, person_id=person_id)
    return render(
        request, "backoffice/settings/show_portfolio.html", status=status, form=form, on=on,
        person=identity.person(session, person_id), rows=parties.portfolio(session, person_id),
        away=away, names=actors(session, [one.set_by for one in away]),
        doing=[one for one in identity.absences(session, from_on=on)
               if one.substitute_id == person_id],
        parts=[(one.value, label(one)) for one in Part],
        others=[(one.id, f"{one.name} · {label(one.role)}") for one in _staff(session)
                if one.id != person_id],
        teams=[one.name for one in identity.teams_of(session, person_id)],
        may_manage=signed.may(Permission.MANAGE_PEOPLE),
        may_set=signed.may(Permission.MANAGE_SETTINGS),
    )  # fmt: skip


HANDLERS = [
    show_teams, add_team, change_team, show_portfolio, hand_over, set_absence, end_absence,
]  # fmt: skip
