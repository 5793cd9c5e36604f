"""People, their sessions and tokens."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cessio.plumbing.database import Base


class Person(Base):
    """A human who signs in: staff of the factor, a user of one client company, or a guest.

    ``rights_by`` agreed to what one of the staff may do since ``rights_at``.
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
    password_hash: Mapped[str]
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


class WebSession(Base):
    """A signed-in browser; only the hash of its token is stored.

    ``proved_at`` is when the person last proved to be there, by the code of the second factor or
    without one by the password: a sensitive act asks for a recent proof.
    """

    __tablename__ = "web_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    csrf_token: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user_agent: Mapped[str | None]
    address: Mapped[str | None]


class SecondFactor(Base):
    """A person's authenticator application; its seed is sealed, its last accepted step kept.

    ``failures`` counts wrong codes since the last right one.
    """

    __tablename__ = "second_factor"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_second_factor_open", "person_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sealed: Mapped[bytes]
    last_step: Mapped[int]
    failures: Mapped[int] = mapped_column(server_default="0")
    failed_at: Mapped[datetime | None]
    set_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class RecoveryCode(Base):
    """What opens the door once when the authenticator is lost; only its hash is stored."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    factor_id: Mapped[int] = mapped_column(ForeignKey("second_factor.id"), index=True)
    code_hash: Mapped[bytes]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SecondStep(Base):
    """Somebody gave the right password and owes the code: no session, and good for nothing else."""

    __tablename__ = "second_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class FactorRequirement(Base):
    """A client company, or without one the house, lets nobody in without a second factor."""

    __tablename__ = "factor_requirement"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_factor_requirement_open", "client_id", unique=True,
            postgresql_where=text("ended_at IS NULL"), postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", use_alter=True))
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class ApiToken(Base):
    """A machine's key to the API: scopes, an expiry, and only the hash of the secret."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    prefix: Mapped[str]
    name: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A failed or successful sign-in, kept to slow guessing and to be shown.

    ``network`` is the part of the address one subscriber holds (IPv4 /24, IPv6 /56).
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "email", "at"), Index(None, "network", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    email: Mapped[str]
    address: Mapped[str]
    network: Mapped[str]
    succeeded: Mapped[bool]


class IdempotencyKey(Base):
    """A request seen: the same key with the same input answers the same, for ever."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index(None, "actor", "route", "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str]
    route: Mapped[str]
    key: Mapped[str]
    input_hash: Mapped[bytes]
    status: Mapped[int]
    body: Mapped[bytes]
    media_type: Mapped[str]
    at: Mapped[datetime]


class WrongGuess(Base):
    """How many addresses of a door a network guessed wrong, since when; kept for minutes."""

    __tablename__ = "wrong_guess"

    door: Mapped[str] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(primary_key=True)
    since_at: Mapped[datetime]
    wrong: Mapped[int]


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
