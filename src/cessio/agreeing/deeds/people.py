"""Rights of the staff, given and lent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from cessio.access.operations.staff import welcome
from cessio.agreeing.deeds.base import Deed, changed, deed
from cessio.agreeing.losing import void_what_they_began
from cessio.identity import Permission, Role
from cessio.identity.operations import give_rights, lend
from cessio.identity.queries import person, staff_who_may
from cessio.identity.rules import LENDABLE
from cessio.kernel.errors import CessioError, Forbidden
from cessio.notifications import notify


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

    def refusal(self, session: Session, person_id: int, *, asks: bool) -> CessioError | None:
        """Nobody gives rights to themselves, as the one who asks or the one who agrees."""
        if person_id != self.person_id:
            return None
        return Forbidden("own_role", "Nobody changes their own role", field="role")

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Give them the role; what they began under another one is void.

        Whom it opens the door to and who has no password yet chooses one, by mail.
        """
        who = person(session, self.person_id)
        give_rights(session, person_id=self.person_id, role=self.role, why=self.why, by=by, at=at)
        void_what_they_began(session, person_id=self.person_id, by=by, at=at)
        if who.disabled_at is not None and not who.has_password:
            welcome(session, person_id=self.person_id, by=by, at=at)
        return None


@deed
@dataclass(frozen=True, slots=True)
class LendRights(Deed):
    """Somebody away lets a colleague decide in their place on what others ask."""

    kind: ClassVar[str] = "delegation"
    asked_with: ClassVar[tuple[Permission, ...]] = (*LENDABLE, Permission.MANAGE_PEOPLE)
    agreed_with: ClassVar[Permission] = Permission.APPROVE_PEOPLE

    lender_id: int
    deputy_id: int
    permissions: tuple[Permission, ...]
    from_on: date
    to_on: date
    reason: str
    up_to_minor: int | None = None

    def state(self, session: Session) -> Mapping[str, Any]:
        """What both may now."""
        lender, deputy = person(session, self.lender_id), person(session, self.deputy_id)
        return {
            "lender": lender.role.value, "deputy": deputy.role.value,
            "access": lender.disabled_at is None and deputy.disabled_at is None,
        }  # fmt: skip

    def told(self, session: Session) -> Mapping[str, Any]:
        """Who lends to whom, and until when."""
        return {
            "name": person(session, self.lender_id).name,
            "substitute": person(session, self.deputy_id).name,
            "from_on": self.from_on, "to_on": self.to_on, "up_to_minor": self.up_to_minor,
            "why": self.reason,
        }  # fmt: skip

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """Every decision that is lent."""
        return [(f"lent:{one.value}", False, True) for one in self.permissions]

    def refusal(self, session: Session, person_id: int, *, asks: bool) -> CessioError | None:
        """One lends one's own rights, or an administrator those of somebody who is away already;
        neither of the two agrees to it."""
        administrators = staff_who_may(session, Permission.MANAGE_PEOPLE)
        if asks and person_id not in {self.lender_id, *administrators}:
            return Forbidden(
                "delegation_of_another", "One lends one's own rights; an administrator asks for "
                "somebody who is away", field="lender",
            )  # fmt: skip
        if not asks and person_id in {self.lender_id, self.deputy_id}:
            return Forbidden("own_delegation", "Neither of the two agrees to it")
        return None

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Lend them; the deputy is told."""
        number = lend(
            session, lender_id=self.lender_id, deputy_id=self.deputy_id,
            permissions=self.permissions, up_to_minor=self.up_to_minor, from_on=self.from_on,
            to_on=self.to_on, reason=self.reason, by=by, at=at,
        )  # fmt: skip
        notify(
            session, person_ids=[self.deputy_id], kind="rights_lent",
            values={"name": person(session, self.lender_id).name, "from_on": self.from_on,
                    "to_on": self.to_on},
            href="/backoffice/delegations", at=at, key=f"delegation/{number}",
        )  # fmt: skip
        return number
