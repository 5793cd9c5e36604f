"""Subrogation receipts read back from their sealed bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.errors import CessioError, NotFound
from cessio.receivables.models import Remittance, SubrogationReceipt
from cessio.receivables.rules import DocumentKind


class ReceiptAltered(CessioError):
    """The stored receipt no longer has the hash it was written with."""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A document of a receipt; the amount is signed."""

    line: int
    kind: DocumentKind
    number: str
    debtor_identity: str
    debtor_name: str
    issue_date: date
    due_date: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A receipt whole: ``facts`` by name as they were written, then its documents."""

    number: str
    remittance_id: int
    assigned_at: datetime
    document_count: int
    amount_minor: int
    sha256: bytes
    signed_by: str
    facts: dict[str, str]
    lines: tuple[ReceiptLine, ...]
    content: bytes


def receipt_view(
    session: Session, remittance_id: int, *, client_id: int | None = None
) -> ReceiptView:
    """The receipt of an assigned remittance, read from its bytes after their hash was checked.

    Raises ``NotFound`` (none, or another client's), ``ReceiptAltered``.
    """
    receipt = SubrogationReceipt
    query = select(
        receipt.number, receipt.remittance_id, receipt.assigned_at, receipt.document_count,
        receipt.amount_minor, receipt.content_sha256, receipt.signed_by, receipt.content,
    ).where(receipt.remittance_id == remittance_id)  # fmt: skip
    if client_id is not None:
        query = (
            query.join(Remittance, Remittance.id == receipt.remittance_id)
            .join(Contract, Contract.id == Remittance.contract_id)
            .where(Contract.client_id == client_id)
        )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("receipt_unknown", "remittance {id} has no receipt", id=remittance_id)
    content = bytes(row.content)
    if hashlib.sha256(content).digest() != row.content_sha256:
        raise ReceiptAltered("receipt_altered", "receipt {number} was altered", number=row.number)
    head, _, body = content.decode().partition("\n\n")
    facts = dict(line.split("\t", 1) for line in head.splitlines())
    lines = tuple(_line(line) for line in body.splitlines())
    return ReceiptView(*row[:5], sha256=row[5], signed_by=row[6], facts=facts, lines=lines,
                       content=content)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReceiptProof:
    """What a receipt's verification code vouches for, to whoever holds the paper."""

    number: str
    contract_reference: str
    assigned_at: datetime
    document_count: int
    amount_minor: int
    currency: str
    sha256: bytes


def receipt_between(session: Session, *, low: bytes, high: bytes) -> ReceiptProof | None:
    """The receipt whose digest lies in a range as narrow as a verification code."""
    receipt = SubrogationReceipt
    row = session.execute(
        select(
            receipt.number, Contract.reference, receipt.assigned_at, receipt.document_count,
            receipt.amount_minor, Contract.currency, receipt.content_sha256,
        )
        .join(Remittance, Remittance.id == receipt.remittance_id)
        .join(Contract, Contract.id == Remittance.contract_id)
        .where(receipt.content_sha256.between(low, high))
        .order_by(receipt.id)
        .limit(1)
    ).first()  # fmt: skip
    return ReceiptProof(*row) if row is not None else None


def _line(text: str) -> ReceiptLine:
    line, kind, number, identity, name, issued, due, amount = text.split("\t")
    return ReceiptLine(
        int(line), DocumentKind(kind), number, identity, name, date.fromisoformat(issued),
        date.fromisoformat(due), int(amount),
    )  # fmt: skip
