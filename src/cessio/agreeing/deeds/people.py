"""Rights of the staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from cessio.access.operations.staff import welcome
from cessio.agreeing.deeds.base import Deed, changed, deed
from cessio.agreeing.losing import void_what_they_began
from cessio.identity import Permission, Role
from cessio.identity.operations import give_rights
from cessio.identity.queries import person


@deed
@dataclass(frozen=True, slots=True)
class StaffAccess(Deed):
    """Somebody of the staff holds a role, and has access."""

    kind: ClassVar[str] = "staff_access"
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.MANAGE_PEOPLE,)
    agreed_with: ClassVar[Permission] = Permission.APPROVE_PEOPLE

    person_id: int
    role: Role
    why: str

    def subject(self) -> int:
        """The person."""
        return self.person_id

    def state(self, session: Session) -> Mapping[str, Any]:
        """Who they are and what they may now."""
        who = person(session, self.person_id)
        return {"email": who.email, "role": who.role.value, "access": who.disabled_at is None}

    def told(self, session: Session) -> Mapping[str, Any]:
        """Their name."""
        return {"name": person(session, self.person_id).name, "why": self.why}

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """Role and access."""
        before = {"role": Role(state["role"]) if state["access"] else None,
                  "access": state["access"]}  # fmt: skip
        return changed(before, {"role": self.role, "access": True})

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Give them the role; what they began under another one is void."""
        who = person(session, self.person_id)
        give_rights(session, person_id=self.person_id, role=self.role, why=self.why, by=by, at=at)
        void_what_they_began(session, person_id=self.person_id, by=by, at=at)
        if not who.has_password:
            welcome(session, person_id=self.person_id, by=by, at=at)
        return None
