"""A fee invoice on our paper: what was charged, by what it was for, and its VAT by rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cessio.contracts.rules import FeeKind
from cessio.kernel.money import Money
from cessio.ledger import TransactionKind
from cessio.plumbing import formats, i18n
from cessio.plumbing.i18n import gettext, lazy
from cessio.plumbing.pdf import render_pdf, verification_code
from cessio.statements.formats.files import Parties
from cessio.statements.formats.words import FEES
from cessio.statements.queries.invoices import Charge, FeeInvoiceRow

_WORDS = {
    TransactionKind.COMMISSION: lazy("Factoring commission"),
    TransactionKind.ANNUAL_MINIMUM: lazy("Complement to the annual minimum"),
    TransactionKind.FINANCING_COMMISSION: lazy("Financing commission"),
}


@dataclass(frozen=True, slots=True)
class TaxNumbers:
    """The VAT numbers of who invoices and of who is invoiced."""

    factor: str | None
    client: str | None


@dataclass(slots=True)
class _Sum:
    count: int = 0
    net_minor: int = 0
    vat_minor: int = 0


def invoice_code(invoice: FeeInvoiceRow, lines: Sequence[Charge]) -> str:
    """The code it is verified by: of its number and every amount."""
    told = [
        f"{one.booked_on}\t{one.kind}\t{one.net_minor}\t{one.vat_minor}\t{one.exempt_minor}"
        for one in lines
    ]
    return verification_code(f"fee invoice {invoice.number} {invoice.currency}", "\n".join(told))


def invoice_pdf(
    invoice: FeeInvoiceRow, lines: Sequence[Charge], parties: Parties, tax: TaxNumbers, *,
    rates: Mapping[date, Decimal], code: str, verify_at: str, language: str, at: datetime,
) -> bytes:  # fmt: skip
    """The file; ``rates`` are the VAT rates by the day a line was booked on."""
    with i18n.use_language(language):
        data = {
            "factor": {"name": parties.factor_name, "legal": parties.factor_legal,
                       "address": list(parties.factor_address)},
            "recipient": {"name": parties.client_name, "address": list(parties.client_address)},
            "reference": invoice.number, "is_credit_note": invoice.kind == "credit_note",
            "issued_on": formats.date(invoice.issued_on, "long"), "month": formats.month(
                invoice.to_on), "contract": invoice.reference, "currency": invoice.currency,
            "siren": formats.siren(parties.client_siren) if parties.client_siren else None,
            "client_vat": tax.client, "factor_vat": tax.factor,
            "verification": code, "verify_at": verify_at,
            "lines": _lines(lines, rates, invoice.currency),
            "taxes": _taxes(lines, rates, invoice.currency),
            "net": Money(invoice.net_minor + invoice.exempt_minor, invoice.currency),
            "vat": Money(invoice.vat_minor, invoice.currency),
            "total": Money(invoice.total_minor, invoice.currency),
        }  # fmt: skip
        return render_pdf("fee_invoice", data, language=language, at=at)


def _lines(
    lines: Sequence[Charge], rates: Mapping[date, Decimal], currency: str
) -> list[dict[str, Any]]:
    """One line for each thing charged and its rate, in the order of the first of them."""
    sums: dict[tuple[str, str], _Sum] = {}
    for one in lines:
        held = sums.setdefault((_named(one), _rate(one, rates)), _Sum())
        held.count += 1
        held.net_minor += one.net_minor + one.exempt_minor
        held.vat_minor += one.vat_minor
    return [
        {"text": words, "rate": rate, "count": formats.number(held.count),
         "net": Money(held.net_minor, currency), "vat": Money(held.vat_minor, currency),
         "total": Money(held.net_minor + held.vat_minor, currency)}
        for (words, rate), held in sums.items()
    ]  # fmt: skip


def _taxes(
    lines: Sequence[Charge], rates: Mapping[date, Decimal], currency: str
) -> list[dict[str, Any]]:
    """What bears VAT by its rate, then what is exempt."""
    sums: dict[str, _Sum] = {}
    for one in lines:
        if one.net_minor or one.vat_minor:
            held = sums.setdefault(_rate(one, rates), _Sum())
            held.net_minor += one.net_minor
            held.vat_minor += one.vat_minor
    taxed = [
        {"rate": rate, "base": Money(held.net_minor, currency),
         "vat": Money(held.vat_minor, currency)}
        for rate, held in sums.items()
    ]  # fmt: skip
    exempt = sum(one.exempt_minor for one in lines)
    if not exempt and not any(one.exempt_minor for one in lines):
        return taxed
    return [*taxed, {"rate": None, "base": Money(exempt, currency), "vat": Money(0, currency)}]


def _rate(one: Charge, rates: Mapping[date, Decimal]) -> str:
    """The rate a line bears as it is printed; none where it is exempt."""
    return "–" if one.exempt_minor else formats.percent(rates[one.booked_on], exact=True)


def _named(one: Charge) -> str:
    kind = TransactionKind(one.reversed_kind or one.kind)
    if kind is TransactionKind.SERVICE_FEE and one.memo:
        words = str(FEES[FeeKind(one.memo)])
    else:
        words = str(_WORDS.get(kind) or kind.value.replace("_", " ").capitalize())
    return gettext("Reversal: {what}", what=words) if one.reversed_kind else words
