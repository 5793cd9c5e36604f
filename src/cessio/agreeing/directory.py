"""What the directory behind single sign-on says of rights: less holds at once, more takes a person.

Whoever keeps the directory could otherwise make anybody an administrator here, alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import approvals
from cessio.agreeing.deeds.people import StaffAccess
from cessio.agreeing.losing import void_what_they_began
from cessio.agreeing.operations import put
from cessio.approvals import ApprovalView
from cessio.identity import Role, SignedIn, rules
from cessio.identity.operations import (
    DIRECTORY,
    Met,
    ProviderRefused,
    SecondStepNeeded,
    Vouched,
    enter,
    meet,
    narrow_rights,
)
from cessio.notifications import notify


def sign_in_by_provider(
    session: Session, *, said: Vouched, roles: Sequence[tuple[str, Role]], address: str,
    user_agent: str | None, at: datetime, previous_token: str | None = None,
) -> SignedIn | SecondStepNeeded | ProviderRefused:  # fmt: skip
    """Let one of the staff in, with what they had or less; more is asked of a second person."""
    met = meet(session, said=said, roles=roles, at=at)
    if isinstance(met, ProviderRefused):
        return met
    _follow(session, met, at)
    return enter(session, met=met, is_strong=said.is_strong, address=address,
                 user_agent=user_agent, at=at, previous_token=previous_token)  # fmt: skip


def _follow(session: Session, met: Met, at: datetime) -> None:
    """Bring their rights to what the directory says, as far as it may alone."""
    asked = approvals.queries.of_subject(session, StaffAccess.kind, met.person.id)
    waits = next((one for one in asked if one.decision is None), None)
    if waits is not None and waits.maker == DIRECTORY and _role(waits) != met.role:
        approvals.void(session, approval_id=waits.id, reason="directory changed", by=DIRECTORY,
                       at=at)  # fmt: skip
        waits = None
    if met.role is met.person.role:
        return
    if rules.is_within(met.role, met.person.role):
        narrow_rights(session, person_id=met.person.id, role=met.role, why=_why(met), at=at)
        void_what_they_began(session, person_id=met.person.id, by=DIRECTORY, at=at)
    elif waits is None and not _was_declined(asked, met.role):
        _ask(session, met, at)


def _ask(session: Session, met: Met, at: datetime) -> None:
    asked = put(session, deed=StaffAccess(met.person.id, met.role, _why(met)), by=DIRECTORY, at=at)
    notify(
        session, person_ids=[met.person.id], kind="role_waits", values={"role": met.role.value},
        href=f"/backoffice/approvals/{asked}", at=at, key=f"role/{asked}",
    )  # fmt: skip


def _was_declined(asked: Sequence[ApprovalView], role: Role) -> bool:
    """Whether somebody said no to just that: each sign-in would ask again. A person may."""
    last = next((one for one in asked if one.maker == DIRECTORY), None)
    return last is not None and last.decision == "rejected" and _role(last) == role


def _role(asked: ApprovalView) -> str:
    return str(asked.summary["args"]["role"])


def _why(met: Met) -> str:
    return f"SSO · {met.group}"
