"""Telling a client that an unpaid invoice was indemnified or went back to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import identity
from cessio.contracts import queries as contracts
from cessio.identity import Permission
from cessio.notifications import notify
from cessio.parties import queries as parties
from cessio.settlement.queries import UnpaidReceivable

#: So many invoices are named in one line.
_NAMED = 3


def tell_settled(
    session: Session, made: Iterable[tuple[int, UnpaidReceivable]], *, at: datetime
) -> None:
    """A line a debtor, a contract and what was done, however many invoices it was done with.

    ``made`` are settlements by their number, each with what was due.
    """
    held: dict[tuple[int, int, str], list[tuple[int, UnpaidReceivable]]] = {}
    for number, one in made:
        if one.outcome.indemnity_minor:
            held.setdefault((one.contract_id, one.debtor_id, "indemnity_paid"), []).append(
                (number, one)
            )
        if one.outcome.transfer_back_minor:
            held.setdefault((one.contract_id, one.debtor_id, "transferred_back"), []).append(
                (number, one)
            )
    for (contract_id, debtor_id, kind), settled in held.items():
        due = [one.outcome for _number, one in settled]
        first, invoice = settled[0]
        numbers = ", ".join(one.number for _number, one in settled[:_NAMED])
        back = kind == "transferred_back"
        notify(
            session, kind=kind, at=at, key=f"unpaid/{first}/{kind}",
            href=f"/portal/invoices/{invoice.receivable_id}",
            person_ids=identity.queries.users_who_may(
                session, client_id=invoice.client_id, permission=Permission.OWN_SEE
            ),
            values={
                "debtor": parties.debtor_names(session, [debtor_id])[debtor_id],
                "invoices": numbers + (", …" if len(settled) > _NAMED else ""),
                "currency": contracts.contract(session, contract_id).currency,
                "amount_minor": sum(one.transfer_back_minor if back else one.indemnity_minor
                                    for one in due),
                "own_minor": sum(one.own_share_minor for one in due),
            },
        )  # fmt: skip
