"""Reading people and the actors that stand for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.identity import rules
from cessio.identity.models import ApiToken, Invitation, Person
from cessio.identity.queries.views import Credentials, PersonView
from cessio.identity.rules import Audience, Permission, Role
from cessio.kernel.errors import NotFound


def person(session: Session, person_id: int, *, client_id: int | None = None) -> PersonView:
    """One person; ``NotFound`` if absent or, with ``client_id``, not of that client."""
    query = select(Person).where(Person.id == person_id)
    if client_id is not None:
        query = query.where(Person.client_id == client_id)
    row = session.scalar(query)
    if row is None:
        raise NotFound("person_not_found", "There is no such person")
    return _person(row)


def credentials(session: Session, email: str) -> Credentials | None:
    """What a sign-in with this (normalised) address is checked against."""
    row = session.execute(
        select(Person.id, Person.password_hash, Person.disabled_at).where(Person.email == email)
    ).one_or_none()
    return None if row is None else Credentials(row[0], row[1], row[2] is not None)


def person_by_email(session: Session, email: str) -> PersonView | None:
    """The person who signs in with this address, disabled or not."""
    row = session.scalar(select(Person).where(Person.email == rules.email_key(email)))
    return None if row is None else _person(row)


def invited(session: Session, token_hash: bytes, at: datetime) -> PersonView | None:
    """Who may choose a first password by this invitation, if it still holds."""
    row = session.scalar(
        select(Person)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(
            Invitation.token_hash == token_hash,
            Invitation.used_at.is_(None),
            Invitation.expires_at > at,
            Person.disabled_at.is_(None),
        )
    )
    return None if row is None else _person(row)


def people(
    session: Session,
    *,
    audience: Audience | None = None,
    client_id: int | None = None,
    role: str | None = None,
    disabled: bool | None = False,
) -> tuple[PersonView, ...]:
    """People by name; ``disabled=None`` gives both those who may and may no longer sign in."""
    query = select(Person).order_by(func.lower(Person.name), Person.id)
    if audience is not None:
        query = query.where(Person.audience == audience)
    if client_id is not None:
        query = query.where(Person.client_id == client_id)
    if role is not None:
        query = query.where(Person.role == role)
    if disabled is not None:
        query = query.where(Person.disabled_at.is_not(None) == disabled)
    return tuple(map(_person, session.scalars(query)))


def users_who_may(session: Session, *, client_id: int, permission: Permission) -> tuple[int, ...]:
    """The ids of a client's people whose role holds a permission."""
    return tuple(
        one.id for one in people(session, client_id=client_id) if rules.may(one.role, permission)
    )


def staff_who_may(session: Session, permission: Permission) -> tuple[int, ...]:
    """The ids of the factor's people whose role holds a permission."""
    roles = [role.value for role in rules.STAFF_ROLES if rules.may(role, permission)]
    query = (
        select(Person.id)
        .where(
            Person.audience == Audience.STAFF,
            Person.role.in_(roles),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.id)
    )
    return tuple(session.scalars(query))


def _person(row: Person) -> PersonView:
    return PersonView(
        id=row.id,
        name=row.name,
        email=row.email,
        audience=Audience(row.audience),
        role=Role(row.role),
        client_id=row.client_id,
        language=row.language,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        has_password=row.has_password,
    )


def person_behind(session: Session, actor: str) -> int | None:
    """The id of the human an actor stands for: itself, or a token's owner; ``None`` for a job."""
    kind, _, number = actor.partition(":")
    if kind == "person" and number.isdecimal():
        return int(number)
    if kind == "token" and number.isdecimal():
        return session.scalar(select(ApiToken.person_id).where(ApiToken.id == int(number)))
    return None


def actor_names(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Names to show for actor strings; what is no person or token is shown as it is."""
    wanted = set(actors)
    people_ids = {int(each[7:]) for each in wanted if _numbered(each, "person:")}
    token_ids = {int(each[6:]) for each in wanted if _numbered(each, "token:")}
    names = {each: each for each in wanted}
    if people_ids:
        found = select(Person.id, Person.name).where(Person.id.in_(people_ids))
        names |= {f"person:{number}": name for number, name in session.execute(found)}
    if token_ids:
        owners = (
            select(ApiToken.id, Person.name, ApiToken.name)
            .join(Person, Person.id == ApiToken.person_id)
            .where(ApiToken.id.in_(token_ids))
        )
        names |= {f"token:{each}": f"{who} ({name})" for each, who, name in session.execute(owners)}
    return names


def _numbered(actor: str, prefix: str) -> bool:
    return actor.startswith(prefix) and actor[len(prefix) :].isdecimal()
