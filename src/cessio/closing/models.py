"""Business days closed, and months locked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class ClosedDay(Base):
    """A business day whose end was run: figures, and the seal of its books."""

    __tablename__ = "closed_day"

    on: Mapped[date] = mapped_column("day", primary_key=True)
    transaction_count: Mapped[int]
    entry_count: Mapped[int]
    last_entry_id: Mapped[int]
    debit_minor: Mapped[int]
    sha256: Mapped[bytes]
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]


class ClosedMonth(Base):
    """A month that two persons closed on the same figures; nothing of it is posted afterwards."""

    __tablename__ = "closed_month"
    __table_args__ = (
        CheckConstraint(
            "month = date_trunc('month', month)::date"
            " AND to_on = (month + interval '1 month')::date - 1",
            name="whole",
        ),
        CheckConstraint("asked_by <> closed_by", name="two_actors"),
    )

    month: Mapped[date] = mapped_column(primary_key=True)
    to_on: Mapped[date]
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"), unique=True)
    sha256: Mapped[bytes]
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    closed_by: Mapped[str]
    closed_at: Mapped[datetime]


class BookSeal(Base):
    """What the book remembers of its daily seals; the evidence is the file outside of it."""

    __tablename__ = "book_seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    on: Mapped[date] = mapped_column("day")
    code: Mapped[str]
    content: Mapped[str]
    row_count: Mapped[int]
    sealed_at: Mapped[datetime]
