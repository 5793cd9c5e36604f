"""Reports issued: what was given to a bank, with the code that proves it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class IssuedReport(Base):
    """A portfolio report as it was issued: day, totals, hash of its lines, and its file."""

    __tablename__ = "issued_report"
    __table_args__ = (
        CheckConstraint("format IN ('pdf', 'xlsx', 'csv')", name="format"),
        Index(
            "uq_issued_report_recipient", "recipient_id", "as_of", "format", unique=True,
            postgresql_where=text("recipient_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    as_of: Mapped[date]
    format: Mapped[str]
    totals: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    lines_sha256: Mapped[bytes]
    verification_code: Mapped[str] = mapped_column(index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("recipient.id"))


class ReportOrder(Base):
    """How often a recipient is sent the report, and as what; the latest holds."""

    __tablename__ = "report_order"
    __table_args__ = (
        CheckConstraint("rhythm IN ('monthly', 'weekly', 'daily', 'none')", name="rhythm"),
        Index(None, "recipient_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id"))
    rhythm: Mapped[str]
    formats: Mapped[list[str]] = mapped_column(ARRAY(Text))
    language: Mapped[str]
    effective_from: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
