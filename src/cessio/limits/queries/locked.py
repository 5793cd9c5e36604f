"""Rows about to change, locked: decisions and requests of a pair."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.ids import lock_key
from cessio.limits.models import (
    AnswerPromise,
    CreditLimit,
    GroupLimit,
    LimitProposal,
    LimitRequest,
)
from cessio.limits.rules import LimitKind, PromiseBand
from cessio.parties.models import Company, Debtor


def debtor_exists(session: Session, debtor_id: int) -> bool:
    """Whether there is such a debtor."""
    return session.scalar(select(Debtor.id).where(Debtor.id == debtor_id)) is not None


def decided_lately(
    session: Session, *, debtor_id: int, kind: LimitKind, currency: str, since: datetime,
    but_contract: int, permanent: bool,
) -> int:  # fmt: skip
    """What stands on a debtor by decisions since an instant, under any contract in a currency.

    Under ``but_contract`` the permanent one is left out where a permanent one replaces it.
    Decisions on one debtor come one after another from here on.
    """
    key = lock_key("limit.debtor", debtor_id)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    replaced = (CreditLimit.contract_id == but_contract) & CreditLimit.is_temporary.is_(False)
    query = (
        select(func.coalesce(func.sum(CreditLimit.amount_minor), 0))
        .join(Contract, Contract.id == CreditLimit.contract_id)
        .where(
            CreditLimit.debtor_id == debtor_id, CreditLimit.kind == kind.value,
            CreditLimit.ended_at.is_(None), CreditLimit.decided_at >= since,
            Contract.currency == currency,
        )
    )  # fmt: skip
    if permanent:
        query = query.where(~replaced)
    return int(session.scalar(query) or 0)


def lock_pair(session: Session, contract_id: int, debtor_id: int) -> None:
    """Decisions on one pair come one after another, until the transaction ends.

    So do those on the companies of one group: what its caps leave is read after the one before.
    """
    group_id = session.scalar(
        select(Company.group_id).join(Debtor, Debtor.company_id == Company.id)
        .where(Debtor.id == debtor_id)
    )  # fmt: skip
    if group_id is not None:
        lock_group(session, group_id)
    key = lock_key("limit", contract_id, debtor_id)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def lock_group(session: Session, group_id: int) -> None:
    """Caps over a group and decisions on its companies come one after another."""
    session.execute(select(func.pg_advisory_xact_lock(lock_key("group limits", group_id))))


def lock_promises(session: Session) -> None:
    """Answer times are set by one after another, until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(lock_key("answer promises"))))


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


def open_proposal(
    session: Session, contract_id: int, debtor_id: int, kind: LimitKind
) -> LimitProposal | None:
    """The decision on a pair that waits for a second person, locked."""
    model = LimitProposal
    query = select(model).where(
        model.contract_id == contract_id, model.debtor_id == debtor_id,
        model.kind == kind.value, model.ended_at.is_(None),
    )  # fmt: skip
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def proposal_to_end(session: Session, proposal_id: int) -> LimitProposal | None:
    """A proposal that nobody decided yet, locked."""
    model = LimitProposal
    query = select(model).where(model.id == proposal_id, model.ended_at.is_(None))
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def open_group_limit(
    session: Session, *, group_id: int, contract_id: int | None, kind: LimitKind, currency: str
) -> GroupLimit | None:
    """The cap of a kind and scope that was not ended, locked."""
    model = GroupLimit
    query = select(model).where(
        model.group_id == group_id, model.kind == kind.value, model.currency == currency,
        model.contract_id.is_not_distinct_from(contract_id), model.ended_at.is_(None),
    )  # fmt: skip
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def group_limit_to_end(session: Session, limit_id: int) -> GroupLimit | None:
    """A cap that was not ended, locked."""
    model = GroupLimit
    query = select(model).where(model.id == limit_id, model.ended_at.is_(None))
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def replace_promises(
    session: Session, bands: Sequence[PromiseBand], *, by: str, at: datetime
) -> None:
    """End the answer times in force and put these in their place."""
    model = AnswerPromise
    session.execute(update(model).where(model.ended_at.is_(None)).values(ended_at=at, ended_by=by))
    session.add_all(
        model(from_minor=band.from_minor, business_days=band.business_days, set_at=at, set_by=by)
        for band in bands
    )
    session.flush()
