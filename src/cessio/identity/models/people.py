"""People, who is invited, and whose work is whose: teams, absences, delegations."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class Person(Base):
    """A human who signs in: staff of the factor, a user of one client company, or a guest.

    ``rights_by`` agreed to what one of the staff may do since ``rights_at``. The hash is read
    where a password is tried, and nowhere along the way: readers from outside may not.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("audience IN ('staff', 'client', 'guest')", name="audience"),
        CheckConstraint("(audience = 'client') = (client_id IS NOT NULL)", name="client_of_client"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint(
            "(audience = 'client') = (role IN ('signatory', 'operator', 'reader'))",
            name="role_of_audience",
        ),
        CheckConstraint("(audience = 'guest') = (role = 'guest')", name="role_of_guest"),
        CheckConstraint(
            "role IN ('admin', 'account_manager', 'credit_analyst', 'cash_clerk', 'treasury', "
            "'collector', 'auditor', 'signatory', 'operator', 'reader', 'guest')",
            name="role",
        ),
        CheckConstraint("theme IN ('auto', 'light', 'dark')", name="theme"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    audience: Mapped[str]
    role: Mapped[str]
    client_id: Mapped[int | None] = mapped_column(
        ForeignKey("client.id", use_alter=True), index=True
    )
    language: Mapped[str] = mapped_column(server_default="fr")
    theme: Mapped[str | None]
    password_hash: Mapped[str] = mapped_column(deferred=True)
    has_password: Mapped[bool] = mapped_column(Computed("password_hash <> '!'", persisted=True))
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    disabled_at: Mapped[datetime | None]
    disabled_by: Mapped[str | None]
    rights_at: Mapped[datetime | None]
    rights_by: Mapped[str | None]


class Invitation(Base):
    """A link by which somebody chooses a first password; only the hash of its token is stored."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("expires_at > created_at", name="ends"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasswordReset(Base):
    """Somebody said that a password is forgotten; the hash of the link, if one was mailed."""

    __tablename__ = "password_reset"
    __table_args__ = (CheckConstraint("expires_at > asked_at", name="ends"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[bytes | None] = mapped_column(unique=True)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Team(Base):
    """Colleagues who work on the same portfolios."""

    __tablename__ = "team"
    __table_args__ = (
        Index("uq_team_open", "name", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class TeamMember(Base):
    """Somebody of a team, from when until when."""

    __tablename__ = "team_member"
    __table_args__ = (
        Index(
            "uq_team_member_open", "team_id", "person_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    since_at: Mapped[datetime]
    since_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class Absence(Base):
    """Somebody is away from a day to a day, both included, and another does their work."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("from_on <= to_on", name="days"),
        CheckConstraint("person_id <> substitute_id", name="another"),
        Index(None, "to_on", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    substitute_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class Delegation(Base):
    """Somebody's right to decide on what others ask, lent from a day to a day, both included.

    Two people agreed to it; it is taken back at once, and never changed.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("from_on <= to_on", name="days"),
        CheckConstraint("lender_id <> deputy_id", name="another"),
        CheckConstraint("cardinality(permissions) > 0", name="something"),
        CheckConstraint("up_to_minor > 0", name="up_to"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(None, "deputy_id", "to_on", postgresql_where=text("ended_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    lender_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    up_to_minor: Mapped[int | None]
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str]
    given_at: Mapped[datetime]
    given_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
