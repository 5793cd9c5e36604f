"""Availabilities as they were kept at the end of each day: what pages draw the past from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, any_, func, literal, select, text
from sqlalchemy.orm import Session

from cessio.funding.models import AvailabilitySnapshot as Kept


@dataclass(frozen=True, slots=True)
class KeptDay:
    """A contract at the end of a day; names as in ``Availability``, minor units."""

    contract_id: int
    on: date
    outstanding_minor: int
    current_account_minor: int
    funds_in_use_minor: int
    drawings_net_minor: int
    retention_minor: int
    fundable_minor: int
    withheld_minor: int
    available_minor: int
    payable_minor: int
    facility_minor: int

    @property
    def facility_room_minor(self) -> int:
        """What the facility still allowed, as in ``Availability``."""
        return self.facility_minor - self.drawings_net_minor


@dataclass(frozen=True, slots=True)
class Lasting:
    """Since when a contract has been in each trouble, as far as days were kept; None: as today."""

    overdrawn: date | None
    over_facility: date | None
    over_limit: date | None
    concentrated: date | None


#: The last day without a trouble ends before it; a trouble of every kept day began by the first.
_LASTING = text("""
    SELECT contract_id,
           coalesce(max(day) FILTER (WHERE available_minor >= 0) + 1, min(day)),
           coalesce(max(day) FILTER (WHERE drawings_net_minor <= facility_minor) + 1, min(day)),
           coalesce(max(day) FILTER (WHERE NOT lines @> '[{"kind": "over_limit"}]') + 1, min(day)),
           coalesce(max(day) FILTER (WHERE NOT lines @> '[{"kind": "concentration"}]') + 1,
                    min(day))
      FROM availability_snapshot WHERE contract_id = ANY(:contracts) AND day >= :since
     GROUP BY contract_id
""")

#: A day nobody kept is of a time when there was no contract, or before figures were kept.
_MISSING = text("""
    SELECT days.day::date FROM generate_series(
        greatest(CAST(:first AS date), (SELECT min(greatest(starts_on, created_at::date))
                                          FROM contract)),
        CAST(:last AS date), interval '1 day') AS days (day)
     WHERE EXISTS (SELECT FROM contract)
       AND NOT EXISTS (SELECT FROM availability_snapshot AS kept WHERE kept.day = days.day::date)
     ORDER BY days.day DESC
""")


def kept_days(
    session: Session, *, contract_ids: Collection[int], since: date, until: date | None = None
) -> dict[int, tuple[KeptDay, ...]]:
    """The kept days of contracts, by contract, oldest first."""
    query = _kept().where(Kept.contract_id.in_(contract_ids), Kept.on >= since)
    if until is not None:
        query = query.where(Kept.on <= until)
    found: dict[int, list[KeptDay]] = {}
    for row in session.execute(query.order_by(Kept.contract_id, Kept.on)):
        found.setdefault(row[0], []).append(KeptDay(*row))
    return {contract: tuple(days) for contract, days in found.items()}


def last_kept(session: Session, *, before: date) -> date | None:
    """The last day before a date whose figures were kept."""
    return session.scalar(select(func.max(Kept.on)).where(Kept.on < before))


def kept_on(
    session: Session, *, on: date, contract_ids: Collection[int] | None = None
) -> dict[int, KeptDay]:
    """Every contract, or some, as kept on one day."""
    query = _kept().where(Kept.on == on)
    if contract_ids is not None:
        query = query.where(_among(contract_ids))
    return {row[0]: KeptDay(*row) for row in session.execute(query)}


def least_available(
    session: Session, *, on: date, limit: int, contract_ids: Collection[int] | None = None
) -> tuple[int, ...]:
    """The contracts that had least left at the end of a day: those to look at first."""
    room = func.least(Kept.available_minor, Kept.facility_minor - Kept.drawings_net_minor)
    query = select(Kept.contract_id).where(Kept.on == on).order_by(room).limit(limit)
    if contract_ids is not None:
        query = query.where(_among(contract_ids))
    return tuple(session.scalars(query))


def lasting(session: Session, *, contract_ids: Collection[int], since: date) -> dict[int, Lasting]:
    """Since when, at the earliest since a day, contracts are overdrawn, over limits and so on."""
    facts = {"contracts": list(contract_ids), "since": since}
    return {row[0]: Lasting(*row[1:]) for row in session.execute(_LASTING, facts)}


def missing_days(session: Session, *, last: date, most: int = 370) -> tuple[date, ...]:
    """Days whose figures nobody kept, latest first, within so many days before ``last``."""
    first = last - timedelta(days=most)
    return tuple(session.scalars(_MISSING, {"first": first, "last": last}))


def _among(contract_ids: Collection[int]) -> ColumnElement[bool]:
    """One of these contracts: one value bound, however many there are."""
    return Kept.contract_id == any_(literal([*contract_ids], ARRAY(BigInteger)))


def _kept() -> Select[*tuple[Any, ...]]:
    return select(
        Kept.contract_id, Kept.on, Kept.outstanding_minor, Kept.current_account_minor,
        Kept.funds_in_use_minor, Kept.drawings_net_minor, Kept.retention_minor,
        Kept.fundable_minor, Kept.withheld_minor, Kept.available_minor, Kept.payable_minor,
        Kept.facility_minor,
    )  # fmt: skip
