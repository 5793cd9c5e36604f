"""Telling clients what became of the collection of their invoices: theirs alone, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import identity
from cessio.collections.queries.owed import Owed
from cessio.contracts import queries as contracts
from cessio.contracts.rules import IneligibleReason
from cessio.identity import Permission
from cessio.kernel.calendar import business_date
from cessio.notifications import notify
from cessio.parties import queries as parties

#: So many invoices are named in one line.
_NAMED = 3


def tell_handed_over(
    session: Session, rows: Iterable[Owed], *, debtor_id: int, file_id: int, at: datetime
) -> None:
    """Each client whose invoices were handed over for legal recovery hears of its own."""
    for contract_id, held in _by_contract(rows).items():
        _tell(session, "invoices_handed_over", held, debtor_id, at,
              key=f"recovery/{file_id}/{contract_id}")  # fmt: skip


def tell_insolvent(
    session: Session, rows: Iterable[Owed], *, debtor_id: int, insolvency_id: int, at: datetime
) -> None:
    """Each client this debtor owes hears of it, and whether its invoices count any longer."""
    for contract_id, held in _by_contract(rows).items():
        terms = contracts.terms_in_force(session, contract_id, business_date(at))
        is_out = IneligibleReason.DEBTOR_INSOLVENT in terms.ineligible_reasons
        _tell(session, "debtor_insolvent", held, debtor_id, at,
              key=f"insolvency/{insolvency_id}/{contract_id}",
              effect="out" if is_out else "in")  # fmt: skip


def _by_contract(rows: Iterable[Owed]) -> dict[int, list[Owed]]:
    found: dict[int, list[Owed]] = {}
    for one in rows:
        found.setdefault(one.contract_id, []).append(one)
    return found


def _tell(
    session: Session, kind: str, held: list[Owed], debtor_id: int, at: datetime, *, key: str,
    **more: str,
) -> None:  # fmt: skip
    first = held[0]
    numbers = ", ".join(one.number for one in held[:_NAMED])
    notify(
        session, kind=kind, at=at, key=key, href=f"/portal/invoices/{first.receivable_id}",
        person_ids=identity.queries.users_who_may(
            session, client_id=first.client_id, permission=Permission.OWN_SEE
        ),
        values={
            "debtor": parties.debtor_names(session, [debtor_id])[debtor_id],
            "invoices": numbers + (", …" if len(held) > _NAMED else ""),
            "amount_minor": sum(one.open_minor for one in held), "currency": first.currency,
            **more,
        },
    )  # fmt: skip
