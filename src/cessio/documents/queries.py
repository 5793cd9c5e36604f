"""Reading stored files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, any_, func, select
from sqlalchemy.orm import Session

from cessio.documents.models import Document, DocumentWithdrawal
from cessio.kernel.errors import CessioError, NotFound


class Altered(CessioError):
    """Stored bytes no longer have the hash they were stored with."""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A stored file without its bytes; taken back from its client if ``withdrawn_at`` is set."""

    id: int
    kind: str
    subject_kind: str
    subject_id: int
    client_id: int | None
    filename: str
    media_type: str
    sha256: bytes
    size: int
    at: datetime
    by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """A stored file with its bytes, checked against their hash."""

    id: int
    filename: str
    media_type: str
    sha256: bytes
    content: bytes


def read(
    session: Session, document_id: int | None, *, client_id: int | None = None,
    kind: str | None = None, about: tuple[str, int] | None = None,
) -> DocumentContent:  # fmt: skip
    """The bytes of a document. ``client_id`` keeps to one client's: give it for the portal.

    ``kind`` and ``about`` (a subject's kind and id) are what it must be. Raises ``NotFound``
    (absent, another client's, or another document than that) and ``Altered``.
    """
    columns = (
        Document.id, Document.filename, Document.media_type, Document.sha256, Document.content,
    )  # fmt: skip
    query = select(*columns).where(Document.id == document_id)
    if client_id is not None:
        query = query.where(_read_by(client_id))
    if kind is not None:
        query = query.where(Document.kind == kind)
    if about is not None:
        query = query.where(Document.subject_kind == about[0], Document.subject_id == about[1])
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("document_not_found", "There is no such document")
    found = DocumentContent(row.id, row.filename, row.media_type, row.sha256, row.content)
    if hashlib.sha256(found.content).digest() != found.sha256:
        raise Altered("document_altered", "Document {id} was altered", id=found.id)
    return found


def document(session: Session, document_id: int, *, client_id: int | None = None) -> DocumentView:
    """What is known of a document, without its bytes. Raises ``NotFound`` as ``read`` does."""
    query = _views().where(Document.id == document_id)
    if client_id is not None:
        query = query.where(_read_by(client_id))
    found = _read(session, query)
    if not found:
        raise NotFound("document_not_found", "There is no such document")
    return found[0]


def of_subject(
    session: Session,
    subject_kind: str,
    subject_id: int,
    *,
    kind: str | None = None,
    client_id: int | None = None,
) -> tuple[DocumentView, ...]:
    """The documents of one thing, latest first."""
    query = _views().where(Document.subject_kind == subject_kind, Document.subject_id == subject_id)
    return _read(session, _narrowed(query, kind, client_id).order_by(Document.id.desc()))


def of_client(
    session: Session,
    client_id: int,
    *,
    kind: str | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> tuple[DocumentView, ...]:
    """A client's documents, latest first; ``before_id`` (the last id seen) gives the next page."""
    query = _narrowed(_views(), kind, client_id)
    if before_id is not None:
        query = query.where(Document.id < before_id)
    return _read(session, query.order_by(Document.id.desc()).limit(limit))


def with_hash(
    session: Session, sha256: bytes, *, kind: str | None = None
) -> tuple[DocumentView, ...]:
    """The documents that hold exactly these bytes, oldest first: was this file seen before?"""
    query = _narrowed(_views().where(Document.sha256 == sha256), kind, None)
    return _read(session, query.order_by(Document.id))


def _views() -> Select[*tuple[object, ...]]:
    gone = DocumentWithdrawal
    kept = [getattr(Document, name) for name in DocumentView.__slots__ if hasattr(Document, name)]
    return select(*kept, gone.at, gone.by).outerjoin(gone, gone.document_id == Document.id)


def _read_by(client_id: int) -> ColumnElement[bool]:
    """What a client's own people may read: theirs, and not taken back."""
    gone = select(DocumentWithdrawal.document_id)
    return and_(Document.client_id == client_id, Document.id.not_in(gone))


def _narrowed(
    query: Select[*tuple[object, ...]], kind: str | None, client_id: int | None
) -> Select[*tuple[object, ...]]:
    if kind is not None:
        query = query.where(Document.kind == kind)
    return query if client_id is None else query.where(_read_by(client_id))


def _read(session: Session, query: Select[*tuple[object, ...]]) -> tuple[DocumentView, ...]:
    return tuple(DocumentView(*row) for row in session.execute(query))  # type: ignore[arg-type]


def left_since(session: Session, *, by: str, since: datetime) -> tuple[int, int]:
    """How many files, and bytes, an actor and whoever is one hand with it left after an instant."""
    hand = select(func.one_hand(by)).scalar_subquery()
    row = session.execute(
        select(func.count(), func.coalesce(func.sum(Document.size), 0)).where(
            Document.by == any_(func.array(hand)), Document.at > since
        )
    ).one()
    return int(row[0]), int(row[1])
