"""Notes, to-dos, and what was put off or handed over: ended rows stay."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base

_SUBJECT = "subject_kind IN ('client', 'debtor')"


class Note(Base):
    """What somebody wrote about a client or a debtor; ``mentions`` are the people it is for."""

    __tablename__ = "note"
    __table_args__ = (
        CheckConstraint(_SUBJECT, name="subject_kind"),
        CheckConstraint("(pinned_at IS NULL) = (pinned_by IS NULL)", name="pinned"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(None, "subject_kind", "subject_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    body: Mapped[str]
    mentions: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    written_at: Mapped[datetime]
    written_by: Mapped[str]
    pinned_at: Mapped[datetime | None]
    pinned_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class Todo(Base):
    """Something one person owes until it is done, about a client or a debtor."""

    __tablename__ = "todo"
    __table_args__ = (
        CheckConstraint(_SUBJECT, name="subject_kind"),
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done"),
        Index(None, "subject_kind", "subject_id", "id"),
        Index("ix_todo_owner_open", "owner_id", "due_on", postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    body: Mapped[str]
    due_on: Mapped[date]
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]


class PutOff(Base):
    """An item one person does not want to see before a day, and why."""

    __tablename__ = "put_off"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_put_off_open", "person_id", "kind", "number", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    number: Mapped[int]
    until_on: Mapped[date]
    reason: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class HandOver(Base):
    """An item that one person gave to another; open until taken back or given on."""

    __tablename__ = "hand_over"
    __table_args__ = (
        CheckConstraint("from_id <> to_id", name="another"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_hand_over_open", "kind", "number", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    number: Mapped[int]
    from_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
