"""Four-eyes decisions: one person asks, another decides on exactly what was shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class Approval(Base):
    """A decision asked of a second person, bound to the hash of what is decided.

    ``maker`` and ``checker`` are actors; ``maker_id`` and ``checker_id`` the people behind them,
    so that nobody approves through a token of their own what they asked for. ``for_id`` lent the
    checker the right to decide, where it was lent: never who asked.
    """

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint("maker <> checker", name="maker_is_not_checker"),
        CheckConstraint("maker_id <> checker_id", name="two_people"),
        CheckConstraint("for_id <> maker_id AND for_id <> checker_id", name="lent_by_another"),
        CheckConstraint(
            "decision IS NULL OR decision = 'void' OR checker_id IS NOT NULL", name="checked"
        ),
        CheckConstraint("decision IN ('approved', 'rejected', 'void')", name="decision"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
        Index(None, "decided_at"),
        Index(
            "uq_approval_open", "subject_kind", "subject_id", unique=True,
            postgresql_where=text("decision IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"))
    subject_hash: Mapped[bytes]
    summary: Mapped[dict[str, Any]] = mapped_column(JSONB)
    maker: Mapped[str]
    maker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    checker: Mapped[str | None]
    checker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
