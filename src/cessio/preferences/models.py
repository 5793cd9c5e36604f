"""Saved views of lists, which one a person opens a list with, and the order of a page's parts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cessio.plumbing.database import Base


class SavedView(Base):
    """A list as somebody wants to find it again: its page, and the filters of its address."""

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 60", name="name"),
        CheckConstraint("length(query) BETWEEN 1 AND 2000", name="query"),
        Index(None, "person_id", "page", "name", unique=True),
        Index("ix_saved_view_shared", "page", postgresql_where=text("shared")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    shared: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]


class DefaultView(Base):
    """The view with which a person opens a list."""

    __tablename__ = "default_view"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    page: Mapped[str] = mapped_column(primary_key=True)
    view_id: Mapped[int] = mapped_column(
        ForeignKey("saved_view.id", ondelete="CASCADE"), index=True
    )


class KeptOrder(Base):
    """The parts of a page that a person wants to see, in the order wanted."""

    __tablename__ = "kept_order"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    page: Mapped[str] = mapped_column(primary_key=True)
    parts: Mapped[list[str]] = mapped_column(ARRAY(Text))
