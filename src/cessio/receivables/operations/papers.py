"""Papers of an invoice that its client gives: the answer to a dispute, the proof of a delivery."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit, documents
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict
from cessio.notifications import notify
from cessio.parties import queries as parties
from cessio.receivables.queries import ReceivableRow, receivable


class PaperKnown(Conflict):
    """The invoice has a document of the same bytes that its client reads."""


def give_paper(
    session: Session, *, receivable_id: int, client_id: int, kind: str, filename: str,
    content: bytes, by: str, at: datetime,
) -> int:  # fmt: skip
    """Keep a paper of the client's beside its invoice, read by both; returns the document's id.

    Whoever looks after the client is told. Raises ``NotFound`` for another client's invoice,
    ``Invalid`` for what is no PDF, JPEG or PNG, ``PaperKnown``, ``Problems``.
    """
    row = receivable(session, receivable_id, client_id=client_id).row
    media_type = documents.paper_type(content)
    kept = documents.of_subject(session, "receivable", receivable_id, client_id=client_id)
    if hashlib.sha256(content).digest() in {one.sha256 for one in kept}:
        raise PaperKnown("paper_known", "this document is with the invoice already",
                         field="paper")  # fmt: skip
    stored = documents.store(
        session, kind=kind, subject_kind="receivable", subject_id=receivable_id,
        filename=filename, media_type=media_type, content=content, client_id=client_id, by=by,
        at=at,
    )  # fmt: skip
    after = {"number": row.number, "document_id": stored.id, "sha256": stored.sha256.hex()}
    audit.record(
        session, verb="receivable.paper", subject_kind="receivable", subject_id=receivable_id,
        after=after, by=by, at=at, client_id=client_id,
    )  # fmt: skip
    _tell(session, row, stored.id, at)
    return stored.id


def _tell(session: Session, row: ReceivableRow, document_id: int, at: datetime) -> None:
    notify(
        session, person_ids={*parties.in_charge(session, row.client_id, on=business_date(at))},
        kind="paper_given", values={"client": row.client_name, "invoice": row.number},
        href=f"/backoffice/receivables/{row.id}", at=at, key=f"document/{document_id}/given",
    )  # fmt: skip
