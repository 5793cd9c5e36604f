"""A client's people: invited, given another role, stopped; a new signatory with a second person.

Rights are given with two people and taken by one: a new signatory is agreed to by another
signatory of the client or by the factor, while an access that worries somebody ends at once.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import approvals, audit, identity
from cessio.access import queries, rules
from cessio.access.operations.notices import INVITATION, write_to
from cessio.approvals import subject_hash
from cessio.identity import Audience, Permission, Role
from cessio.identity.operations import (
    add_person,
    change_person,
    disable_person,
    enable_person,
    end_sessions_of,
    invite,
)
from cessio.identity.queries import PersonView, people, person
from cessio.kernel.errors import Conflict, Forbidden, NotFound
from cessio.notifications import notify
from cessio.parties import client_names
from cessio.plumbing.mail import base_url

approvals.decided_with(rules.SIGNATORY, Permission.MANAGE_PEOPLE, Permission.OWN_MANAGE_PEOPLE)


def invite_person(
    session: Session, *, client_id: int, email: str, name: str, role: Role, language: str,
    by: str, at: datetime,
) -> int:  # fmt: skip
    """Give somebody access and write to them how to choose a password; returns the person's id.

    Raises as ``add_member``.
    """
    person_id = add_member(
        session, client_id=client_id, email=email, name=name, role=role, language=language,
        by=by, at=at,
    )  # fmt: skip
    invite_again(session, client_id=client_id, person_id=person_id, by=by, at=at)
    return person_id


def add_member(
    session: Session, *, client_id: int, email: str, name: str, role: Role, language: str,
    password: str | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Give somebody of a client access; returns the person's id.

    Who is to sign only reads until a second person agrees. Raises as ``add_person`` does.
    """
    signs = role is Role.SIGNATORY
    person_id = add_person(
        session, email=email, name=name, role=Role.READER if signs else role,
        client_id=client_id, language=language, password=password, by=by, at=at,
    )  # fmt: skip
    if signs:
        _ask(session, person(session, person_id), "invited as a signatory", by, at)
    return person_id


def invite_again(
    session: Session, *, client_id: int, person_id: int, by: str, at: datetime
) -> None:
    """Write once more how to choose a password. Raises ``Conflict`` for who has one."""
    who = person(session, person_id, client_id=client_id)
    token = invite(session, person_id=person_id, by=by, at=at)
    if token is None:
        raise Conflict("password_chosen", "{name} has chosen a password already", name=who.name)
    write_to(
        session, INVITATION, who, by=by, at=at, secret=frozenset({"choose"}),
        client=client_names(session, [client_id])[client_id],
        invited_by=identity.actor_names(session, [by])[by], choose=f"{base_url()}/join/{token}",
    )  # fmt: skip


def change_role(
    session: Session, *, client_id: int, person_id: int, role: Role, why: str, by: str,
    at: datetime,
) -> bool:  # fmt: skip
    """Give another role, with a reason; whether it holds already, or a second person is asked.

    Raises ``Conflict`` for the last signatory and while one is asked, ``Invalid``, ``Forbidden``
    for one's own role, ``NotFound``.
    """
    signatories = queries.locked_signatories(session, client_id)
    who = person(session, person_id, client_id=client_id)
    if problem := rules.role_problem(role, why, now=who.role):
        raise problem
    if who.id == identity.person_behind(session, by):
        raise Forbidden("own_role", "Nobody changes their own role", field="role")
    if role is Role.SIGNATORY:
        _ask(session, who, why, by, at)
        return False
    if who.role is Role.SIGNATORY and (left := rules.removal_problem(who.id, signatories)):
        raise left
    _become(session, who, role, why, by, at)
    return True


def decide_signatory(
    session: Session, *, person_id: int, agrees: bool, why: str | None = None, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """A second person agrees that somebody signs for the client, or declines and says why.

    Another signatory of the same client, or the factor's administrator. Raises ``NotFound`` when
    nothing is asked, ``Forbidden`` for who asked and for the person themselves.
    """
    who, asked = person(session, person_id), queries.asked_signatory(session, person_id)
    if asked is None or who.client_id is None:
        raise NotFound("approval_not_found", "There is no such request")
    checker = identity.person_behind(session, by)
    if checker is None or checker == person_id or not _may_decide(session, checker, who):
        raise Forbidden("not_permitted", "Your role does not include this")
    seen = subject_hash(_facts(who))
    if agrees:
        approvals.approve(session, approval_id=asked.id, subject_hash=seen, reason=why, by=by,
                          at=at)  # fmt: skip
        _become(session, who, Role.SIGNATORY, str(asked.summary.get("why")), by, at)
    else:
        approvals.reject(session, approval_id=asked.id, subject_hash=seen, reason=why or "", by=by,
                         at=at)  # fmt: skip


def end_access(
    session: Session, *, client_id: int, person_id: int, why: str, by: str, at: datetime
) -> None:
    """Close the door at once, with a reason. Raises as ``change_role``."""
    signatories = queries.locked_signatories(session, client_id)
    who = person(session, person_id, client_id=client_id)
    if who.role is Role.SIGNATORY and (left := rules.removal_problem(who.id, signatories)):
        raise left
    approvals.void_open(session, subject_kind=rules.SIGNATORY, subject_id=person_id,
                        reason="access ended", by=by, at=at)  # fmt: skip
    approvals.void_of_maker(session, person_id=person_id, kinds=[rules.SIGNATORY],
                            reason="rights changed", by=by, at=at)  # fmt: skip
    disable_person(session, person_id=person_id, why=why, by=by, at=at)


def open_access_again(
    session: Session, *, client_id: int, person_id: int, why: str, by: str, at: datetime
) -> None:
    """Open it again, to read: who signed before is made a signatory anew, by two people."""
    who = person(session, person_id, client_id=client_id)
    if who.disabled_at is None:
        raise Conflict("access_open", "{name} has access already", name=who.name)
    if who.role is Role.SIGNATORY:
        _become(session, who, Role.READER, why, by, at)
    enable_person(session, person_id=person_id, why=why, by=by, at=at)


def end_browsers(
    session: Session, *, client_id: int, person_id: int, by: str, at: datetime
) -> None:
    """Sign somebody of a client out everywhere. Raises ``NotFound``."""
    who = person(session, person_id, client_id=client_id)
    end_sessions_of(session, person_id=who.id, at=at)
    audit.record(session, verb="end_session", subject_kind="person", subject_id=who.id,
                 by=by, at=at, client_id=client_id)  # fmt: skip


def _become(session: Session, who: PersonView, role: Role, why: str, by: str, at: datetime) -> None:
    change_person(session, person_id=who.id, name=who.name, role=role, language=who.language,
                  why=why, by=by, at=at)  # fmt: skip


def _may_decide(session: Session, checker: int, who: PersonView) -> bool:
    one = person(session, checker)
    if one.audience is Audience.STAFF:
        return identity.rules.may(one.role, Permission.MANAGE_PEOPLE)
    signs = identity.rules.may(one.role, Permission.OWN_MANAGE_PEOPLE)
    return one.client_id == who.client_id and signs


def _facts(who: PersonView) -> dict[str, object]:
    return {"person": who.id, "email": who.email, "role": Role.SIGNATORY.value}


def _ask(session: Session, who: PersonView, why: str, by: str, at: datetime) -> None:
    """Ask the client's other signatories, and the factor's administrators."""
    assert who.client_id is not None
    firm = client_names(session, [who.client_id])[who.client_id]
    approval_id = approvals.ask(
        session, subject_kind=rules.SIGNATORY, subject_id=who.id, subject_hash=subject_hash(
            _facts(who)
        ), summary={"name": who.name, "email": who.email, "client": firm, "why": why},
        client_id=who.client_id, by=by, at=at,
    )  # fmt: skip
    maker = identity.person_behind(session, by)
    others = [
        one.id for one in people(session, client_id=who.client_id)
        if one.role is Role.SIGNATORY and one.id != maker
    ]  # fmt: skip
    notify(
        session, person_ids=others, kind="signatory_asked",
        values={"name": who.name, "by": identity.actor_names(session, [by])[by]},
        href=f"/portal/users/people/{who.id}", at=at, key=f"signatory/{approval_id}",
    )  # fmt: skip
