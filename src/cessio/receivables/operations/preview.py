"""What assigning a remittance would do, told before its client confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from cessio.receivables import queries
from cessio.receivables.bulk import assigning
from cessio.receivables.bulk.assigning import Charges
from cessio.receivables.operations.assignment import Bases, retention_of
from cessio.receivables.queries import PlannedDocument


@dataclass(frozen=True, slots=True)
class Resulting:
    """What would be bought and charged; funding turns it into the resulting availability."""

    remittance_id: int
    contract_id: int
    documents: tuple[PlannedDocument, ...]
    charges: Charges


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
