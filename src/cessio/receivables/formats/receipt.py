"""The subrogation receipt as a letter: what was sealed, printed; always the same bytes."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.correspondence.queries import issuer
from cessio.kernel.money import Money
from cessio.parties import queries as parties
from cessio.plumbing import formats, i18n
from cessio.plumbing.i18n import gettext as _
from cessio.plumbing.pdf import code_of, render_pdf
from cessio.receivables import queries
from cessio.receivables.queries import ReceiptLine, ReceiptView
from cessio.receivables.rules import DocumentKind


def receipt_pdf(
    session: Session, remittance_id: int, *, verify_at: str, client_id: int | None = None
) -> tuple[str, bytes]:
    """Number and PDF of a remittance's receipt, in the contract's language.

    ``verify_at`` is printed beside the verification code; ``client_id`` is who may see it.
    Raises ``NotFound``, ``ReceiptAltered``.
    """
    receipt = queries.receipt_view(session, remittance_id, client_id=client_id)
    row = queries.remittance(session, remittance_id).remittance
    contract = contracts.contract(session, row.contract_id)
    with i18n.use_language(contract.language):
        head = issuer(session)
        company = parties.company(session, parties.company_of_client(session, contract.client_id))
        data = {
            "factor": {"name": head.name, "legal": head.legal, "address": list(head.address)},
            "recipient": {
                "name": company.name, "address": list(parties.address_of(company))
            },
            "siren": formats.siren(company.siren) if company.siren else "",
            "contract": contract.reference, "contract_date": contract.signed_on,
            **_facts(receipt, row.currency), "verify_at": verify_at,
        }  # fmt: skip
        pdf = render_pdf(
            "subrogation_receipt", data, language=contract.language, at=receipt.assigned_at
        )
    return receipt.number, pdf


def _facts(receipt: ReceiptView, currency: str) -> dict[str, Any]:
    notes = sum(line.kind is DocumentKind.CREDIT_NOTE for line in receipt.lines)
    return {
        "reference": receipt.number, "remittance": receipt.number,
        "paid_at": receipt.assigned_at,
        "paid_at_utc": receipt.assigned_at.astimezone(UTC).isoformat(),
        "account": _("the factoring current account"),
        "total": Money(receipt.amount_minor, currency),
        "invoices": receipt.document_count - notes, "credit_notes": notes,
        "verification": code_of(receipt.sha256),
        "digest": receipt.sha256.hex(),
        "documents": [_document(line, currency) for line in receipt.lines],
    }  # fmt: skip


def _document(line: ReceiptLine, currency: str) -> dict[str, Any]:
    return {
        "number": line.number, "kind": line.kind.value, "debtor": line.debtor_name,
        "siren": formats.siren(line.debtor_identity), "issued_on": line.issue_date,
        "due_on": line.due_date,
        "amount": Money(line.amount_minor, currency),
    }  # fmt: skip
