"""Reading second factors, and who must have one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from cessio.audit.models import AuditEvent
from cessio.identity.models import (
    FactorRequirement,
    Passkey,
    Person,
    RecoveryCode,
    SecondFactor,
    SecondStep,
)
from cessio.identity.queries.views import FactorView
from cessio.identity.rules import Audience, Role
from cessio.identity.rules.second_factor import DEMONSTRATION


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody between the password and the second factor, of whatever kinds there are."""

    person_id: int
    name: str
    email: str
    language: str
    has_code: bool
    has_passkey: bool

    @property
    def enrols(self) -> bool:
        """Whether there is no factor yet, and one must be set up to get in."""
        return not (self.has_code or self.has_passkey)


def factor(session: Session, person_id: int) -> FactorView | None:
    """The authenticator application of a person, if there is one."""
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
    """The row of a person's application, locked."""
    return session.scalars(
        select(SecondFactor)
        .where(SecondFactor.person_id == person_id, SecondFactor.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def has_code() -> ColumnElement[bool]:
    """Of the person of a query: whether an application gives them codes."""
    return (
        select(SecondFactor.id)
        .where(SecondFactor.person_id == Person.id, SecondFactor.ended_at.is_(None))
        .exists()
    )


def has_passkey() -> ColumnElement[bool]:
    """Of the person of a query: whether they have a passkey."""
    return (
        select(Passkey.id)
        .where(Passkey.person_id == Person.id, Passkey.ended_at.is_(None))
        .exists()
    )


def with_factor(session: Session, person_ids: Collection[int]) -> frozenset[int]:
    """Those of some people who have a second factor, of whatever kind."""
    query = select(Person.id).where(Person.id.in_(person_ids), or_(has_code(), has_passkey()))
    return frozenset(session.scalars(query))


def factor_count(session: Session, person_id: int) -> int:
    """How many factors of a person stand besides the password."""
    codes, keys = (
        session.scalar(
            select(func.count()).where(kind.person_id == person_id, kind.ended_at.is_(None))
        )
        for kind in (SecondFactor, Passkey)
    )
    return (codes or 0) + (keys or 0)


def factor_required(session: Session, *, client_id: int) -> bool:
    """Whether a client lets none of its people in without."""
    query = select(FactorRequirement.id).where(
        FactorRequirement.client_id == client_id, FactorRequirement.ended_at.is_(None)
    )
    return session.scalar(query) is not None


def is_demonstration(session: Session) -> bool:
    """Whether this book is the demonstration's, whose people and passwords are known to all.

    It wears the mark from its first second; nothing puts the mark on a book with data of its own.
    """
    mark = select(AuditEvent.id).where(AuditEvent.subject_kind == DEMONSTRATION)
    return session.scalar(select(mark.exists())) is True


def must_have(session: Session, person_id: int) -> bool:
    """Whether somebody is let in by no password alone: staff, who signs, who is asked to."""
    asked = select(FactorRequirement.id).where(
        FactorRequirement.ended_at.is_(None), FactorRequirement.client_id == Person.client_id
    )
    mark = select(AuditEvent.id).where(AuditEvent.subject_kind == DEMONSTRATION)
    always = and_(
        or_(Person.audience == Audience.STAFF, Person.role == Role.SIGNATORY), ~mark.exists()
    )
    query = select(Person.id).where(Person.id == person_id, or_(asked.exists(), always))
    return session.scalar(query) is not None


def owes_second_step(session: Session, person_id: int) -> bool:
    """Whether a right password is not enough: there is a factor, or must be one."""
    return bool(with_factor(session, [person_id])) or must_have(session, person_id)


def live_step(session: Session, token_hash: bytes, at: datetime) -> Step | None:
    """Who gave the right password a moment ago, and which factors they have to prove."""
    row = session.execute(
        select(Person.id, Person.name, Person.email, Person.language, has_code(), has_passkey())
        .join(SecondStep, SecondStep.person_id == Person.id)
        .where(
            SecondStep.token_hash == token_hash,
            SecondStep.ended_at.is_(None),
            SecondStep.expires_at > at,
            Person.disabled_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else Step(*row)
