"""Who is told of a remittance: its account manager that it waits, its maker how it ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import identity
from cessio.kernel.calendar import business_date
from cessio.notifications import notify
from cessio.parties import queries as parties
from cessio.receivables.models import Remittance
from cessio.receivables.queries.facts import ContractFacts
from cessio.receivables.rules import RemittanceState


def tell_arrival(
    session: Session, remittance: Remittance, facts: ContractFacts, *, by: str, at: datetime
) -> None:
    """A remittance of a client waits for whoever looks after that client, or does it meanwhile."""
    told = {*parties.in_charge(session, facts.client_id, on=business_date(at))}
    notify(
        session, person_ids=told - {identity.person_behind(session, by)}, kind="remittance_arrived",
        values={**_values(remittance, facts), "client": facts.client_name},
        href=f"/backoffice/remittances/{remittance.id}", at=at,
        key=f"remittance/{remittance.id}/arrived",
    )  # fmt: skip


def tell_decision(
    session: Session, remittance: Remittance, facts: ContractFacts, state: RemittanceState, *,
    reason: str | None = None, by: str, at: datetime,
) -> None:  # fmt: skip
    """Whoever made a remittance hears that it was accepted, or refused and why."""
    maker = identity.person_behind(session, remittance.created_by)
    if maker == identity.person_behind(session, by):
        return
    notify(
        session, person_ids=[maker], kind=f"remittance_{state.value}",
        values={**_values(remittance, facts), "why": reason or ""},
        href=f"/backoffice/remittances/{remittance.id}",
        client_href=f"/portal/remittances/{remittance.id}", at=at,
        key=f"remittance/{remittance.id}/{state.value}",
    )  # fmt: skip


def _values(remittance: Remittance, facts: ContractFacts) -> dict[str, object]:
    total = remittance.invoices_minor - remittance.credit_notes_minor
    return {
        "reference": f"{facts.reference}-{remittance.number:05d}", "amount_minor": total,
        "currency": facts.currency,
    }  # fmt: skip
