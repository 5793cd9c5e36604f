"""Rows locked for a decision, in the order every operation takes them: remittance, contract."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.errors import NotFound
from cessio.receivables.models import Remittance


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
