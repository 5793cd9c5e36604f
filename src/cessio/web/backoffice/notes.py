"""Notes and things to do about a client or a debtor: ours alone, the client never reads them."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio import worklist as writes
from cessio.identity import Audience, Permission
from cessio.identity import queries as identity
from cessio.kernel.errors import Invalid, NotFound, Problems
from cessio.parties import queries as parties
from cessio.web.backoffice import work
from cessio.web.backoffice.client_file import note_facts
from cessio.web.forms import Form, day, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.worklist import Subject
from cessio.worklist import queries as worklist

SEE = staff(Permission.SEE_PARTIES)
_FOLDERS = {"clients": Subject.CLIENT, "debtors": Subject.DEBTOR}
FILE = "/backoffice/files/{folder:str}/{subject_id:int}"


@get("/backoffice/debtors/{debtor_id:int}/notes", guards=[SEE], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_debtor_notes(
    request: AnyRequest, session: Db, signed: Who, on: On, debtor_id: Id
) -> Response[Any]:
    """What is noted and to be done about a debtor."""
    name = parties.debtor_names(session, [debtor_id]).get(debtor_id)
    if name is None:
        raise NotFound("debtor_unknown", "There is no such debtor")
    return render(
        request, "backoffice/parties/show_debtor_notes.html", name=name, debtor_id=debtor_id,
        on=on, folder="debtors", subject_id=debtor_id,
        **note_facts(session, signed, Subject.DEBTOR, debtor_id, on),
    )  # fmt: skip


@post(f"{FILE}/notes", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def add_note(
    session: Db, signed: Who, at: At, submitted: Sent, folder: FromPath[str], subject_id: Id
) -> Response[Any]:
    """Keep what was said or seen; whoever it mentions finds it in their queue."""
    subject = _subject(folder)
    form = Form(submitted)
    note = form.need("note", text(2000, multiline=True))
    mentions = form.many("mention", integer())
    pinned = form.flag("pinned")
    if not set(mentions) <= _staff(session):
        form.refuse(Invalid("colleague_unknown", "Choose a colleague", field="mention"))
    if not form.valid():
        raise Problems(form.faults)
    writes.write_note(session, subject=subject, subject_id=subject_id, body=note,
                      mentions=mentions, pinned=pinned, by=signed.by, at=at)  # fmt: skip
    return redirect(_home(subject, subject_id), N_("Note kept."))


@post("/backoffice/notes/{note_id:int}/pin", guards=[SEE], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def pin_note(session: Db, signed: Who, at: At, submitted: Sent, note_id: Id) -> Response[Any]:
    """On top of its file, or back in its place."""
    form = Form(submitted)
    pinned = form.flag("pinned")
    note = writes.pin_note(session, note_id=note_id, pinned=pinned, by=signed.by, at=at)
    return redirect(_home(Subject(note.subject_kind), note.subject_id), N_("Saved."))


@post("/backoffice/notes/{note_id:int}/end", guards=[SEE], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def end_note(session: Db, signed: Who, at: At, note_id: Id) -> Response[Any]:
    """The note is no longer true: off the file, kept in its history."""
    note = writes.end_note(session, note_id=note_id, by=signed.by, at=at)
    return redirect(_home(Subject(note.subject_kind), note.subject_id), N_("Note removed."))


@post(f"{FILE}/todos", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def add_todo(
    session: Db, signed: Who, at: At, submitted: Sent, folder: FromPath[str], subject_id: Id
) -> Response[Any]:
    """Something to do by a day, for oneself or a colleague."""
    subject = _subject(folder)
    form = Form(submitted)
    body = form.need("todo", text(500))
    due_on, owner = form.need("due_on", day()), form.need("owner", integer())
    if form.valid() and owner not in _staff(session):
        form.refuse(Invalid("colleague_unknown", "Choose a colleague", field="owner"))
    if not form.valid():
        raise Problems(form.faults)
    writes.ask_todo(session, subject=subject, subject_id=subject_id, body=body, due_on=due_on,
                    owner_id=owner, by=signed.by, at=at)  # fmt: skip
    return redirect(_home(subject, subject_id), N_("Noted as to do."))


@post("/backoffice/todos/{todo_id:int}/done", guards=[SEE], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def finish_todo(
    request: AnyRequest, session: Db, signed: Who, at: At, todo_id: Id
) -> Response[Any]:
    """It is done; from the work queue, the next item follows."""
    known = worklist.todo(session, todo_id)
    if known is None:
        raise NotFound("todo_unknown", "There is nothing of the kind left to do")
    writes.finish_todo(session, todo_id=todo_id, by=signed.by, at=at)
    return work.done(request, _home(known.subject, known.subject_id), N_("Done."))


def _subject(folder: str) -> Subject:
    if folder not in _FOLDERS:
        raise NotFound("file_unknown", "There is no such file")
    return _FOLDERS[folder]


def _home(subject: Subject, subject_id: int) -> str:
    if subject is Subject.CLIENT:
        return f"/backoffice/clients/{subject_id}?tab=notes"
    return f"/backoffice/debtors/{subject_id}/notes"


def _staff(session: Session) -> set[int]:
    return {one.id for one in identity.people(session, audience=Audience.STAFF)}


HANDLERS = [show_debtor_notes, add_note, pin_note, end_note, add_todo, finish_todo]
