"""Rows about to change, locked: decisions and requests of a pair."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.kernel.ids import lock_key
from cessio.limits.models import CreditLimit, LimitRequest
from cessio.limits.rules import LimitKind
from cessio.parties.models import Debtor


def debtor_exists(session: Session, debtor_id: int) -> bool:
    """Whether there is such a debtor."""
    return session.scalar(select(Debtor.id).where(Debtor.id == debtor_id)) is not None


def lock_pair(session: Session, contract_id: int, debtor_id: int) -> None:
    """Decisions on one pair come one after another, until the transaction ends."""
    key = lock_key("limit", contract_id, debtor_id)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def replaceable(
    session: Session, *, contract_id: int, debtor_id: int, kind: LimitKind, after: date
) -> list[CreditLimit]:
    """Decisions on a pair that still hold on a date or will: open, or ended later than it."""
    model = CreditLimit
    return list(
        session.scalars(
            select(model)
            .where(
                model.contract_id == contract_id, model.debtor_id == debtor_id,
                model.kind == kind.value, (model.ended_on.is_(None)) | (model.ended_on > after),
            )
            .order_by(model.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )  # fmt: skip


def run_out(session: Session, *, on: date) -> list[CreditLimit]:
    """Open decisions whose validity ended before a date, locked."""
    model = CreditLimit
    return list(
        session.scalars(
            select(model)
            .where(model.ended_at.is_(None), model.valid_to < on)
            .order_by(model.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def open_limit(session: Session, limit_id: int) -> CreditLimit | None:
    """A decision that was not ended, locked."""
    model = CreditLimit
    query = select(model).where(model.id == limit_id, model.ended_at.is_(None))
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def request_to_answer(session: Session, request_id: int) -> LimitRequest | None:
    """A request, locked."""
    query = select(LimitRequest).where(LimitRequest.id == request_id)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def open_request(session: Session, contract_id: int, debtor_id: int) -> int | None:
    """The request on a pair that waits for its answer."""
    model = LimitRequest
    return session.scalar(
        select(model.id).where(
            model.contract_id == contract_id, model.debtor_id == debtor_id,
            model.answer.is_(None),
        )
    )  # fmt: skip
