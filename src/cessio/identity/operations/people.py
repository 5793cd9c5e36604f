"""People: added, given a role and a password, disabled; never deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from cessio import audit
from cessio.identity import passwords, queries, rules
from cessio.identity.models import Person
from cessio.identity.operations.sessions import end_sessions_of
from cessio.identity.rules import Audience, Role
from cessio.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problems

LANGUAGES = ("fr", "en")

__all__ = [
    "add_person",
    "change_password",
    "change_person",
    "choose_appearance",
    "disable_person",
    "enable_person",
    "give_rights",
    "set_password",
    "welcome_guest",
]


def add_person(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    client_id: int | None = None,
    language: str = "fr",
    password: str | None = None,
    by: str,
    at: datetime,
) -> int:
    """Add somebody who may sign in once a password is set; returns the person's id.

    A client role needs the client it is of, and a person of a client adds only people of the same
    client. Whom a person adds to the staff waits without access for ``give_rights``.
    Raises ``Problems`` with every fault, ``Conflict`` when the address is taken.
    """
    address = rules.email_key(email)
    _refuse_outsider(session, by, client_id)
    problems = [rules.email_problem(address), *_shape_problems(name, role, client_id, language)]
    if password is not None:
        problems.append(passwords.problem(password, about=(name, address)))
    if found := [problem for problem in problems if problem is not None]:
        raise Problems([*found])
    person_id = _added(
        session, address=address, name=name, role=role, client_id=client_id, language=language,
        password=password, by=by, at=at,
    )  # fmt: skip
    if person_id is None:
        raise Conflict("email_taken", "{email} already signs in here", field="email", email=address)
    return person_id


def welcome_guest(
    session: Session, *, email: str, name: str, language: str, by: str, at: datetime
) -> int:
    """The guest who signs in with an address, met now if nobody did; returns the person's id.

    A guest is known once, whoever invites, under the name the first one gave. Raises ``Problems``,
    and ``Conflict`` for an address that staff or a client's user signs in with.
    """
    address = rules.email_key(email)
    problems = [rules.email_problem(address), *_shape_problems(name, Role.GUEST, None, language)]
    if found := [problem for problem in problems if problem is not None]:
        raise Problems([*found])
    person_id = _added(
        session, address=address, name=name, role=Role.GUEST, client_id=None, language=language,
        password=None, by=by, at=at,
    )  # fmt: skip
    if person_id is not None:
        return person_id
    known = queries.person_by_email(session, address)
    if known is None or known.role is not Role.GUEST or known.disabled_at is not None:
        raise Conflict(
            "guest_impossible", "This address cannot be invited; share by a link instead",
            field="email",
        )  # fmt: skip
    return known.id


def _added(
    session: Session, *, address: str, name: str, role: Role, client_id: int | None,
    language: str, password: str | None, by: str, at: datetime,
) -> int | None:  # fmt: skip
    """The id of the person now there; ``None`` when the address was taken."""
    waits = _needs_two(session, rules.audience_of(role), by)
    person_id: int | None = session.scalar(
        upsert(Person)
        .values(
            email=address, name=name.strip(), audience=rules.audience_of(role), role=role,
            client_id=client_id, language=language,
            password_hash=passwords.UNSET if password is None else passwords.hashed(password),
            created_at=at, created_by=by,
            disabled_at=at if waits else None, disabled_by=by if waits else None,
        )
        .on_conflict_do_nothing(index_elements=[Person.email])
        .returning(Person.id)
    )  # fmt: skip
    if person_id is not None:
        after = {"email": address, "name": name.strip(), "role": role, "language": language}
        audit.record(session, verb="add", subject_kind="person", subject_id=person_id,
                     after=after, by=by, at=at, client_id=client_id)  # fmt: skip
    return person_id


def change_person(
    session: Session,
    *,
    person_id: int,
    name: str,
    role: Role,
    language: str,
    by: str,
    at: datetime,
    why: str | None = None,
) -> None:
    """Change name, role and language. Nobody changes their own role, nor crosses audiences.

    Another role takes a reason, and ends the sessions opened with the one before; a person alone
    does not change that of the staff (``give_rights``).
    """
    row = _locked(session, person_id, by)
    if role != row.role and queries.person_behind(session, by) == person_id:
        raise Forbidden("own_role", "Nobody changes their own role", field="role")
    if rules.audience_of(role) != row.audience:
        raise Conflict(
            "audience_fixed", "A person of a client cannot become staff, nor staff a client's",
            field="role",
        )  # fmt: skip
    moved = role != row.role
    if moved and _needs_two(session, Audience(row.audience), by):
        raise _two_needed()
    if moved and not (why or "").strip():
        raise Invalid("role_reason", "Say why the role changes", field="why")
    if problems := _shape_problems(name, role, row.client_id, language):
        raise Problems([*problems])
    before = {"name": row.name, "role": row.role, "language": row.language}
    row.name, row.role, row.language = name.strip(), role, language
    if moved:
        row.rights_at, row.rights_by = at, by
    after = {"name": row.name, "role": role.value, "language": language}
    old, new = audit.narrowed(before, after)
    if new:
        _note(session, "change", row, before=old, after=new, why=why, by=by, at=at)
    if moved:
        end_sessions_of(session, person_id=person_id, at=at)
    session.flush()


def give_rights(
    session: Session, *, person_id: int, role: Role, why: str, by: str, at: datetime
) -> None:
    """Let one of the staff in with a role, as the second person who agreed; sessions end.

    The database looks for that agreement. Raises ``Conflict`` for somebody of a client.
    """
    row = _locked(session, person_id, by)
    if row.audience != Audience.STAFF or rules.audience_of(role) is not Audience.STAFF:
        raise Conflict(
            "audience_fixed", "A person of a client cannot become staff, nor staff a client's",
            field="role",
        )  # fmt: skip
    if queries.person_behind(session, by) == person_id:
        raise Forbidden("own_role", "Nobody changes their own role", field="role")
    if row.role == role and row.disabled_at is None:
        raise Conflict("role_same", "This is the role already", field="role")
    before = {"role": row.role, "access": row.disabled_at is None}
    row.role, row.disabled_at, row.disabled_by = role.value, None, None
    row.rights_at, row.rights_by = at, by
    session.flush()
    end_sessions_of(session, person_id=person_id, at=at)
    _note(session, "give_rights", row, before=before, after={"role": role.value, "access": True},
          why=why, by=by, at=at)  # fmt: skip


def _needs_two(session: Session, audience: Audience, by: str) -> bool:
    """Whether what the staff may do is not one person's to say; the machine's operator's it is."""
    return audience is Audience.STAFF and queries.person_behind(session, by) is not None


def _two_needed() -> Forbidden:
    return Forbidden("rights_need_two", "A second person agrees to what the staff may do",
                     field="role")  # fmt: skip


def disable_person(
    session: Session, *, person_id: int, by: str, at: datetime, why: str | None = None
) -> None:
    """Close the door at once: sessions end and tokens stop working. Twice changes nothing."""
    row = _locked(session, person_id, by)
    if queries.person_behind(session, by) == person_id:
        raise Forbidden("own_access", "Nobody disables their own access")
    if row.disabled_at is None:
        row.disabled_at, row.disabled_by = at, by
        end_sessions_of(session, person_id=person_id, at=at)
        _note(session, "disable", row, why=why, by=by, at=at)


def enable_person(
    session: Session, *, person_id: int, by: str, at: datetime, why: str | None = None
) -> None:
    """Open the door again; the password stays what it was. One of the staff takes two people."""
    row = _locked(session, person_id, by)
    if _needs_two(session, Audience(row.audience), by):
        raise _two_needed()
    if row.disabled_at is not None:
        row.rights_at, row.rights_by = at, by
        row.disabled_at, row.disabled_by = None, None
        _note(session, "enable", row, why=why, by=by, at=at)


def set_password(session: Session, *, person_id: int, password: str, by: str, at: datetime) -> None:
    """Keep a password (forgotten, or the first one) and end all sessions.

    A person sets nobody's but their own: who knows another's password could be the second person.
    """
    row = _locked(session, person_id, by)
    acting = queries.person_behind(session, by)
    if acting is not None and acting != person_id:
        raise Forbidden("password_theirs", "Everybody chooses their own password, by mail")
    _store_password(session, row, password)
    end_sessions_of(session, person_id=person_id, at=at)
    _note(session, "set_password", row, by=by, at=at)


def change_password(
    session: Session,
    *,
    person_id: int,
    current: str,
    new: str,
    keep_session_id: int | None = None,
    at: datetime,
) -> None:
    """Change one's own password, proving the current one; every other session ends.

    Raises ``Forbidden`` when the current password is wrong, ``Invalid`` when the new one is weak.
    """
    by = f"person:{person_id}"
    row = _locked(session, person_id, by)
    if not passwords.matches(row.password_hash, current):
        raise Forbidden("password_wrong", "This is not the current password", field="current")
    _store_password(session, row, new)
    end_sessions_of(session, person_id=person_id, at=at, except_id=keep_session_id)
    _note(session, "change_password", row, by=by, at=at)


def _store_password(session: Session, row: Person, password: str) -> None:
    problem = passwords.problem(password, about=(row.name, row.email))
    if problem is not None:
        raise problem
    row.password_hash = passwords.hashed(password)
    session.flush()


def _locked(session: Session, person_id: int, by: str) -> Person:
    row = session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("person_not_found", "There is no such person")
    _refuse_outsider(session, by, row.client_id)
    return row


def _refuse_outsider(session: Session, by: str, client_id: int | None) -> None:
    """A person of a client touches only people of that client."""
    acting = queries.person_behind(session, by)
    if acting is None:
        return
    own = queries.person(session, acting)
    if own.audience == Audience.CLIENT and own.client_id != client_id:
        raise NotFound("person_not_found", "There is no such person")


def choose_appearance(
    session: Session, *, person_id: int, theme: str | None = None, language: str | None = None
) -> None:
    """Keep how a person wants to see the screens; ``None`` leaves it as it is."""
    chosen = {"theme": theme, "language": language}
    values = {name: value for name, value in chosen.items() if value is not None}
    if values:
        session.execute(update(Person).where(Person.id == person_id).values(**values))


def _shape_problems(name: str, role: Role, client_id: int | None, language: str) -> list[Invalid]:
    problems = []
    if not 1 <= len(name.strip()) <= 120:
        problems.append(Invalid("name_missing", "A person has a name", field="name"))
    if (role in rules.CLIENT_ROLES) != (client_id is not None):
        problems.append(
            Invalid("role_of_other_side", "{role} is not a role of this side", field="role",
                    role=role.value)
        )  # fmt: skip
    if language not in LANGUAGES:
        problems.append(
            Invalid("language_unknown", "{language} is not a language of these screens",
                    field="language", language=language)
        )  # fmt: skip
    return problems


def _note(
    session: Session,
    verb: str,
    row: Person,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
    why: str | None = None,
    by: str,
    at: datetime,
) -> None:
    audit.record(session, verb=verb, subject_kind="person", subject_id=row.id, before=before,
                 after=after, why=why, by=by, at=at, client_id=row.client_id)  # fmt: skip
