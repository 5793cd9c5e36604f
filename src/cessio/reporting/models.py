"""Reports issued: what was given to a bank, with the code that proves it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class IssuedReport(Base):
    """A portfolio report as it was issued: day, totals, hash of its lines, and its file."""

    __tablename__ = "issued_report"
    __table_args__ = (CheckConstraint("format IN ('pdf', 'xlsx', 'csv')", name="format"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    as_of: Mapped[date]
    format: Mapped[str]
    totals: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    lines_sha256: Mapped[bytes]
    verification_code: Mapped[str] = mapped_column(index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]
