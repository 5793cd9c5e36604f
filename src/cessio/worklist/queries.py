"""Reading notes and to-dos of a file, and what a person put off, gave or was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.worklist.models import HandOver, Note, PutOff, Todo
from cessio.worklist.rules import Subject

Item = tuple[str, int]


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note that holds, pinned ones first."""

    id: int
    body: str
    mentions: tuple[int, ...]
    written_at: datetime
    written_by: str
    pinned_at: datetime | None


@dataclass(frozen=True, slots=True)
class TodoView:
    """Something to do, and by whom."""

    id: int
    subject: Subject
    subject_id: int
    body: str
    due_on: date
    owner_id: int
    asked_at: datetime
    asked_by: str
    done_at: datetime | None
    done_by: str | None


@dataclass(frozen=True, slots=True)
class PutOffView:
    """An item put off by a person, until a day."""

    item: Item
    until_on: date
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HandOverView:
    """An item in somebody's hands, and who gave it."""

    item: Item
    from_id: int
    to_id: int
    reason: str
    at: datetime


def notes(
    session: Session, *, subject: Subject, subject_id: int, limit: int = 50
) -> tuple[NoteView, ...]:
    """The notes that hold: pinned ones first, then the latest."""
    query = (
        select(Note)
        .where(Note.subject_kind == subject.value, Note.subject_id == subject_id)
        .where(Note.ended_at.is_(None))
        .order_by(Note.pinned_at.is_(None), Note.id.desc())
        .limit(limit)
    )
    return tuple(
        NoteView(row.id, row.body, tuple(row.mentions), row.written_at, row.written_by,
                 row.pinned_at)
        for row in session.scalars(query)
    )  # fmt: skip


def note_count(session: Session, *, subject: Subject, subject_id: int) -> int:
    """How many notes hold on a client or a debtor."""
    query = select(func.count()).where(
        Note.subject_kind == subject.value, Note.subject_id == subject_id, Note.ended_at.is_(None)
    )
    return session.scalar(query) or 0


def todos_of(
    session: Session, *, subject: Subject, subject_id: int, limit: int = 50
) -> tuple[TodoView, ...]:
    """What is left to do about a client or a debtor, the soonest first."""
    query = select(Todo).where(
        Todo.subject_kind == subject.value, Todo.subject_id == subject_id, Todo.done_at.is_(None)
    )
    return tuple(map(_todo, session.scalars(query.order_by(Todo.due_on, Todo.id).limit(limit))))


def todos_owed(session: Session, *, owner_id: int, limit: int = 50) -> tuple[TodoView, ...]:
    """What a person still owes, the soonest first."""
    query = select(Todo).where(Todo.owner_id == owner_id, Todo.done_at.is_(None))
    return tuple(map(_todo, session.scalars(query.order_by(Todo.due_on, Todo.id).limit(limit))))


def todo(session: Session, todo_id: int) -> TodoView | None:
    """One thing to do, done or not."""
    row = session.get(Todo, todo_id)
    return None if row is None else _todo(row)


def put_off_by(session: Session, *, person_id: int, on: date) -> dict[Item, PutOffView]:
    """What a person does not want to see yet on a day, by item."""
    rows = session.scalars(
        select(PutOff).where(
            PutOff.person_id == person_id, PutOff.ended_at.is_(None), PutOff.until_on > on
        )
    )
    return {
        (row.kind, row.number): PutOffView((row.kind, row.number), row.until_on, row.reason, row.at)
        for row in rows
    }


def handed_over(session: Session, *, limit: int = 1000) -> dict[Item, HandOverView]:
    """Every item in somebody's hands, by item."""
    rows = session.scalars(
        select(HandOver)
        .where(HandOver.ended_at.is_(None))
        .order_by(HandOver.id.desc())
        .limit(limit)
    )
    return {
        (row.kind, row.number): HandOverView(
            (row.kind, row.number), row.from_id, row.to_id, row.reason, row.at
        )
        for row in rows
    }


def _todo(row: Todo) -> TodoView:
    return TodoView(row.id, Subject(row.subject_kind), row.subject_id, row.body, row.due_on,
                    row.owner_id, row.asked_at, row.asked_by, row.done_at, row.done_by)  # fmt: skip
