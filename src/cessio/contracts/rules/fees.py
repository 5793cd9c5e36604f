"""The factoring commission: per document, with a minimum, and VAT once on what is posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cessio.contracts.rules.terms import Terms
from cessio.kernel.money import apply_rate


@dataclass(frozen=True, slots=True)
class Commission:
    """A posted commission: before VAT per document in the order given, their sum, and its VAT."""

    by_document_minor: tuple[int, ...]
    net_minor: int
    vat_minor: int

    @property
    def gross_minor(self) -> int:
        """What the client's account is debited."""
        return self.net_minor + self.vat_minor


def document_commission(terms: Terms, amount_minor: int) -> int:
    """Commission before VAT on one document, its gross amount signed (credit note negative).

    The minimum is per invoice. A credit note is free, or charged on its absolute amount without
    minimum when ``commission_on_credit_notes`` (BOFiP 3 D-6-94: due on both).
    """
    if amount_minor <= 0:
        charged = -amount_minor if terms.commission_on_credit_notes else 0
        return apply_rate(charged, terms.commission_rate)
    return max(apply_rate(amount_minor, terms.commission_rate), terms.commission_minimum_minor)


def commission(terms: Terms, amounts_minor: Sequence[int]) -> Commission:
    """Commission of the documents of one remittance; VAT is rounded once on the sum."""
    parts = tuple(document_commission(terms, amount) for amount in amounts_minor)
    net = sum(parts)
    return Commission(parts, net, apply_rate(net, terms.commission_vat_rate))


def annual_complement(terms: Terms, charged_net_minor: int) -> Commission:
    """What is missing to the annual minimum, posted on the last day of the contract year."""
    net = max(0, terms.annual_minimum_minor - charged_net_minor)
    return Commission((net,), net, apply_rate(net, terms.commission_vat_rate))


def flat_fee(terms: Terms, amount_minor: int) -> Commission:
    """A fee of the grid, with its VAT."""
    return Commission((amount_minor,), amount_minor,
                      apply_rate(amount_minor, terms.commission_vat_rate))  # fmt: skip
