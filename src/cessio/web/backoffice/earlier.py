"""What the same payer sent before, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from cessio.cash import queries
from cessio.cash.queries import ApplicationView, WorkbenchLine


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier receipt: what it was matched to, if it was."""

    line_id: int
    booked_on: date
    amount_minor: int
    currency: str
    application: ApplicationView | None


def earlier(session: Session, line: WorkbenchLine) -> list[Earlier]:
    """The latest receipts from the same account, or else under the same name."""
    found = queries.earlier_of_payer(
        session, line_id=line.line_id, name=line.party_name, iban=line.party_iban
    )
    stands: dict[int, ApplicationView] = {}
    for one in queries.applications_of_lines(session, line_ids=[row[1] for row in found]):
        if one.undone_at is None and one.line_id is not None:
            stands.setdefault(one.line_id, one)
    return [Earlier(row[1], row[0], row[2], row[3], stands.get(row[1])) for row in found]
