"""Reading second factors, and who must have one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from cessio.identity.models import (
    FactorRequirement,
    Person,
    RecoveryCode,
    SecondFactor,
    SecondStep,
)
from cessio.identity.queries.views import FactorView
from cessio.identity.rules import Audience


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody between the password and the code; ``enrols`` when there is no factor yet."""

    person_id: int
    name: str
    email: str
    language: str
    enrols: bool


def factor(session: Session, person_id: int) -> FactorView | None:
    """The second factor of a person, if there is one."""
    left = func.count(RecoveryCode.id)
    row = session.execute(
        select(SecondFactor.set_at, left)
        .outerjoin(
            RecoveryCode,
            and_(RecoveryCode.factor_id == SecondFactor.id, RecoveryCode.used_at.is_(None),
                 RecoveryCode.ended_at.is_(None)),
        )
        .where(SecondFactor.person_id == person_id, SecondFactor.ended_at.is_(None))
        .group_by(SecondFactor.id)
    ).one_or_none()  # fmt: skip
    return None if row is None else FactorView(row[0], row[1])


def open_factor(session: Session, person_id: int) -> SecondFactor | None:
    """The row of a person's second factor, locked."""
    return session.scalars(
        select(SecondFactor)
        .where(SecondFactor.person_id == person_id, SecondFactor.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def with_factor(session: Session, person_ids: Collection[int]) -> frozenset[int]:
    """Those of some people who have a second factor."""
    query = select(SecondFactor.person_id).where(
        SecondFactor.person_id.in_(person_ids), SecondFactor.ended_at.is_(None)
    )
    return frozenset(session.scalars(query))


def factor_required(session: Session, *, client_id: int | None) -> bool:
    """Whether a client, or without one the house for its staff, lets nobody in without."""
    query = select(FactorRequirement.id).where(
        FactorRequirement.client_id.is_not_distinct_from(client_id),
        FactorRequirement.ended_at.is_(None),
    )
    return session.scalar(query) is not None


def owes_second_step(session: Session, person_id: int) -> bool:
    """Whether a right password is not enough: there is a factor, or must be one."""
    required = select(FactorRequirement.id).where(
        FactorRequirement.ended_at.is_(None),
        or_(
            FactorRequirement.client_id == Person.client_id,
            and_(FactorRequirement.client_id.is_(None), Person.audience == Audience.STAFF),
        ),
    )
    has = select(SecondFactor.id).where(
        SecondFactor.person_id == Person.id, SecondFactor.ended_at.is_(None)
    )
    query = select(Person.id).where(Person.id == person_id, or_(has.exists(), required.exists()))
    return session.scalar(query) is not None


def live_step(session: Session, token_hash: bytes, at: datetime) -> Step | None:
    """Who gave the right password a moment ago, and whether they have a factor to prove."""
    row = session.execute(
        select(Person.id, Person.name, Person.email, Person.language, SecondFactor.id)
        .join(SecondStep, SecondStep.person_id == Person.id)
        .outerjoin(
            SecondFactor,
            and_(SecondFactor.person_id == Person.id, SecondFactor.ended_at.is_(None)),
        )
        .where(
            SecondStep.token_hash == token_hash,
            SecondStep.ended_at.is_(None),
            SecondStep.expires_at > at,
            Person.disabled_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else Step(row[0], row[1], row[2], row[3], row[4] is None)
