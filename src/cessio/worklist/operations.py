"""Writing notes, asking and finishing to-dos, putting items off and handing them over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio import audit
from cessio.identity import queries as identity
from cessio.kernel.calendar import business_date
from cessio.notifications import notify
from cessio.parties import queries as parties
from cessio.worklist.models import HandOver, Note, PutOff, Todo
from cessio.worklist.rules import (
    HandedToOneself,
    NoteUnknown,
    NotPutOff,
    Subject,
    TodoUnknown,
    put_off_fault,
)


def write_note(
    session: Session, *, subject: Subject, subject_id: int, body: str,
    mentions: Sequence[int] = (), pinned: bool = False, by: str, at: datetime,
) -> int:  # fmt: skip
    """Keep a note for the colleagues; whoever it mentions owes an answer from today.

    The client never reads it, and neither does its trail. Raises ``NotFound``.
    """
    _known(session, subject, subject_id)
    note = Note(
        subject_kind=subject.value, subject_id=subject_id, body=body,
        mentions=sorted(set(mentions)), written_at=at, written_by=by,
        pinned_at=at if pinned else None, pinned_by=by if pinned else None,
    )  # fmt: skip
    session.add(note)
    session.flush()
    page = (f"/backoffice/clients/{subject_id}?tab=notes" if subject is Subject.CLIENT
            else f"/backoffice/debtors/{subject_id}/notes")  # fmt: skip
    notify(
        session, person_ids=note.mentions, kind="note_mention", href=page, at=at,
        values={"by": _name(session, by), "about": _about(session, subject, subject_id),
                "note": body[:200]},
        key=f"note:{note.id}",
    )  # fmt: skip
    for person in note.mentions:
        session.add(
            Todo(subject_kind=subject.value, subject_id=subject_id, body=body[:500],
                 due_on=business_date(at), owner_id=person, note_id=note.id, asked_at=at,
                 asked_by=by)
        )  # fmt: skip
    _told(session, "note", subject, subject_id, body, by, at)
    return note.id


def pin_note(session: Session, *, note_id: int, pinned: bool, by: str, at: datetime) -> Note:
    """Put a note on top of its file, or back in its place. Raises ``NoteUnknown``."""
    note = _note(session, note_id)
    note.pinned_at, note.pinned_by = (at, by) if pinned else (None, None)
    session.flush()
    return note


def end_note(session: Session, *, note_id: int, by: str, at: datetime) -> Note:
    """The note is no longer true; its history keeps it. Raises ``NoteUnknown``."""
    note = _note(session, note_id)
    note.ended_at, note.ended_by = at, by
    session.flush()
    _told(session, "end_note", Subject(note.subject_kind), note.subject_id, note.body, by, at)
    return note


def ask_todo(
    session: Session, *, subject: Subject, subject_id: int, body: str, due_on: date,
    owner_id: int, by: str, at: datetime,
) -> int:  # fmt: skip
    """Give somebody (or oneself) something to do by a day. Raises ``NotFound``."""
    _known(session, subject, subject_id)
    todo = Todo(
        subject_kind=subject.value, subject_id=subject_id, body=body, due_on=due_on,
        owner_id=owner_id, asked_at=at, asked_by=by,
    )  # fmt: skip
    session.add(todo)
    session.flush()
    _told(session, "ask_todo", subject, subject_id, body, by, at)
    return todo.id


def finish_todo(session: Session, *, todo_id: int, by: str, at: datetime) -> Todo:
    """It is done, whoever owed it. Raises ``TodoUnknown``."""
    todo = session.get(Todo, todo_id, with_for_update=True)
    if todo is None or todo.done_at is not None:
        raise TodoUnknown("todo_unknown", "There is nothing of the kind left to do")
    todo.done_at, todo.done_by = at, by
    session.flush()
    subject = Subject(todo.subject_kind)
    _told(session, "finish_todo", subject, todo.subject_id, todo.body, by, at)
    return todo


def put_off(
    session: Session, *, person_id: int, kind: str, number: int, until_on: date, reason: str,
    by: str, at: datetime,
) -> int:  # fmt: skip
    """Keep an item out of a person's queue until a day. Raises ``Invalid`` for an odd day."""
    fault = put_off_fault(until_on, business_date(at))
    if fault is not None:
        raise fault
    _end_put_off(session, person_id, kind, number, by, at)
    row = PutOff(person_id=person_id, kind=kind, number=number, until_on=until_on, reason=reason,
                 at=at, by=by)  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def resume(
    session: Session, *, person_id: int, kind: str, number: int, by: str, at: datetime
) -> None:
    """Bring an item back into a person's queue now. Raises ``NotPutOff``."""
    if not _end_put_off(session, person_id, kind, number, by, at):
        raise NotPutOff("not_put_off", "This was not put off, or it is back already")


def hand_over(
    session: Session, *, kind: str, number: int, from_id: int, to_id: int, reason: str, by: str,
    at: datetime,
) -> int:  # fmt: skip
    """Give an item to a colleague: it leaves one queue and heads the other.

    Given on, the one before ends. Raises ``HandedToOneself``.
    """
    if from_id == to_id:
        raise HandedToOneself("handed_to_oneself", "Choose a colleague", field="to_id")
    _end_hand_over(session, kind, number, by, at)
    _end_put_off(session, to_id, kind, number, by, at)
    row = HandOver(kind=kind, number=number, from_id=from_id, to_id=to_id, reason=reason, at=at,
                   by=by)  # fmt: skip
    session.add(row)
    session.flush()
    notify(
        session, person_ids=[to_id], kind="item_given", href="/backoffice", at=at,
        values={"by": _name(session, by), "note": reason}, key=f"hand_over:{row.id}",
    )  # fmt: skip
    return row.id


def take_back(session: Session, *, kind: str, number: int, by: str, at: datetime) -> None:
    """The item is everybody's again. Raises ``NotPutOff``."""
    if not _end_hand_over(session, kind, number, by, at):
        raise NotPutOff("not_handed_over", "This is in nobody's hands")


def _end_put_off(
    session: Session, person_id: int, kind: str, number: int, by: str, at: datetime
) -> bool:
    ended = session.execute(
        update(PutOff)
        .where(PutOff.person_id == person_id, PutOff.kind == kind, PutOff.number == number)
        .where(PutOff.ended_at.is_(None))
        .values(ended_at=at, ended_by=by)
        .returning(PutOff.id)
    )
    return ended.first() is not None


def _end_hand_over(session: Session, kind: str, number: int, by: str, at: datetime) -> bool:
    ended = session.execute(
        update(HandOver)
        .where(HandOver.kind == kind, HandOver.number == number, HandOver.ended_at.is_(None))
        .values(ended_at=at, ended_by=by)
        .returning(HandOver.id)
    )
    return ended.first() is not None


def _note(session: Session, note_id: int) -> Note:
    note = session.get(Note, note_id, with_for_update=True)
    if note is None or note.ended_at is not None:
        raise NoteUnknown("note_unknown", "There is no such note any more")
    return note


def _name(session: Session, by: str) -> str:
    return identity.actor_names(session, [by]).get(by, by)


def _about(session: Session, subject: Subject, subject_id: int) -> str:
    named = parties.client_names if subject is Subject.CLIENT else parties.debtor_names
    return named(session, [subject_id])[subject_id]


def _known(session: Session, subject: Subject, subject_id: int) -> None:
    """Raise ``NotFound`` for a client or a debtor there is not."""
    if subject is Subject.CLIENT:
        parties.company_of_client(session, subject_id)
    else:
        parties.company_of_debtor(session, subject_id)


def _told(
    session: Session, verb: str, subject: Subject, subject_id: int, why: str, by: str, at: datetime
) -> None:
    """Into the trail, without the client's number: its own users must not read it."""
    audit.record(session, verb=f"{subject.value}.{verb}", subject_kind=subject.value,
                 subject_id=subject_id, why=why, by=by, at=at)  # fmt: skip
