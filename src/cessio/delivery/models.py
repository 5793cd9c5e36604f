"""Recipients of files and what was put into their folders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class Recipient(Base):
    """Whom a folder belongs to: a client, or a bank where ``client_id`` is none."""

    __tablename__ = "recipient"
    __table_args__ = (
        CheckConstraint("folder ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'", name="folder"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_recipient_client", "client_id", unique=True,
            postgresql_where=text("client_id IS NOT NULL AND ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    folder: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[int | None]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class Delivery(Base):
    """A document for a recipient; ``delivered_at`` once its bytes are in the folder."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("filename ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'", name="filename"),
        Index(None, "recipient_id", "filename", unique=True),
        Index(None, "recipient_id", "document_id", unique=True),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    filename: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    delivered_at: Mapped[datetime | None]
