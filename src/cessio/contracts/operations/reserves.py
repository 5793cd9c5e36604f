"""Amounts withheld from a contract as a whole, and debtors it does not fund."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit, house
from cessio.contracts.models import ContractReserve, ExcludedDebtor
from cessio.contracts.operations.agreements import refuse_if_ended
from cessio.contracts.queries import agreements
from cessio.contracts.rules import ReserveKind
from cessio.house import Act
from cessio.kernel.calendar import business_date, start_of_day
from cessio.kernel.errors import Conflict, Invalid, NotFound, Problems
from cessio.kernel.money import MAX_MINOR


class AlreadyExcluded(Conflict):
    """The contract excludes that debtor already."""


def set_reserve(
    session: Session, *, contract_id: int, kind: ReserveKind, amount_minor: int, reason: str,
    by: str, at: datetime,
) -> int:  # fmt: skip
    """Withhold an amount from a contract's availability; returns the reserve's id.

    A contract may have several of one kind; another amount is a new reserve beside or instead.
    """
    faults = []
    if not 0 < amount_minor <= MAX_MINOR:
        faults.append(
            Invalid("amount_out_of_range", "a reserve is more than zero", field="amount_minor")
        )
    if not reason.strip():
        faults.append(Invalid("reason_missing", "say why it is withheld", field="reason"))
    if faults:
        raise Problems([*faults])
    row = agreements.locked(session, contract_id)
    reserve = ContractReserve(
        contract_id=contract_id, kind=kind.value, amount_minor=amount_minor, reason=reason,
        set_at=at, set_by=by,
    )  # fmt: skip
    session.add(reserve)
    session.flush()
    audit.record(
        session, verb="set_reserve", subject_kind="contract", subject_id=contract_id,
        client_id=row.client_id, why=reason, by=by, at=at,
        after={"reserve_id": reserve.id, "kind": kind, "amount_minor": amount_minor},
    )  # fmt: skip
    return reserve.id


def end_reserve(session: Session, *, reserve_id: int, reason: str, by: str, at: datetime) -> None:
    """Give a reserve back to the availability. Raises ``NotFound`` unless it is withheld now.

    What was given back to the client on the day counts with it against one's authority.
    """
    reserve = agreements.open_reserve(session, reserve_id)
    if reserve is None:
        raise NotFound("reserve_unknown", "reserve {id} is not withheld", id=reserve_id)
    contract = agreements.contract(session, reserve.contract_id)
    others = agreements.released_since(
        session, client_id=contract.client_id, currency=contract.currency,
        since=start_of_day(business_date(at)),
    )  # fmt: skip
    house.check_authority(
        session,
        act=Act.RELEASE_RESERVE,
        by=by,
        at=at,
        amount_minor=reserve.amount_minor + others,
        currency=contract.currency,
    )
    reserve.ended_at, reserve.ended_by = at, by
    audit.record(
        session, verb="end_reserve", subject_kind="contract", subject_id=reserve.contract_id,
        client_id=contract.client_id,
        before={"reserve_id": reserve_id, "kind": reserve.kind,
                "amount_minor": reserve.amount_minor},
        after={"reserve_id": None, "kind": None, "amount_minor": 0}, why=reason, by=by, at=at,
    )  # fmt: skip


def exclude_debtor(
    session: Session, *, contract_id: int, debtor_id: int, reason: str, by: str, at: datetime
) -> int:
    """Buy a debtor's invoices without funding them from now on; returns the exclusion's id.

    Raises ``AlreadyExcluded``, ``NotFound``, ``Invalid`` without a reason.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "say why the debtor is excluded", field="reason")
    row = agreements.locked(session, contract_id)
    refuse_if_ended(row)
    if not agreements.debtor_exists(session, debtor_id):
        raise NotFound("debtor_unknown", "there is no debtor {id}", id=debtor_id)
    if agreements.open_exclusion(session, contract_id, debtor_id) is not None:
        raise AlreadyExcluded(
            "debtor_already_excluded", "contract {reference} excludes this debtor already",
            reference=row.reference,
        )  # fmt: skip
    exclusion = ExcludedDebtor(
        contract_id=contract_id, debtor_id=debtor_id, reason=reason, since_at=at, since_by=by
    )
    session.add(exclusion)
    session.flush()
    audit.record(
        session, verb="exclude_debtor", subject_kind="contract", subject_id=contract_id,
        client_id=row.client_id, after={"debtor_id": debtor_id}, why=reason, by=by, at=at,
    )  # fmt: skip
    return exclusion.id


def end_exclusion(
    session: Session, *, contract_id: int, debtor_id: int, reason: str, by: str, at: datetime
) -> None:
    """Fund a debtor's invoices again. Raises ``NotFound`` unless it is excluded now."""
    row = agreements.locked(session, contract_id)
    exclusion = agreements.open_exclusion(session, contract_id, debtor_id)
    if exclusion is None:
        raise NotFound("exclusion_unknown", "this debtor is not excluded", debtor_id=debtor_id)
    exclusion.ended_at, exclusion.ended_by = at, by
    audit.record(
        session, verb="end_exclusion", subject_kind="contract", subject_id=contract_id,
        client_id=row.client_id, before={"debtor_id": debtor_id}, after={"debtor_id": None},
        why=reason, by=by, at=at,
    )  # fmt: skip
