"""Lines under the bell, and how each person wants to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class NotificationRow(Base):
    """One thing told to one person, once per key; ``in_digest`` also goes into the day's mail."""

    __tablename__ = "notification"
    __table_args__ = (
        CheckConstraint("href LIKE '/%' AND href NOT LIKE '//%'", name="href"),
        Index(None, "person_id", "key", unique=True),
        Index(None, "person_id", "id"),
        Index(
            "ix_notification_unread", "person_id", postgresql_where=text("read_at IS NULL")
        ),
        Index(
            "ix_notification_digest", "person_id", "id",
            postgresql_where=text("in_digest AND mailed_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    href: Mapped[str]
    key: Mapped[str]
    at: Mapped[datetime]
    in_digest: Mapped[bool] = mapped_column(server_default=text("false"))
    mailed_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class NotificationChoice(Base):
    """How a person wants to hear of one kind; without a row: as the kind comes."""

    __tablename__ = "notification_choice"
    __table_args__ = (
        CheckConstraint("channel IN ('bell', 'mail', 'digest', 'none')", name="channel"),
    )  # fmt: skip

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    chosen_at: Mapped[datetime]
