"""What debtors promise to pay."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class Promise(Base):
    """A debtor said it would pay so much by a day: named invoices, or any of what it owes.

    Whether it kept its word follows from what was applied since (``rules.promises``); ``ended_at``
    says that somebody withdrew it, or that a later promise took its place.
    """

    __tablename__ = "promise"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended"),
        Index(None, "due_on", "id", postgresql_where=text("ended_at IS NULL")),
        Index(None, "debtor_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    currency: Mapped[str]
    amount_minor: Mapped[int]
    due_on: Mapped[date]
    contact: Mapped[str | None]
    comment: Mapped[str | None]
    noted_at: Mapped[datetime]
    noted_on: Mapped[date]
    noted_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    end_reason: Mapped[str | None]


class PromiseLine(Base):
    """The part of a promise that is about one invoice."""

    __tablename__ = "promise_line"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)

    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"), primary_key=True)
    receivable_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    amount_minor: Mapped[int]
