"""Reading whose right to decide is lent to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from cessio.identity.models import Delegation, Person
from cessio.identity.rules import NO_DEPUTIES, Permission, Role, may
from cessio.kernel.errors import NotFound

_LENDER, _DEPUTY = aliased(Person), aliased(Person)


@dataclass(frozen=True, slots=True)
class DelegationView:
    """What one lends another; ``permissions`` are those the lender still holds."""

    id: int
    lender_id: int
    lender: str
    lender_role: Role
    deputy_id: int
    deputy: str
    permissions: tuple[Permission, ...]
    up_to_minor: int | None
    from_on: date
    to_on: date
    reason: str
    given_at: datetime
    given_by: str
    ended_at: datetime | None
    ended_by: str | None

    def holds(self, on: date) -> bool:
        """Whether it may be used on a day."""
        return self.ended_at is None and self.from_on <= on <= self.to_on

    def allows(self, amount_minor: int) -> bool:
        """Whether such an amount is within it."""
        return self.up_to_minor is None or amount_minor <= self.up_to_minor


def lent_to(session: Session, person_id: int, on: date) -> tuple[DelegationView, ...]:
    """What is lent to somebody on a day by those who still have it, the oldest first."""
    return _in_force(session, on, Delegation.deputy_id == person_id)


def loans(on: date) -> ColumnElement[Any]:
    """Beside a ``Person`` in a query: the lender's role and the permissions of each to them."""
    told = func.jsonb_agg(func.jsonb_build_array(_LENDER.role, Delegation.permissions))
    return (
        select(told)
        .select_from(Delegation)
        .join(_LENDER, _LENDER.id == Delegation.lender_id)
        .join(_DEPUTY, _DEPUTY.id == Delegation.deputy_id)
        .where(Delegation.deputy_id == Person.id, *_usable(on))
        .correlate(Person)
        .scalar_subquery()
    )


def lent_by(found: Sequence[tuple[str, Sequence[str]]] | None) -> frozenset[Permission]:
    """The permissions of such loans: of each those that its lender still holds."""
    return frozenset(name for role, names in found or () for name in _held(role, names))


def lent(session: Session, permission: Permission, on: date) -> tuple[DelegationView, ...]:
    """Every delegation of a permission that may be used on a day."""
    return tuple(one for one in _in_force(session, on) if permission in one.permissions)


def delegation(session: Session, delegation_id: int) -> DelegationView:
    """One delegation. Raises ``NotFound``."""
    found = _views(session, Delegation.id == delegation_id)
    if not found:
        raise NotFound("delegation_unknown", "There is no such delegation")
    return found[0]


def delegations(session: Session, *, limit: int = 200) -> tuple[DelegationView, ...]:
    """Every delegation, the last day first."""
    return _views(session, limit=limit)


def delegation_row(session: Session, delegation_id: int) -> Delegation | None:
    """Its row, locked."""
    return session.get(Delegation, delegation_id, with_for_update=True, populate_existing=True)


def _usable(on: date) -> tuple[ColumnElement[bool], ...]:
    """What makes a delegation count on a day, beside its lender and its deputy."""
    return (
        Delegation.ended_at.is_(None), Delegation.from_on <= on, Delegation.to_on >= on,
        _LENDER.disabled_at.is_(None), _DEPUTY.disabled_at.is_(None),
        _DEPUTY.role.not_in([role.value for role in NO_DEPUTIES]),
    )  # fmt: skip


def _held(role: str, names: Iterable[str]) -> tuple[Permission, ...]:
    return tuple(Permission(name) for name in names if may(role, Permission(name)))


def _in_force(
    session: Session, on: date, *conditions: ColumnElement[bool]
) -> tuple[DelegationView, ...]:
    found = _views(session, *conditions, *_usable(on))
    return tuple(sorted((one for one in found if one.permissions), key=lambda one: one.id))


def _views(
    session: Session, *conditions: ColumnElement[bool], limit: int | None = None
) -> tuple[DelegationView, ...]:
    query = (
        select(Delegation, _LENDER.name, _LENDER.role, _DEPUTY.name)
        .join(_LENDER, _LENDER.id == Delegation.lender_id)
        .join(_DEPUTY, _DEPUTY.id == Delegation.deputy_id)
        .where(*conditions)
        .order_by(Delegation.to_on.desc(), Delegation.id.desc())
        .limit(limit)
    )
    return tuple(
        DelegationView(
            row.id, row.lender_id, lender, Role(role), row.deputy_id, deputy,
            _held(role, row.permissions),
            row.up_to_minor, row.from_on, row.to_on, row.reason, row.given_at, row.given_by,
            row.ended_at, row.ended_by,
        )
        for row, lender, role, deputy in session.execute(query)
    )  # fmt: skip
