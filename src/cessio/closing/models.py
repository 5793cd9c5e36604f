"""Business days closed, and months locked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

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
