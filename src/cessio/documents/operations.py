"""Storing files, and taking one back from its client."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cessio.documents import queries, rules
from cessio.documents.models import Document, DocumentWithdrawal
from cessio.kernel.errors import Conflict, Problems


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A file just stored, and the SHA-256 of its bytes."""

    id: int
    sha256: bytes


def store(
    session: Session,
    *,
    kind: str,
    subject_kind: str,
    subject_id: int,
    filename: str,
    media_type: str,
    content: bytes,
    client_id: int | None = None,
    by: str,
    at: datetime,
) -> StoredDocument:
    """Keep bytes for ever, in the caller's transaction.

    ``kind`` says what they are (``remittance_file``, ``payment_order``, ``statement``…), the
    subject what they belong to; ``client_id`` lets the client's own people read them. Raises
    ``Problems``, and ``TooManyFiles`` from who left more in a day than anybody's work is. The same
    bytes may be stored twice: ``queries.with_hash`` tells.
    """
    if faults := rules.problems(media_type, content):
        raise Problems([*faults])
    if rules.is_counted(by):
        files, size = queries.left_since(session, by=by, since=at - timedelta(days=1))
        if refused := rules.quota_problem(files, size, len(content)):
            raise refused
    digest = hashlib.sha256(content).digest()
    document_id = session.execute(
        insert(Document)
        .values(
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            client_id=client_id,
            filename=rules.safe_filename(filename),
            media_type=media_type,
            sha256=digest,
            size=len(content),
            content=content,
            at=at,
            by=by,
        )
        .returning(Document.id)
    ).scalar_one()
    return StoredDocument(document_id, digest)


def withdraw(session: Session, *, document_id: int, by: str, at: datetime) -> None:
    """Take a shared document back: its client reads it no more; we keep it, and who took it back.

    Raises ``NotFound``, and ``Conflict`` for one that no client reads.
    """
    view = queries.document(session, document_id)
    if view.client_id is None or view.withdrawn_at is not None:
        raise Conflict("document_not_shared", "{name} is not shared with a client",
                       name=view.filename)  # fmt: skip
    session.add(DocumentWithdrawal(document_id=document_id, at=at, by=by))
    session.flush()
