"""Rows locked for a decision, in the order every operation takes them: remittance, contract."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.errors import NotFound
from cessio.kernel.ids import lock_key
from cessio.receivables.models import (
    Dispute,
    Hold,
    Receivable,
    Remittance,
    RemittanceLine,
    RemittanceState,
    SetOff,
)


class RemittanceUnknown(NotFound):
    """There is no such remittance."""


def locked_remittance(session: Session, remittance_id: int) -> Remittance:
    """A remittance, locked until the transaction ends. Raises ``RemittanceUnknown``."""
    found = session.scalar(
        select(Remittance)
        .where(Remittance.id == remittance_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise RemittanceUnknown(
            "remittance_unknown", "there is no remittance {id}", id=remittance_id
        )
    return found


def lock_contract(session: Session, contract_id: int) -> None:
    """One assignment at a time per contract: the retention call depends on the balances."""
    session.execute(
        select(Contract.id).where(Contract.id == contract_id).with_for_update(key_share=True)
    )


def next_remittance_number(session: Session, contract_id: int) -> int:
    """The number after the contract's last remittance; the contract is locked meanwhile."""
    lock_contract(session, contract_id)
    last = session.scalar(
        select(func.max(Remittance.number)).where(Remittance.contract_id == contract_id)
    )
    return (last or 0) + 1


def last_line(session: Session, remittance_id: int) -> int:
    """The highest line number of a remittance; 0 without lines."""
    return (
        session.scalar(
            select(func.max(RemittanceLine.line)).where(
                RemittanceLine.remittance_id == remittance_id
            )
        )
        or 0
    )


def ids_of_lines(session: Session, remittance_id: int, lines: Collection[int]) -> list[int]:
    """The receivables of some lines of a remittance."""
    return list(session.scalars(
        select(RemittanceLine.receivable_id).where(
            RemittanceLine.remittance_id == remittance_id, RemittanceLine.line.in_(lines)
        )
    ))  # fmt: skip


class ReceivableUnknown(NotFound):
    """There is no such receivable."""


def locked_receivables(session: Session, receivable_ids: Collection[int]) -> dict[int, Receivable]:
    """Receivables by id, locked in id order. Raises ``ReceivableUnknown`` if one is not there."""
    rows = session.scalars(
        select(Receivable)
        .where(Receivable.id.in_(receivable_ids))
        .order_by(Receivable.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in rows}
    for receivable_id in receivable_ids:
        if receivable_id not in found:
            raise ReceivableUnknown(
                "receivable_unknown", "there is no receivable {id}", id=receivable_id
            )
    return found


def open_dispute_of(session: Session, receivable_id: int) -> Dispute | None:
    """The dispute of a receivable that has not ended."""
    return session.scalar(
        select(Dispute).where(Dispute.receivable_id == receivable_id, Dispute.ended_at.is_(None))
    )


def locked_dispute(session: Session, dispute_id: int) -> Dispute | None:
    """A dispute, locked."""
    return session.scalar(select(Dispute).where(Dispute.id == dispute_id).with_for_update())


def open_hold_of(session: Session, receivable_id: int, reason: str) -> Hold | None:
    """The hold of a receivable for a reason that has not ended."""
    return session.scalar(
        select(Hold).where(
            Hold.receivable_id == receivable_id, Hold.reason == reason, Hold.ended_at.is_(None)
        )
    )


def locked_hold(session: Session, hold_id: int) -> Hold | None:
    """A hold, locked."""
    return session.scalar(select(Hold).where(Hold.id == hold_id).with_for_update())


def locked_set_off(session: Session, set_off_id: int) -> SetOff | None:
    """A set-off, locked."""
    return session.scalar(select(SetOff).where(SetOff.id == set_off_id).with_for_update())


def accepted_since(session: Session, contract_id: int, *, since: datetime) -> int:
    """What was accepted by hand of a contract's client since an instant, of its invoices.

    Acceptances of one client come one after another from here on.
    """
    client_id = session.execute(
        select(Contract.client_id).where(Contract.id == contract_id)
    ).scalar_one()
    key = lock_key("remittances.accepted", client_id)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    entered = exists().where(
        RemittanceState.remittance_id == Remittance.id, RemittanceState.state == "assigned",
        RemittanceState.at >= since, RemittanceState.by.op("~")("^(person|token):"),
    )  # fmt: skip
    return int(session.scalar(
        select(func.coalesce(func.sum(Remittance.invoices_minor), 0))
        .join(Contract, Contract.id == Remittance.contract_id)
        .where(Contract.client_id == client_id, Remittance.state == "assigned", entered)
    ) or 0)  # fmt: skip
