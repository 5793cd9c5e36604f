"""Reading teams, and who does whose work while they are away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from cessio.identity.models import Absence, Person, Team, TeamMember
from cessio.identity.rules import Role


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a team."""

    person_id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team with its people by name."""

    id: int
    name: str
    created_at: datetime
    created_by: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """Somebody is away, and who does their work."""

    id: int
    person_id: int
    person: str
    substitute_id: int
    substitute: str
    from_on: date
    to_on: date
    set_at: datetime
    set_by: str

    def holds(self, on: date) -> bool:
        """Whether they are away on a day."""
        return self.from_on <= on <= self.to_on


def teams(session: Session) -> tuple[TeamView, ...]:
    """Every team by name, with its members."""
    members: dict[int, list[Member]] = {}
    for team_id, person_id, name, role in session.execute(
        select(TeamMember.team_id, Person.id, Person.name, Person.role)
        .join(Person, Person.id == TeamMember.person_id)
        .where(TeamMember.ended_at.is_(None))
        .order_by(func.lower(Person.name), Person.id)
    ):
        members.setdefault(team_id, []).append(Member(person_id, name, Role(role)))
    rows = session.scalars(
        select(Team).where(Team.ended_at.is_(None)).order_by(func.lower(Team.name))
    )
    return tuple(
        TeamView(row.id, row.name, row.created_at, row.created_by, tuple(members.get(row.id, ())))
        for row in rows
    )


def teams_of(session: Session, person_id: int) -> tuple[TeamView, ...]:
    """The teams somebody is in."""
    return tuple(
        one for one in teams(session) if person_id in {member.person_id for member in one.members}
    )


def absences(
    session: Session, *, from_on: date, person_id: int | None = None
) -> tuple[AbsenceView, ...]:
    """Who is away on a day or later, in order; of one person or of all."""
    person, other = aliased(Person), aliased(Person)
    query = (
        select(Absence, person.name, other.name)
        .join(person, person.id == Absence.person_id)
        .join(other, other.id == Absence.substitute_id)
        .where(Absence.ended_at.is_(None), Absence.to_on >= from_on)
        .order_by(Absence.from_on, Absence.id)
    )
    if person_id is not None:
        query = query.where(Absence.person_id == person_id)
    return tuple(
        AbsenceView(row.id, row.person_id, name, row.substitute_id, substitute, row.from_on,
                    row.to_on, row.set_at, row.set_by)
        for row, name, substitute in session.execute(query)
    )  # fmt: skip


def acting_for(session: Session, person_id: int, on: date) -> tuple[int, ...]:
    """The people whose work somebody does on a day, themselves first."""
    away = session.scalars(
        select(Absence.person_id)
        .where(Absence.substitute_id == person_id, Absence.ended_at.is_(None),
               Absence.from_on <= on, Absence.to_on >= on)
        .order_by(Absence.person_id)
    )  # fmt: skip
    return (person_id, *dict.fromkeys(away))


def standing_in(session: Session, person_id: int, on: date) -> tuple[int, ...]:
    """Somebody, and whoever does their work on a day they are away."""
    deputies = session.scalars(
        select(Absence.substitute_id)
        .where(Absence.person_id == person_id, Absence.ended_at.is_(None),
               Absence.from_on <= on, Absence.to_on >= on)
        .order_by(Absence.id)
    )  # fmt: skip
    return (person_id, *dict.fromkeys(deputies))


def team_row(session: Session, team_id: int) -> Team | None:
    """An open team's row, locked."""
    return session.scalars(
        select(Team).where(Team.id == team_id, Team.ended_at.is_(None)).with_for_update()
    ).one_or_none()


def team_named(session: Session, name: str) -> bool:
    """Whether an open team has that name."""
    return session.scalar(
        select(Team.id).where(func.lower(Team.name) == name.lower(), Team.ended_at.is_(None))
    ) is not None  # fmt: skip


def membership(session: Session, team_id: int, person_id: int) -> TeamMember | None:
    """The open row of somebody in a team, locked."""
    return session.scalars(
        select(TeamMember)
        .where(TeamMember.team_id == team_id, TeamMember.person_id == person_id,
               TeamMember.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()  # fmt: skip


def open_absence(session: Session, absence_id: int) -> Absence | None:
    """An absence's row, locked, unless it was ended."""
    return session.scalars(
        select(Absence)
        .where(Absence.id == absence_id, Absence.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()
