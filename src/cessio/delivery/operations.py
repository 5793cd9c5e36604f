"""Opening folders for recipients, and having documents put there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio import audit
from cessio.delivery import queries, rules
from cessio.delivery.models import Delivery, Recipient
from cessio.kernel.errors import Conflict, Invalid
from cessio.plumbing.jobs import enqueue

PUT = "delivery.put"


def open_recipient(
    session: Session, *, name: str, folder: str, client_id: int | None = None, by: str,
    at: datetime,
) -> int:  # fmt: skip
    """Give a bank, or a client, a folder; a folder is one recipient's for ever.

    Raises ``Invalid``, and ``Conflict`` for a folder taken or a client who has one.
    """
    rules.check_folder(folder)
    if not name.strip():
        raise Invalid("recipient_name", "Say who fetches the files", field="name")
    if queries.is_taken(session, folder):
        raise Conflict("folder_taken", "the folder {folder} is or was somebody's", field="folder",
                       folder=folder)  # fmt: skip
    if client_id is not None and queries.recipient_of_client(session, client_id) is not None:
        raise Conflict("recipient_open", "this client has a folder already", field="client")
    row = Recipient(name=name.strip(), folder=folder, client_id=client_id, opened_at=at,
                    opened_by=by)  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, verb="open_recipient", subject_kind="recipient", subject_id=row.id,
        after={"name": row.name, "folder": folder}, by=by, at=at, client_id=client_id,
    )  # fmt: skip
    return row.id


def end_recipient(session: Session, *, recipient_id: int, by: str, at: datetime) -> None:
    """Put nothing more into a folder. Raises ``NotFound``, ``Conflict`` when it was ended."""
    row = session.get(Recipient, recipient_id, with_for_update=True)
    known = queries.recipient(session, recipient_id)
    if row is None or known.ended_at is not None:
        raise Conflict("recipient_ended", "{name} gets no more files already", name=known.name)
    row.ended_at, row.ended_by = at, by
    session.flush()
    audit.record(
        session, verb="end_recipient", subject_kind="recipient", subject_id=recipient_id,
        before={"name": row.name, "folder": row.folder}, by=by, at=at, client_id=row.client_id,
    )  # fmt: skip


def deliver(
    session: Session, *, recipient_id: int, document_id: int, filename: str, by: str, at: datetime
) -> int | None:
    """Have a document put into a recipient's folder, once; None if it was asked before.

    A name of the folder is one document's for ever. Raises ``Invalid``, ``Conflict``.
    """
    rules.check_filename(filename)
    delivery_id: int | None = session.scalar(
        insert(Delivery)
        .values(recipient_id=recipient_id, document_id=document_id, filename=filename,
                asked_at=at, asked_by=by)
        .on_conflict_do_nothing()
        .returning(Delivery.id)
    )  # fmt: skip
    if delivery_id is None:
        known = queries.document_named(session, recipient_id, filename)
        if known not in (None, document_id):
            raise Conflict("delivery_name_taken", "{name} was delivered with other content",
                           name=filename)  # fmt: skip
        return None
    enqueue(session, kind=PUT, key=str(delivery_id), payload={"delivery_id": delivery_id}, by=by,
            at=at)  # fmt: skip
    return delivery_id


def deliver_to_client(
    session: Session, *, client_id: int, document_id: int, filename: str, by: str, at: datetime
) -> None:
    """The same for a client who fetches files; others are left alone."""
    found = queries.recipient_of_client(session, client_id)
    if found is not None:
        deliver(session, recipient_id=found.id, document_id=document_id, filename=filename,
                by=by, at=at)  # fmt: skip


def note_delivered(session: Session, *, delivery_id: int, at: datetime) -> None:
    """Note that the bytes are in the folder; the first time counts."""
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.delivered_at.is_(None))
        .values(delivered_at=at)
        .execution_options(synchronize_session=False)
    )
