"""The paper of a fee invoice: the same bytes for the office, its client and whom it shares with."""

from __future__ import annotations

from collections.abc import Collection

from litestar import Response
from sqlalchemy.orm import Session

from cessio import documents
from cessio.kernel.errors import NotFound
from cessio.statements.queries import invoices as queries
from cessio.web.exports import file_response


def invoice_file(
    session: Session, invoice_id: int, *, client_id: int | None = None,
    contracts: Collection[int] | None = None,
) -> Response[bytes]:  # fmt: skip
    """The paper of an invoice, of a client and of certain contracts where given.

    Raises ``NotFound``.
    """
    found = queries.fee_invoice(session, invoice_id, client_id=client_id)
    if contracts is not None and found.contract_id not in contracts:
        raise NotFound("fee_invoice_unknown", "there is no such invoice")
    if found.document_id is None:
        raise NotFound("fee_invoice_unprinted", "this invoice is being printed: try again soon")
    kept = documents.read(session, found.document_id, client_id=client_id)
    return file_response(kept.content, kept.filename, kept.media_type)
