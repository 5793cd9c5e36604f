"""Reading recipients and what they were given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio import documents
from cessio.delivery.models import Delivery, Recipient
from cessio.documents.models import Document
from cessio.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class RecipientView:
    """Whom a folder belongs to."""

    id: int
    name: str
    folder: str
    client_id: int | None
    opened_at: datetime
    opened_by: str
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A file for a recipient, and when it was put into the folder."""

    id: int
    recipient_id: int
    recipient: str
    document_id: int
    filename: str
    size: int
    asked_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToPut:
    """A file that is not in its folder yet."""

    folder: str
    filename: str
    content: bytes


def recipients(session: Session, *, of_banks: bool | None = None) -> tuple[RecipientView, ...]:
    """Every recipient, those that still get files first; ``of_banks``: banks only, or clients."""
    query = select(Recipient).order_by(Recipient.ended_at.is_not(None), Recipient.name)
    if of_banks is not None:
        query = query.where(
            Recipient.client_id.is_(None) if of_banks else Recipient.client_id.is_not(None)
        )
    return tuple(_view(row) for row in session.scalars(query))


def recipient(session: Session, recipient_id: int) -> RecipientView:
    """One recipient. Raises ``NotFound``."""
    row = session.get(Recipient, recipient_id)
    if row is None:
        raise NotFound("recipient_unknown", "There is no such recipient")
    return _view(row)


def recipient_of_client(session: Session, client_id: int) -> RecipientView | None:
    """The folder that a client fetches its files from, if it has one."""
    row = session.scalars(
        select(Recipient).where(Recipient.client_id == client_id, Recipient.ended_at.is_(None))
    ).one_or_none()
    return None if row is None else _view(row)


def is_taken(session: Session, folder: str) -> bool:
    """Whether a folder is or was somebody's."""
    return session.scalar(select(Recipient.id).where(Recipient.folder == folder)) is not None


def document_named(session: Session, recipient_id: int, filename: str) -> int | None:
    """The document that a name of a recipient's folder stands for."""
    return session.scalar(
        select(Delivery.document_id).where(
            Delivery.recipient_id == recipient_id, Delivery.filename == filename
        )
    )


def deliveries(
    session: Session, *, recipient_id: int | None = None, limit: int = 40
) -> tuple[DeliveryView, ...]:
    """What was put into folders, or waits for it, latest first."""
    query = (
        select(
            Delivery.id, Delivery.recipient_id, Recipient.name, Delivery.document_id,
            Delivery.filename, Document.size, Delivery.asked_at, Delivery.delivered_at,
        )
        .join(Recipient, Recipient.id == Delivery.recipient_id)
        .join(Document, Document.id == Delivery.document_id)
        .order_by(Delivery.id.desc())
        .limit(limit)
    )  # fmt: skip
    if recipient_id is not None:
        query = query.where(Delivery.recipient_id == recipient_id)
    return tuple(DeliveryView(*row) for row in session.execute(query))


def to_put(session: Session, delivery_id: int) -> ToPut | None:
    """The file of a delivery; none once it was put there, or its recipient gets no more."""
    row = session.execute(
        select(Recipient.folder, Delivery.filename, Delivery.document_id)
        .join(Recipient, Recipient.id == Delivery.recipient_id)
        .where(
            Delivery.id == delivery_id, Delivery.delivered_at.is_(None),
            Recipient.ended_at.is_(None),
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    return ToPut(row[0], row[1], documents.read(session, row[2]).content)


def _view(row: Recipient) -> RecipientView:
    return RecipientView(**{name: getattr(row, name) for name in RecipientView.__slots__})
