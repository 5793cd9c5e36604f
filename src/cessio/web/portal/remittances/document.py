"""The form of one invoice or credit note, read and filled."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from cessio.kernel.money import digits_of, to_text
from cessio.plumbing import formats
from cessio.receivables import queries
from cessio.receivables.operations import NewDocument
from cessio.receivables.queries import LineView
from cessio.receivables.rules import DocumentKind
from cessio.web.forms import Form, amount, chosen, day, text


def document_of(form: Form, currency: str) -> NewDocument | None:
    """The document a form tells; none when something in it cannot be read."""
    kind = form.need("kind", chosen(DocumentKind))
    number = form.need("number", text(64))
    debtor = form.need("debtor", text(40))
    name = form.maybe("debtor_name", text(120))
    issued = form.need("issue_date", day())
    due = form.maybe("due_date", day())
    total = form.need("amount", amount(currency))
    vat = form.maybe("vat", amount(currency, minimum_minor=0))
    order = form.maybe("order_ref", text(64))
    original = form.maybe("original_number", text(64))
    if not form.valid():
        return None
    digits = "".join(one for one in debtor if not one.isspace())
    is_siren = digits.isdecimal()
    return NewDocument(
        number=number, issue_date=issued, due_date=due, kind=kind, amount_minor=total,
        vat_minor=vat, debtor_siren=digits if is_siren else None,
        debtor_vat=None if is_siren else digits.upper(), debtor_name=name, order_ref=order,
        original_number=original,
    )  # fmt: skip


def filled(line: LineView, currency: str) -> Form:
    """The form of a line as it stands; what could not be read as it was written."""
    amount_minor = line.amount_minor
    read = abs(amount_minor) if amount_minor is not None else None
    raw = line.raw
    return Form(
        kind=line.kind.value, number=line.number or raw.get("number", ""),
        debtor=line.debtor_siren or line.debtor_vat or raw.get("debtor_siren")
        or raw.get("debtor_vat", ""),
        debtor_name=line.debtor_name or "",
        issue_date=line.issue_date.isoformat() if line.issue_date else raw.get("issue_date", ""),
        due_date=line.due_date.isoformat() if line.due_date else raw.get("due_date", ""),
        amount=_typed(read, currency) if read else raw.get("amount", ""),
        vat=_typed(abs(line.vat_minor), currency) if line.vat_minor else "",
        order_ref=line.order_ref or "", original_number=line.original_number or "",
    )  # fmt: skip


def _typed(minor: int, currency: str) -> str:
    return formats.number(Decimal(to_text(minor, currency)), digits_of(currency))


def known_debtors(session: Session, contract_id: int) -> list[tuple[str, str]]:
    """SIREN (or VAT number) and name of the debtors under a contract, to choose from."""
    return [
        (one.identity, one.name)
        for one in queries.contract_debtors(session, contract_id=contract_id)
        if one.identity
    ]
