"""Files for legal recovery: which invoices were handed over, and all that goes with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from cessio.collections.models import RecoveryFile, RecoveryLine
from cessio.contracts.models import Contract
from cessio.documents.models import Document
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Receivable


@dataclass(frozen=True, slots=True)
class RecoveryView:
    """A file: to whom it was given, what it was about, and its parts to download."""

    id: int
    debtor_id: int
    given_to: str
    reference: str | None
    note: str | None
    on: date
    invoice_count: int
    handed_at: datetime
    handed_by: str
    built_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None
    sums: dict[str, tuple[int, int, int]]
    parts: tuple[tuple[int, str, int], ...]


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An invoice of a file as it was handed over, with what its lateness had added."""

    receivable_id: int
    number: str
    contract_reference: str
    client_name: str
    currency: str
    issue_date: date
    due_date: date
    amount_minor: int
    open_minor: int
    penalty_minor: int
    indemnity_minor: int

    @property
    def total_minor(self) -> int:
        """Principal, penalties and indemnity."""
        return self.open_minor + self.penalty_minor + self.indemnity_minor


@dataclass(frozen=True, slots=True)
class RecoveryProof:
    """The account of a file as who holds the paper compares it; sums as in ``RecoveryView``."""

    debtor_name: str
    on: date
    invoice_count: int
    built_at: datetime
    sums: dict[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Paper:
    """A stored document and the invoice or letter it belongs to; read when it is needed."""

    document_id: int
    filename: str
    sha256: bytes
    size: int
    about: str
    day: date


_PAPERS = text("""
    SELECT document.id, document.filename, document.sha256, document.size, receivable.number,
           (document.at AT TIME ZONE 'Europe/Paris')::date
      FROM receivable JOIN document
        ON document.subject_kind = 'receivable' AND document.subject_id = receivable.id
     WHERE receivable.id = ANY(:ids)
     ORDER BY receivable.due_date, receivable.id, document.id
""")

#: Letters bear the code by which the debtor speaks: they are ours to give to who acts for us.
_SAID = text("""
    SELECT message.id, message.channel, message.recipient, message.address, message.subject,
           message.body, message.document_id, document.filename, document.sha256, document.size,
           (message.created_at AT TIME ZONE 'Europe/Paris')::date
      FROM message LEFT JOIN document ON document.id = message.document_id
     WHERE message.subject_kind = 'debtor' AND message.subject_id = :debtor
       AND (NOT EXISTS (SELECT FROM dunning_letter WHERE dunning_letter.message_id = message.id)
            OR EXISTS (SELECT FROM dunning_letter
                         JOIN dunning_line ON dunning_line.letter_id = dunning_letter.id
                        WHERE dunning_letter.message_id = message.id
                          AND dunning_line.receivable_id = ANY(:ids)))
     ORDER BY message.id
""")

_HISTORY = text("""
    SELECT noted_on AS day, 'promise' AS kind, NULL AS number, amount_minor, currency,
           ARRAY[end_reason] AS codes, concat_ws(' · ', contact, comment) AS said,
           due_on AS until
      FROM promise WHERE debtor_id = :debtor
    UNION ALL
    SELECT called_on, 'call', NULL, NULL, NULL, ARRAY[outcome],
           concat_ws(' · ', contact, comment), again_on
      FROM debtor_call WHERE debtor_id = :debtor
    UNION ALL
    SELECT dispute.opened_on, 'dispute', receivable.number, dispute.amount_minor,
           contract.currency, ARRAY[dispute.reason, dispute.outcome], coalesce(dispute.comment, ''),
           (dispute.ended_at AT TIME ZONE 'Europe/Paris')::date
      FROM dispute JOIN receivable ON receivable.id = dispute.receivable_id
      JOIN contract ON contract.id = dispute.contract_id
     WHERE dispute.receivable_id = ANY(:ids)
    UNION ALL
    SELECT (reply.said_at AT TIME ZONE 'Europe/Paris')::date, 'reply', receivable.number,
           reply.amount_minor, contract.currency,
           ARRAY[reply.kind, reply.reason, reply.state],
           concat_ws(' · ', reply.name, reply.comment),
           reply.paid_on
      FROM debtor_reply AS reply
      JOIN debtor_reply_invoice AS named ON named.reply_id = reply.id
      JOIN receivable ON receivable.id = named.receivable_id
      JOIN contract ON contract.id = reply.contract_id
     WHERE named.receivable_id = ANY(:ids)
     ORDER BY day, kind, number
""")

_DEEDS = text("""
    SELECT receipt.remittance_id, receipt.number, receipt.content_sha256,
           (receipt.assigned_at AT TIME ZONE 'Europe/Paris')::date,
           array_agg(receivable.number ORDER BY receivable.due_date, receivable.id)
      FROM receivable
      JOIN subrogation_receipt AS receipt ON receipt.remittance_id = receivable.remittance_id
     WHERE receivable.id = ANY(:ids)
     GROUP BY receipt.id ORDER BY receipt.id
""")


def papers(session: Session, receivable_ids: Collection[int]) -> list[Paper]:
    """The documents of invoices, in the order of their due dates."""
    return [Paper(*row) for row in session.execute(_PAPERS, {"ids": list(receivable_ids)})]


def said(session: Session, debtor_id: int, receivable_ids: Collection[int]) -> list[Any]:
    """What was written to the debtor: of reminders those that named one of the invoices."""
    facts = {"debtor": debtor_id, "ids": list(receivable_ids)}
    return list(session.execute(_SAID, facts).all())


def history(
    session: Session, debtor_id: int, receivable_ids: Collection[int]
) -> Iterator[tuple[Any, ...]]:
    """Promises and calls of the debtor, disputes and replies about the invoices, by day."""
    facts = {"debtor": debtor_id, "ids": list(receivable_ids)}
    return (tuple(row) for row in session.execute(_HISTORY, facts).all())


def deeds(session: Session, receivable_ids: Collection[int]) -> list[Any]:
    """The subrogation receipts by which the invoices are ours."""
    return list(session.execute(_DEEDS, {"ids": list(receivable_ids)}).all())


def at_law() -> ColumnElement[bool]:
    """Whether a receivable of a query is in a file that was not ended."""
    return (
        select(RecoveryLine.receivable_id)
        .join(RecoveryFile, RecoveryFile.id == RecoveryLine.file_id)
        .where(RecoveryLine.receivable_id == Receivable.id, RecoveryFile.ended_at.is_(None))
        .exists()
    )


def handed_over(session: Session, receivable_ids: Collection[int]) -> set[int]:
    """Those of some invoices that are in a file which was not ended."""
    return set(session.scalars(
        select(RecoveryLine.receivable_id)
        .join(RecoveryFile, RecoveryFile.id == RecoveryLine.file_id)
        .where(RecoveryLine.receivable_id.in_(receivable_ids), RecoveryFile.ended_at.is_(None))
    ))  # fmt: skip


def file_for_update(session: Session, file_id: int) -> RecoveryFile | None:
    """A file, locked."""
    return session.get(RecoveryFile, file_id, with_for_update=True, populate_existing=True)


def line_ids(session: Session, file_id: int) -> list[int]:
    """The invoices of a file."""
    return list(session.scalars(
        select(RecoveryLine.receivable_id).where(RecoveryLine.file_id == file_id)
        .order_by(RecoveryLine.receivable_id)
    ))  # fmt: skip


def account_lines(session: Session, file_id: int) -> list[AccountLine]:
    """The account of a file, by client and due date, as of the day it was handed over."""
    line, of = RecoveryLine, Receivable
    rows = session.execute(
        select(of.id, of.number, Contract.reference, Company.name, line.currency, of.issue_date,
               of.due_date, of.amount_minor, line.open_minor, line.penalty_minor,
               line.indemnity_minor)
        .join(of, of.id == line.receivable_id)
        .join(Contract, Contract.id == of.contract_id)
        .join(Client, Client.id == of.client_id)
        .join(Company, Company.id == Client.company_id)
        .where(line.file_id == file_id)
        .order_by(Company.name, of.contract_id, of.due_date, of.id)
    )  # fmt: skip
    return [AccountLine(*row) for row in rows]


def issued_account(session: Session, *, code: str) -> RecoveryProof | None:
    """The account issued under a verification code, for those who hold one."""
    row = session.execute(
        select(RecoveryFile, Company.name)
        .join(Debtor, Debtor.id == RecoveryFile.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .where(RecoveryFile.verification_code == code).order_by(RecoveryFile.id).limit(1)
    ).first()  # fmt: skip
    if row is None:
        return None
    file, name = row
    return RecoveryProof(name, file.on, file.invoice_count, file.built_at or file.handed_at,
                         _sums(session, [file.id])[file.id])  # fmt: skip


def _sums(
    session: Session, ids: Collection[int]
) -> dict[int, dict[str, tuple[int, int, int]]]:  # fmt: skip
    """By file and currency: principal, penalties, indemnities."""
    sums: dict[int, dict[str, tuple[int, int, int]]] = {one: {} for one in ids}
    line = RecoveryLine
    for file_id, currency, *minors in session.execute(
        select(line.file_id, line.currency, func.sum(line.open_minor),
               func.sum(line.penalty_minor), func.sum(line.indemnity_minor))
        .where(line.file_id.in_(ids)).group_by(line.file_id, line.currency)
    ):  # fmt: skip
        sums[file_id][currency] = (int(minors[0]), int(minors[1]), int(minors[2]))
    return sums


def files_of(session: Session, debtor_id: int) -> tuple[RecoveryView, ...]:
    """The files of a debtor, latest first."""
    rows = session.scalars(
        select(RecoveryFile).where(RecoveryFile.debtor_id == debtor_id)
        .order_by(RecoveryFile.id.desc()).limit(50)
    ).all()  # fmt: skip
    ids = [row.id for row in rows]
    sums = _sums(session, ids)
    parts: dict[int, list[tuple[int, str, int]]] = {one: [] for one in ids}
    for file_id, document_id, filename, size in session.execute(
        select(Document.subject_id, Document.id, Document.filename, Document.size)
        .where(Document.subject_kind == "recovery_file", Document.subject_id.in_(ids))
        .order_by(Document.id)
    ):  # fmt: skip
        parts[file_id].append((document_id, filename, size))
    return tuple(
        RecoveryView(
            row.id, row.debtor_id, row.given_to, row.reference, row.note, row.on,
            row.invoice_count, row.handed_at, row.handed_by, row.built_at, row.ended_at,
            row.ended_by, row.end_reason, sums[row.id], tuple(parts[row.id]),
        )
        for row in rows
    )  # fmt: skip


def file_of_invoice(session: Session, receivable_id: int) -> tuple[int, str, date] | None:
    """The open file an invoice is in: debtor, to whom it was given, since when."""
    row = session.execute(
        select(RecoveryFile.debtor_id, RecoveryFile.given_to, RecoveryFile.on)
        .join(RecoveryLine, RecoveryLine.file_id == RecoveryFile.id)
        .where(RecoveryLine.receivable_id == receivable_id, RecoveryFile.ended_at.is_(None))
    ).first()  # fmt: skip
    return None if row is None else (row[0], row[1], row[2])
