"""What is proved besides the password, and of whom it is asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


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


class Passkey(Base):
    """A key pair that a person's device or browser holds; the public half, and its counter."""

    __tablename__ = "passkey"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint("sign_count >= 0", name="counts"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    set_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class PasskeyChallenge(Base):
    """What a passkey is to sign: once, within minutes, for one use by one browser.

    ``holder_hash`` is of the cookie that the browser came with.
    """

    __tablename__ = "passkey_challenge"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    challenge: Mapped[bytes] = mapped_column(unique=True)
    purpose: Mapped[str]
    holder_hash: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
