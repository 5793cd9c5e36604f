"""Stored files: immutable bytes and their hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class Document(Base):
    """Bytes received or produced, never changed; ``subject`` is what they belong to."""

    __tablename__ = "document"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id"),
        Index(None, "sha256"),
        Index(None, "by", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    client_id: Mapped[int | None] = mapped_column(index=True)
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[bytes]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(deferred=True)
    at: Mapped[datetime]
    by: Mapped[str]


class DocumentWithdrawal(Base):
    """A document shared with a client that the client reads no more."""

    __tablename__ = "document_withdrawal"

    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    by: Mapped[str]
