"""What is open of a receivable, moved by the capabilities above that bring the money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, NotFound
from cessio.receivables import queries
from cessio.receivables.models import Receivable
from cessio.receivables.queries.locks import locked_receivables


class DoesNotFit(Conflict):
    """More than is open of the receivable, or the receivable moved meanwhile."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A receivable whose open amount was moved; ``open_minor`` is what is open now."""

    receivable_id: int
    contract_id: int
    debtor_id: int
    number: str
    open_minor: int


def take_open(
    session: Session, *, receivable_id: int, amount_minor: int, at: datetime,
    client_id: int | None = None,
) -> Moved:  # fmt: skip
    """Settle part of what is open, in the receivable's own sign.

    ``client_id`` is who may see it. Raises ``NotFound``, ``DoesNotFit``.
    """
    receivable = _locked(session, receivable_id, client_id)
    fits = 0 < abs(amount_minor) <= abs(receivable.open_minor)
    if not fits or (amount_minor > 0) != (receivable.open_minor > 0):
        raise DoesNotFit(
            "amount_above_open", "{number} is open for {open_minor}", field="amount",
            number=receivable.number, open_minor=receivable.open_minor,
        )  # fmt: skip
    return _move(session, receivable, -amount_minor, at)


def give_open_back(
    session: Session, *, receivable_id: int, amount_minor: int, at: datetime
) -> Moved:
    """Undo ``take_open``: the receivable is open again by that much. Raises ``DoesNotFit``."""
    receivable = _locked(session, receivable_id, None)
    if receivable.reversed_at is not None:
        raise DoesNotFit(
            "receivable_gone", "{number} is no longer in the book", number=receivable.number
        )
    return _move(session, receivable, amount_minor, at)


def hold_on_account(
    session: Session, *, contract_id: int, debtor_id: int, amount_minor: int, at: datetime
) -> int:
    """A credit of a debtor under a contract for money whose invoices are not known; its id."""
    on = business_date(at)
    facts = queries.contract_facts(session, contract_id, on=on)
    credit = Receivable(
        contract_id=contract_id, client_id=facts.client_id, debtor_id=debtor_id,
        kind="on_account", number=f"CPT-{on:%Y%m%d}", number_key=f"cpt{on:%Y%m%d}",
        issue_date=on, due_date=on, amount_minor=-amount_minor, open_minor=-amount_minor,
        assigned_on=on, assigned_at=at,
    )  # fmt: skip
    session.add(credit)
    session.flush()
    return credit.id


def end_on_account(session: Session, *, receivable_id: int, at: datetime) -> Moved:
    """Take back an unused credit held on account. Raises ``DoesNotFit`` when it was used since."""
    credit = _locked(session, receivable_id, None)
    if credit.open_minor != credit.amount_minor:
        raise DoesNotFit(
            "credit_used", "the credit {number} it made was used since: undo that first",
            number=credit.number,
        )  # fmt: skip
    credit.reversed_at = at
    return _move(session, credit, -credit.open_minor, at)


def _locked(session: Session, receivable_id: int, client_id: int | None) -> Receivable:
    found = locked_receivables(session, [receivable_id]).get(receivable_id)
    if found is None or (client_id is not None and found.client_id != client_id):
        raise NotFound("receivable_unknown", "there is no such receivable")
    return found


def _move(session: Session, receivable: Receivable, by_minor: int, at: datetime) -> Moved:
    receivable.open_minor += by_minor
    receivable.closed_on = None if receivable.open_minor else business_date(at)
    session.flush()
    return Moved(
        receivable.id, receivable.contract_id, receivable.debtor_id, receivable.number,
        receivable.open_minor,
    )  # fmt: skip
