"""Who is told of a remittance and of a dispute.

Of a remittance its account manager that it waits, its maker how it ended; of a dispute the
client's people who may answer it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import identity
from cessio.contracts import queries as contracts
from cessio.identity import Permission
from cessio.kernel.calendar import business_date
from cessio.notifications import notify
from cessio.parties import queries as parties
from cessio.receivables.models import Dispute, Receivable, Remittance
from cessio.receivables.queries.facts import ContractFacts
from cessio.receivables.rules import RemittanceState

#: So many invoices are named in one line.
_NAMED = 3


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


def tell_disputes(
    session: Session, opened: Iterable[tuple[Dispute, Receivable]], *, by: str, at: datetime
) -> None:
    """A line a debtor and contract, however many of its invoices are contested at once."""
    pairs: dict[tuple[int, int], list[tuple[Dispute, Receivable]]] = {}
    for dispute, receivable in opened:
        key = (receivable.contract_id, receivable.debtor_id)
        pairs.setdefault(key, []).append((dispute, receivable))
    names = parties.debtor_names(session, {debtor_id for _, debtor_id in pairs})
    acting = identity.person_behind(session, by)
    for (contract_id, debtor_id), contested in pairs.items():
        contract = contracts.contract(session, contract_id)
        told = identity.queries.users_who_may(
            session, client_id=contract.client_id, permission=Permission.OWN_DISPUTE
        )
        numbers = ", ".join(receivable.number for _, receivable in contested[:_NAMED])
        first, invoice = contested[0]
        notify(
            session, person_ids={*told} - {acting}, kind="dispute_opened",
            values={
                "debtor": names.get(debtor_id, ""), "currency": contract.currency,
                "invoices": numbers + (", …" if len(contested) > _NAMED else ""),
                "amount_minor": sum(dispute.amount_minor for dispute, _ in contested),
            },
            href=f"/portal/invoices/{invoice.id}", at=at, key=f"dispute/{first.id}/opened",
        )  # fmt: skip


def _values(remittance: Remittance, facts: ContractFacts) -> dict[str, object]:
    total = remittance.invoices_minor - remittance.credit_notes_minor
    return {
        "reference": f"{facts.reference}-{remittance.number:05d}", "amount_minor": total,
        "currency": facts.currency,
    }  # fmt: skip
