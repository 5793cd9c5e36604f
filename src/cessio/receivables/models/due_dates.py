"""Due dates that were moved, or are asked to be, and how far one person moves them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class DueDateChange(Base):
    """An invoice is due another day: who asked, why, and who decided.

    The database lets ``receivable.due_date`` move only as its latest applied change says, and
    keeps every change as it was asked (``migrations/sql/80_due_dates.sql``).
    """

    __tablename__ = "due_date_change"
    __table_args__ = (
        CheckConstraint("from_on <> to_on", name="another"),
        CheckConstraint("outcome IN ('applied', 'rejected', 'withdrawn')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided"),
        Index(
            "uq_due_date_change_open", "receivable_id", unique=True,
            postgresql_where=text("outcome IS NULL"),
        ),
        Index(None, "receivable_id", "id"),
        Index(None, "decided_at", postgresql_where=text("outcome = 'applied'")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    receivable_id: Mapped[int]
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str]
    comment: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    outcome: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision_comment: Mapped[str | None]


class DueDatePolicy(Base):
    """Days in all by which one person pushes a due date back; the latest row holds."""

    __tablename__ = "due_date_policy"
    __table_args__ = (CheckConstraint("alone_days BETWEEN 0 AND 365", name="days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alone_days: Mapped[int]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
