"""Issuing a month's fee invoices and printing each once, as its client keeps it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session
from stdnum.fr import tva

from cessio import documents, settlement
from cessio.contracts import queries as contracts
from cessio.correspondence.queries import factor_identity
from cessio.identity import Permission
from cessio.identity.queries import users_who_may
from cessio.notifications import notify
from cessio.plumbing import i18n
from cessio.plumbing.jobs import enqueue
from cessio.plumbing.mail import base_url
from cessio.statements import queries
from cessio.statements.formats.invoices import TaxNumbers, invoice_code, invoice_pdf
from cessio.statements.models import FeeInvoicePaper
from cessio.statements.queries import invoices as invoices_query
from cessio.statements.queries.invoices import FeeInvoiceRow

KIND = "fee_invoice"
PRINT = "statements.fee_invoices"


def issue_invoices(session: Session, *, month: date, by: str, at: datetime) -> tuple[str, ...]:
    """Invoice a month and ask for the papers; the numbers given. Raises ``MonthNotOver``."""
    issued = settlement.issue_fee_invoices(session, month=month, by=by, at=at)
    if issued:
        enqueue(session, kind=PRINT, key=issued[-1], payload={}, by=by, at=at)
    return issued


def print_invoice(session: Session, *, invoice_id: int, by: str, at: datetime) -> int:
    """Make an invoice's paper and keep it, once; returns the document's id.

    Raises ``NotFound``.
    """
    invoices_query.lock_printing(session, invoice_id)
    invoice = invoices_query.fee_invoice(session, invoice_id)
    if invoice.document_id is not None:
        return invoice.document_id
    lines = invoices_query.charges(session, invoice_id)
    language = contracts.contract(session, invoice.contract_id).language
    days = {one.booked_on for one in lines if not one.exempt_minor}
    rates = {day: contracts.terms_in_force(session, invoice.contract_id, day).commission_vat_rate
             for day in sorted(days)}  # fmt: skip
    code = invoice_code(invoice, lines)
    with i18n.use_language(language):
        parties = queries.parties_of(session, contract_id=invoice.contract_id)
    content = invoice_pdf(
        invoice, lines, parties, _tax_numbers(session, invoice), rates=rates, code=code,
        verify_at=base_url().partition("://")[2] + "/verify", language=language, at=at,
    )  # fmt: skip
    kept = documents.store(
        session, kind=KIND, subject_kind=KIND, subject_id=invoice_id, client_id=invoice.client_id,
        filename=f"{invoice.number}.pdf", media_type="application/pdf", content=content, by=by,
        at=at,
    )  # fmt: skip
    session.add(FeeInvoicePaper(invoice_id=invoice_id, document_id=kept.id, verification_code=code,
                                made_at=at))  # fmt: skip
    session.flush()
    _tell(session, invoice, at=at)
    return kept.id


def _tell(session: Session, invoice: FeeInvoiceRow, *, at: datetime) -> None:
    """Whoever reads the client's account hears of the invoice once its paper is there."""
    notify(
        session, kind="fee_invoice_ready", at=at, key=f"fee_invoice/{invoice.id}",
        href=f"/portal/costs?contract={invoice.contract_id}#invoices",
        person_ids=users_who_may(
            session, client_id=invoice.client_id, permission=Permission.OWN_SEE
        ),
        values={"number": invoice.number, "contract": invoice.reference,
                "currency": invoice.currency, "amount_minor": invoice.total_minor},
    )  # fmt: skip


def _tax_numbers(session: Session, invoice: FeeInvoiceRow) -> TaxNumbers:
    """A French company's VAT number follows from its SIREN: ours is not asked for."""
    ours = factor_identity(session)
    key = None if ours is None else (12 + 3 * (int(ours.siren) % 97)) % 97
    number = None if ours is None else f"FR{key:02d}{ours.siren}"
    assert number is None or tva.is_valid(number)
    return TaxNumbers(number, invoice.client_vat)
