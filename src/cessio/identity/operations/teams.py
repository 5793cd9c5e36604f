"""Teams of colleagues, and who does whose work while they are away."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.identity import queries as people
from cessio.identity.models import Absence, Team, TeamMember
from cessio.identity.queries import colleagues as queries
from cessio.identity.rules import Audience
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, Conflict, Invalid, NotFound, Problems

MAX_NAME = 60
#: Teams and absences have one history.
SUBJECT = ("team", 0)


def add_team(session: Session, *, name: str, by: str, at: datetime) -> int:
    """Set up a team; returns its id. Raises ``Invalid``, ``Conflict`` for a name in use."""
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise Invalid("team_name", "a team has a name", field="team")
    if queries.team_named(session, name.strip()):
        raise Conflict("team_known", "there is a team {name} already", field="team",
                       name=name.strip())  # fmt: skip
    row = Team(name=name.strip(), created_at=at, created_by=by)
    session.add(row)
    session.flush()
    _record(session, "add_team", None, {"team": row.name}, by, at)
    return row.id


def end_team(session: Session, *, team_id: int, by: str, at: datetime) -> None:
    """There is no such team any more; its people stay."""
    row = _team(session, team_id)
    row.ended_at, row.ended_by = at, by
    session.flush()
    _record(session, "end_team", {"team": row.name}, {"team": None}, by, at)


def join_team(session: Session, *, team_id: int, person_id: int, by: str, at: datetime) -> None:
    """Somebody of the staff works in a team; twice changes nothing."""
    row, name = _team(session, team_id), _colleague(session, person_id, "person_id")
    if queries.membership(session, team_id, person_id) is not None:
        return
    session.add(TeamMember(team_id=team_id, person_id=person_id, since_at=at, since_by=by))
    session.flush()
    _record(session, "join_team", None, {"team": row.name, "person": name}, by, at)


def leave_team(session: Session, *, team_id: int, person_id: int, by: str, at: datetime) -> None:
    """Somebody no longer works in a team."""
    row, held = _team(session, team_id), queries.membership(session, team_id, person_id)
    if held is None:
        raise NotFound("member_unknown", "this person is not of the team")
    held.ended_at, held.ended_by = at, by
    session.flush()
    name = people.person(session, person_id).name
    _record(session, "leave_team", {"team": row.name, "person": name},
            {"team": row.name, "person": None}, by, at)  # fmt: skip


def set_absence(
    session: Session, *, person_id: int, substitute_id: int, from_on: date, to_on: date, by: str,
    at: datetime,
) -> int:  # fmt: skip
    """Somebody is away from a day to a day, and another does their work; returns its id.

    Raises ``Problems``; ``Conflict`` when another absence of theirs overlaps.
    """
    faults: list[CessioError] = []
    if person_id == substitute_id:
        faults.append(Invalid("own_substitute", "somebody else does the work",
                              field="substitute"))  # fmt: skip
    if to_on < from_on or to_on < business_date(at):
        faults.append(Invalid("absence_days", "the last day is today or later, and not before "
                              "the first", field="to_on"))  # fmt: skip
    if faults:
        raise Problems(faults)
    name, other = (
        _colleague(session, person_id, "person"), _colleague(session, substitute_id, "substitute")
    )  # fmt: skip
    for one in queries.absences(session, from_on=from_on, person_id=person_id):
        if one.from_on <= to_on:
            raise Conflict("absence_overlaps", "{name} is away from {from_on} to {to_on} already",
                           field="from_on", name=name, from_on=one.from_on.isoformat(),
                           to_on=one.to_on.isoformat())  # fmt: skip
    row = Absence(person_id=person_id, substitute_id=substitute_id, from_on=from_on, to_on=to_on,
                  set_at=at, set_by=by)  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, "set_absence", None, {"person": name, "substitute": other,
                                           "from_on": from_on, "to_on": to_on}, by, at)  # fmt: skip
    return row.id


def end_absence(session: Session, *, absence_id: int, by: str, at: datetime) -> None:
    """They are back, or do not leave."""
    row = queries.open_absence(session, absence_id)
    if row is None:
        raise NotFound("absence_unknown", "this absence is over")
    row.ended_at, row.ended_by = at, by
    session.flush()
    name = people.person(session, row.person_id).name
    _record(session, "end_absence", {"person": name, "from_on": row.from_on, "to_on": row.to_on},
            {"person": name}, by, at)  # fmt: skip


def _team(session: Session, team_id: int) -> Team:
    row = queries.team_row(session, team_id)
    if row is None:
        raise NotFound("team_unknown", "there is no such team")
    return row


def _colleague(session: Session, person_id: int, field: str) -> str:
    found = people.person(session, person_id)
    if found.audience is not Audience.STAFF or found.disabled_at is not None:
        raise Invalid("not_staff", "{name} is not one of the staff with access", field=field,
                      name=found.name)  # fmt: skip
    return found.name


def _record(
    session: Session, verb: str, before: dict[str, object] | None,
    after: dict[str, object] | None, by: str, at: datetime,
) -> None:  # fmt: skip
    audit.record(session, verb=verb, subject_kind=SUBJECT[0], subject_id=SUBJECT[1],
                 before=before, after=after, by=by, at=at)  # fmt: skip
