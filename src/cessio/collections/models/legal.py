"""What debtors' insolvency and legal recovery keep."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cessio.plumbing.database import Base


class Insolvency(Base):
    """Proceedings opened against a debtor; ended, never deleted.

    ``limits`` are the limits the declaration brought down, with what each was. The claim is
    declared once ``claimed_at`` says so, by the letter ``message_id``.
    """

    __tablename__ = "insolvency"
    __table_args__ = (
        CheckConstraint("procedure IN ('safeguard','receivership','liquidation')",
                        name="procedure"),
        CheckConstraint("published_on IS NULL OR published_on >= judged_on", name="published"),
        CheckConstraint("(claimed_on IS NULL) = (claimed_at IS NULL)", name="claimed"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended"),
        Index("uq_insolvency_open", "debtor_id", unique=True,
              postgresql_where=text("ended_at IS NULL")),
        Index(None, "debtor_id", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    procedure: Mapped[str]
    judged_on: Mapped[date]
    published_on: Mapped[date | None]
    court: Mapped[str | None]
    representative: Mapped[str | None]
    address: Mapped[list[str]] = mapped_column(ARRAY(Text))
    limits: Mapped[list[dict[str, int]]] = mapped_column(JSONB)
    declared_on: Mapped[date]
    declared_at: Mapped[datetime]
    declared_by: Mapped[str]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    claimed_on: Mapped[date | None]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    end_reason: Mapped[str | None]


class RecoveryFile(Base):
    """Invoices of a debtor handed over to whoever recovers them at law; ended, never deleted."""

    __tablename__ = "recovery_file"
    __table_args__ = (
        CheckConstraint("invoice_count > 0", name="invoices"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended"),
        Index(None, "debtor_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    given_to: Mapped[str]
    reference: Mapped[str | None]
    note: Mapped[str | None]
    on: Mapped[date] = mapped_column("handed_on")
    invoice_count: Mapped[int]
    handed_at: Mapped[datetime]
    handed_by: Mapped[str]
    built_at: Mapped[datetime | None]
    verification_code: Mapped[str | None] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    end_reason: Mapped[str | None]


class RecoveryLine(Base):
    """An invoice of a file, with what was owed on it when it was handed over."""

    __tablename__ = "recovery_line"

    file_id: Mapped[int] = mapped_column(ForeignKey("recovery_file.id"), primary_key=True)
    receivable_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    currency: Mapped[str]
    open_minor: Mapped[int]
    penalty_minor: Mapped[int]
    indemnity_minor: Mapped[int]
