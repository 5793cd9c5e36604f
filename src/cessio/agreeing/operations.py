"""Asking for a deed, agreeing to it, and what stops somebody of the staff at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from cessio import approvals, audit, identity
from cessio.agreeing.deeds import DEEDS, Deed
from cessio.agreeing.deeds.people import StaffAccess
from cessio.agreeing.losing import void_what_they_began
from cessio.approvals import ApprovalView
from cessio.identity import Permission, Role
from cessio.identity import queries as people
from cessio.identity.operations import add_person, disable_person
from cessio.kernel.errors import Conflict, Forbidden, Invalid, NotFound

#: Who tries a deed before it is asked for; nothing of it stays.
TRIAL = "system:trial"


class _TakenBack(Exception):
    """Ends the savepoint of a trial."""


def ask(session: Session, *, deed: Deed, by: str, at: datetime) -> int:
    """Ask a second person for a deed; returns the approval's id.

    It is tried and taken back: what it would be refused for is raised here. Raises ``Conflict``
    while the same is asked for already, ``Forbidden`` where the asker's role does not include it.
    """
    _may(session, by, *deed.asked_with)
    _refuse(session, deed, by, asks=True)
    return put(session, deed=deed, by=by, at=at)


def put(session: Session, *, deed: Deed, by: str, at: datetime) -> int:
    """Try a deed and keep it for the second person, whoever asks; the approval's id."""
    state = audit.json_safe(deed.state(session))
    told = deed.told(session)
    try:
        with session.begin_nested():
            deed.do(session, by=TRIAL, at=at)
            raise _TakenBack
    except _TakenBack:
        pass
    args = msgspec.to_builtins(deed)
    return approvals.ask(
        session, subject_kind=deed.kind, subject_id=deed.subject(), client_id=deed.client(session),
        subject_hash=_hash(deed, args, state), summary={**told, "args": args, "state": state},
        by=by, at=at,
    )  # fmt: skip


def agree(session: Session, *, approval_id: int, seen: bytes, by: str, at: datetime) -> int | None:
    """A second person agrees to what was shown, and it is done now; the id of what it adds.

    Raises ``Conflict`` when it, or what it depends on, is no longer what was shown or who asked may
    no longer; ``Forbidden`` for who asked and for whose role does not include it; and whatever the
    deed is refused for.
    """
    asked = approvals.approval(session, approval_id)
    deed = read(asked)
    if seen != asked.subject_hash:
        raise Conflict("approval_stale", "What was asked about has changed since: ask again")
    _refuse(session, deed, by, asks=False)
    _refuse_gone(session, asked, deed)
    now = _hash(deed, asked.summary["args"], audit.json_safe(deed.state(session)))
    approvals.approve(session, approval_id=approval_id, subject_hash=now, by=by, at=at)
    return deed.do(session, by=by, at=at)


def decline(
    session: Session, *, approval_id: int, seen: bytes, reason: str, by: str, at: datetime
) -> None:
    """A second person declines, and says why. Raises as ``approvals.reject``."""
    asked = approvals.approval(session, approval_id)
    read(asked)
    approvals.reject(session, approval_id=approval_id, subject_hash=seen, reason=reason, by=by,
                     at=at)  # fmt: skip


def withdraw(session: Session, *, approval_id: int, by: str, at: datetime) -> None:
    """Who asked takes it back. Raises ``Forbidden`` for anybody else, ``Conflict`` once decided."""
    asked = approvals.approval(session, approval_id)
    read(asked)
    if asked.maker_id is None or asked.maker_id != identity.person_behind(session, by):
        raise Forbidden("not_yours", "Only who asked takes it back")
    approvals.void(session, approval_id=approval_id, reason="withdrawn", by=by, at=at)


def read(asked: ApprovalView) -> Deed:
    """The deed an approval is about. Raises ``NotFound`` where it is about something else."""
    kind = DEEDS.get(asked.subject_kind)
    if kind is None or "args" not in asked.summary:
        raise NotFound("approval_not_found", "There is no such request")
    return msgspec.convert(asked.summary["args"], type=kind, strict=False)


def is_stale(session: Session, asked: ApprovalView) -> bool:
    """Whether what an open request depends on is no longer what was shown."""
    state = audit.json_safe(read(asked).state(session))
    return asked.decision is None and bool(state != asked.summary["state"])


def hire(
    session: Session, *, email: str, name: str, role: Role, language: str, by: str, at: datetime
) -> int:
    """Add somebody to the staff, who has access once a second person agrees; the approval's id.

    They choose their password themselves, by mail. Raises as ``add_person``, ``Invalid`` for a
    role of a client.
    """
    if identity.rules.audience_of(role) is not identity.Audience.STAFF:
        raise Invalid("role_of_other_side", "{role} is not a role of this side", field="role",
                      role=role.value)  # fmt: skip
    person_id = add_person(session, email=email, name=name, role=role, language=language, by=by,
                           at=at)  # fmt: skip
    return ask(session, deed=StaffAccess(person_id, role, "hired"), by=by, at=at)


def close_access(
    session: Session, *, person_id: int, why: str | None = None, by: str, at: datetime
) -> int:
    """Take the access of one of the staff at once, alone; what they began is void: how much."""
    _may(session, by, Permission.MANAGE_PEOPLE)
    approvals.void_open(session, subject_kind=StaffAccess.kind, subject_id=person_id,
                        reason="access ended", by=by, at=at)  # fmt: skip
    disable_person(session, person_id=person_id, why=why, by=by, at=at)
    return void_what_they_began(session, person_id=person_id, by=by, at=at)


def _hash(deed: Deed, args: Mapping[str, Any], state: Mapping[str, Any]) -> bytes:
    return approvals.subject_hash({"kind": deed.kind, "args": args, "state": state})


def _may(session: Session, by: str, *any_of: Permission) -> None:
    """Only people whose role includes it ask; the machine's own work asks nobody."""
    person_id = identity.person_behind(session, by)
    if person_id is None:
        raise Forbidden("person_needed", "Only a person decides")
    if not any(person_id in people.staff_who_may(session, one) for one in any_of):
        raise Forbidden("not_permitted", "Your role does not include this")


def _refuse_gone(session: Session, asked: ApprovalView, deed: Deed) -> None:
    """Refuse what was sent while its maker lost the right: it was not open yet to be voided."""
    may_still = {one for right in deed.asked_with for one in people.staff_who_may(session, right)}
    if asked.maker_id is not None and asked.maker_id not in may_still:
        raise Conflict("maker_gone", "Who asked for it may no longer: somebody else asks again")


def _refuse(session: Session, deed: Deed, by: str, *, asks: bool) -> None:
    """Refuse whom the deed itself keeps out, as the one who asks or the one who agrees."""
    person_id = identity.person_behind(session, by)
    refused = None if person_id is None else deed.refusal(session, person_id, asks=asks)
    if refused is not None:
        raise refused
