"""Signals: what looked odd, by which figures, and what a person found when looking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class Signal(Base):
    """One sign of one kind about one thing (``key``), found once; ``figures`` are its facts.

    ``document_ids`` are receivables (reserved ids of lines not assigned yet too). Who looked and
    what they found is set once.
    """

    __tablename__ = "signal"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint("level IN ('high','medium','low')", name="level"),
        CheckConstraint("state IN ('open','explained','confirmed','false_alarm')", name="state"),
        CheckConstraint("(state = 'open') = (looked_at IS NULL)", name="looked"),
        Index("ix_signal_open", "id", postgresql_where=text("state = 'open'")),
        Index(None, "client_id", "id"),
        Index(None, "debtor_id", "id", postgresql_where=text("debtor_id IS NOT NULL")),
        Index(None, "remittance_id", postgresql_where=text("remittance_id IS NOT NULL")),
        Index("ix_signal_documents", "document_ids", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    level: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    debtor_id: Mapped[int | None] = mapped_column(ForeignKey("debtor.id"))
    remittance_id: Mapped[int | None] = mapped_column(ForeignKey("remittance.id"))
    document_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    amount_minor: Mapped[int]
    currency: Mapped[str]
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    found_at: Mapped[datetime]
    found_by: Mapped[str]
    seen_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    looked_by: Mapped[str | None]
    note: Mapped[str | None]
