"""What assigning a remittance would do, told before its client confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from cessio.contracts.rules import commission
from cessio.receivables import queries
from cessio.receivables.bulk import assigning
from cessio.receivables.bulk.assigning import Charges, Sums
from cessio.receivables.operations.assignment import Bases, retention_of
from cessio.receivables.queries import PlannedDocument


@dataclass(frozen=True, slots=True)
class Resulting:
    """What would be bought and charged; funding turns it into the resulting availability."""

    remittance_id: int
    contract_id: int
    documents: tuple[PlannedDocument, ...]
    charges: Charges


def charges_of(
    session: Session, *, contract_id: int, amounts_minor: Sequence[int], on: date
) -> Charges:
    """What assigning invoices of these amounts together would buy and charge on a date.

    By the rules that post it; nothing is written. Raises ``ContractUnknown``, ``TermsMissing``.
    """
    facts = queries.contract_facts(session, contract_id, on=on)
    net = commission(facts.terms, amounts_minor).net_minor
    total = Sums(len(amounts_minor), sum(amounts_minor), net)
    retention = retention_of(session, facts, total.amount_minor, None)
    return Charges.of(total, facts.terms, retention)


def resulting(
    session: Session, *, remittance_id: int, on: date, bases: Bases | None = None
) -> Resulting:
    """The documents and charges of a checked remittance if it were assigned on a date.

    Nothing is written. Raises ``RemittanceUnknown``.
    """
    found = queries.planned(session, remittance_id)
    facts = queries.contract_facts(session, found.contract_id, on=on)
    total = assigning.sums(session, facts.terms, planned_of=remittance_id)
    retention = retention_of(session, facts, total.amount_minor, bases)
    charges = Charges.of(total, facts.terms, retention)
    return Resulting(remittance_id, found.contract_id, found.documents, charges)
