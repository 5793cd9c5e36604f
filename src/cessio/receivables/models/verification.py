"""Invoices to verify before they are funded, and the secret that samples are drawn with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cessio.plumbing.database import Base


class VerificationSeed(Base):
    """The secret that samples are drawn with; the latest holds, older ones replay their draws."""

    __tablename__ = "verification_seed"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class Verification(Base):
    """An invoice that must be verified: why, how far it is, how it ended and by whom we know.

    While its latest one is open or failed, the invoice is held (``hold`` of reason not_verified)
    and the database refuses to end that hold.
    """

    __tablename__ = "verification"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting','asked','confirmed','partly','failed','dropped')", name="state"
        ),
        CheckConstraint("(state IN ('waiting','asked')) = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_verification_open", "receivable_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "receivable_id", "id"),
        Index(None, "contract_id", "id"),
        Index("ix_verification_waiting", "id", postgresql_where=text("ended_at IS NULL")),
        Index(
            "uq_verification_code", "code_sha256", unique=True,
            postgresql_where=text("code_sha256 IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    receivable_id: Mapped[int]
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    seed_id: Mapped[int | None] = mapped_column(ForeignKey("verification_seed.id"))
    state: Mapped[str] = mapped_column(server_default="waiting")
    required_at: Mapped[datetime]
    required_by: Mapped[str]
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[str | None]
    asked_to: Mapped[str | None]
    code_sha256: Mapped[bytes | None]
    method: Mapped[str | None]
    contact: Mapped[str | None]
    confirmed_minor: Mapped[int | None]
    note: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
