"""What a bank writes about an account (the RIB), given with a request to be paid there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit, documents
from cessio.parties.queries import account, client_of_company

#: The stored document of an account.
CERTIFICATE, SUBJECT = "account_certificate", "party_account"


def give_certificate(
    session: Session, *, account_id: int, filename: str, content: bytes, by: str, at: datetime
) -> int:
    """Keep it beside the account for whoever confirms it; returns the document's id.

    Raises ``Invalid`` for what is no PDF, JPEG or PNG, ``NotFound``, ``Problems``.
    """
    found = account(session, account_id)
    client_id = client_of_company(session, found.company_id)
    stored = documents.store(
        session, kind=CERTIFICATE, subject_kind=SUBJECT, subject_id=account_id, filename=filename,
        media_type=documents.paper_type(content), content=content, client_id=client_id, by=by,
        at=at,
    )  # fmt: skip
    after = {"iban": found.iban, "document_id": stored.id, "sha256": stored.sha256.hex()}
    audit.record(
        session, verb="give_certificate", subject_kind="company", subject_id=found.company_id,
        after=after, by=by, at=at, client_id=client_id,
    )  # fmt: skip
    return stored.id
