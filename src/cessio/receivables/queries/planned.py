"""What a remittance would change if it were assigned now: facts for a what-if."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.receivables.models import Remittance, RemittanceLine
from cessio.receivables.queries.locks import RemittanceUnknown
from cessio.receivables.rules import DocumentKind, Verdict


@dataclass(frozen=True, slots=True)
class PlannedDocument:
    """A line that would be assigned. ``debtor_id`` None: a debtor nobody knew before.

    ``debtor_key`` tells debtors apart, known or not; ``amount_minor`` is signed; a credit note's
    ``original_key`` is the number of the invoice it names, as numbers are compared.
    """

    receivable_id: int
    debtor_id: int | None
    debtor_key: str
    kind: DocumentKind
    number: str
    issue_date: date
    due_date: date
    amount_minor: int
    original_key: str | None = None
    must_verify: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """The documents of a remittance that would be assigned under a contract."""

    remittance_id: int
    contract_id: int
    documents: tuple[PlannedDocument, ...]


def planned(session: Session, remittance_id: int) -> Planned:
    """The lines of a checked remittance that are not refused. Raises ``RemittanceUnknown``."""
    contract_id = session.scalar(
        select(Remittance.contract_id).where(Remittance.id == remittance_id)
    )
    if contract_id is None:
        raise RemittanceUnknown(
            "remittance_unknown", "there is no remittance {id}", id=remittance_id
        )
    line = RemittanceLine
    rows = session.execute(
        select(
            line.receivable_id,
            line.debtor_id,
            line.debtor_siren,
            line.debtor_vat,
            line.kind,
            line.number,
            line.issue_date,
            line.due_date,
            line.amount_minor,
            line.original_key,
            line.must_verify,
        )
        .where(line.remittance_id == remittance_id, line.verdict != Verdict.REFUSED.value)
        .order_by(line.line)
    )
    documents = [
        PlannedDocument(
            row.receivable_id, row.debtor_id,
            str(row.debtor_id or row.debtor_siren or row.debtor_vat), DocumentKind(row.kind),
            row.number or "", row.issue_date, row.due_date, row.amount_minor, row.original_key,
            row.must_verify,
        )
        for row in rows
        if None not in (row.issue_date, row.due_date, row.amount_minor)
    ]  # fmt: skip
    return Planned(remittance_id, contract_id, tuple(documents))
