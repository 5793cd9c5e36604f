"""Decisions and requests, as they were made: open ones, their history, what needs watching."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.contracts.queries import terms_of_all
from cessio.contracts.rules import Terms
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import NotFound
from cessio.limits.models import (
    ApprovalNotice,
    CoverPosition,
    CreditLimit,
    EndingNotice,
    LimitRequest,
)
from cessio.limits.rules import LimitDecision, LimitKind, RequestAnswer, UnusedApproval
from cessio.limits.rules import unused_approval as judge_unused
from cessio.parties.models import Company, Debtor


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One decision with everything that was said about it."""

    id: int
    contract_id: int
    contract_reference: str
    client_id: int
    currency: str
    debtor_id: int
    debtor_name: str
    kind: LimitKind
    amount_minor: int
    cover_rate: Decimal | None
    is_temporary: bool
    valid_from: date
    valid_to: date | None
    insurer: str | None
    insurer_reference: str | None
    conditions: str | None
    reason: str | None
    decided_at: datetime
    decided_by: str
    ended_at: datetime | None
    ended_on: date | None
    ended_by: str | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A client's request for cover on a debtor, and its answer if it has one."""

    id: int
    contract_id: int
    contract_reference: str
    client_id: int
    currency: str
    debtor_id: int
    debtor_name: str
    amount_minor: int
    comment: str | None
    asked_at: datetime
    asked_by: str
    answer_due_on: date
    answer: RequestAnswer | None
    answered_at: datetime | None
    answered_by: str | None
    answer_reason: str | None
    limit_id: int | None


@dataclass(frozen=True, slots=True)
class IdleApproval:
    """A cover limit nothing has used lately, when it would lapse, and what is due about it.

    ``noticed_for`` is the cancellation date the client was told of for this idle time, if any.
    """

    limit_id: int
    contract_id: int
    client_id: int
    debtor_id: int
    debtor_name: str
    amount_minor: int
    currency: str
    last_used_on: date
    cancels_on: date
    noticed_for: date | None
    noticed_at: datetime | None
    verdict: UnusedApproval


@dataclass(frozen=True, slots=True)
class EndingLimit:
    """A limit that ends soon, and when its client was told of that day (None: not yet)."""

    limit: LimitRow
    ends_on: date
    told_at: datetime | None

    def tell_on(self, notice_days: int) -> date:
        """The day the client is told."""
        return self.ends_on - timedelta(days=notice_days)


def limit_history(
    session: Session, *, contract_id: int, debtor_id: int, kind: LimitKind | None = None
) -> tuple[LimitRow, ...]:
    """Every decision on a pair, latest first."""
    query = _limits().where(
        CreditLimit.contract_id == contract_id, CreditLimit.debtor_id == debtor_id
    )
    if kind is not None:
        query = query.where(CreditLimit.kind == kind.value)
    return _limit_rows(session, query.order_by(CreditLimit.id.desc()))


def debtor_history(session: Session, *, debtor_id: int, most: int = 20) -> tuple[LimitRow, ...]:
    """The latest decisions on a debtor over all contracts."""
    query = _limits().where(CreditLimit.debtor_id == debtor_id)
    return _limit_rows(session, query.order_by(CreditLimit.id.desc()).limit(most))


def open_limits(
    session: Session, *, contract_id: int | None = None, client_id: int | None = None,
    debtor_id: int | None = None,
) -> tuple[LimitRow, ...]:  # fmt: skip
    """Decisions that were not ended, by debtor's name; those to come included."""
    query = _limits().where(CreditLimit.ended_at.is_(None))
    if contract_id is not None:
        query = query.where(CreditLimit.contract_id == contract_id)
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    if debtor_id is not None:
        query = query.where(CreditLimit.debtor_id == debtor_id)
    return _limit_rows(session, query.order_by(Company.name, CreditLimit.kind, CreditLimit.id))


def expiring_limits(
    session: Session, *, on: date, within_days: int = 30, client_id: int | None = None
) -> tuple[LimitRow, ...]:
    """Open limits whose validity ends from today to so many days on, the soonest first."""
    last = on + timedelta(days=within_days)
    query = _limits().where(
        CreditLimit.ended_at.is_(None), CreditLimit.valid_to.between(on, last)
    )  # fmt: skip
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    return _limit_rows(session, query.order_by(CreditLimit.valid_to, CreditLimit.id))


def ending_limits(
    session: Session, *, on: date, within_days: int = 30, client_id: int | None = None
) -> tuple[EndingLimit, ...]:
    """Open limits that end within so many days, with the notice given of it."""
    rows = expiring_limits(session, on=on, within_days=within_days, client_id=client_id)
    model = EndingNotice
    told = {
        (limit_id, ends_on): at
        for limit_id, ends_on, at in session.execute(
            select(model.limit_id, model.ends_on, model.noticed_at).where(
                model.limit_id.in_([row.id for row in rows])
            )
        )
    }
    return tuple(
        EndingLimit(row, row.valid_to, told.get((row.id, row.valid_to)))
        for row in rows
        if row.valid_to is not None
    )


def requests(
    session: Session, *, contract_id: int | None = None, client_id: int | None = None,
    debtor_id: int | None = None, open_only: bool = False, limit: int = 200,
) -> tuple[RequestRow, ...]:  # fmt: skip
    """Requests, those to be answered first in the order they are due, then the latest answered."""
    query = request_rows().limit(limit)
    if contract_id is not None:
        query = query.where(LimitRequest.contract_id == contract_id)
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    if debtor_id is not None:
        query = query.where(LimitRequest.debtor_id == debtor_id)
    if open_only:
        query = query.where(LimitRequest.answer.is_(None))
    return tuple(request_row(*row) for row in session.execute(query))


def request(session: Session, request_id: int) -> RequestRow:
    """One request. Raises ``NotFound``."""
    row = session.execute(request_rows().where(LimitRequest.id == request_id)).one_or_none()
    if row is None:
        raise NotFound("request_unknown", "there is no limit request {id}", id=request_id)
    return request_row(*row)


def idle_approvals(
    session: Session, *, on: date, client_id: int | None = None
) -> tuple[IdleApproval, ...]:
    """Approvals that are to be announced as unused, or cancelled, on a date.

    An approval is used while it covers something; else since its last assignment, or since it was
    decided. A contract without ``auto_cancel_unused_approval_days`` has none.
    """
    terms = terms_of_all(session, on)
    found: list[IdleApproval] = []
    least = min(
        (
            days - one.unused_approval_notice_days
            for one in (*terms.values(), Terms())
            if (days := one.auto_cancel_unused_approval_days) is not None
        ),
        default=None,
    )
    if least is None:
        return ()
    used = func.greatest(CreditLimit.valid_from, CoverPosition.last_assigned_on)
    query = _approvals(on).where(used <= on - timedelta(days=least))  # nobody speaks of others yet
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    if all(one.auto_cancel_unused_approval_days is None
           or one.auto_cancel_unused_approval_days > one.unused_approval_notice_days
           for one in (*terms.values(), Terms())):  # fmt: skip
        covers = func.coalesce(CoverPosition.covered_minor, 0)
        query = query.where(covers <= 0)  # what is used today is far from its notice
    for row, owner_id, currency, name, position, noticed_for, noticed_at in session.execute(query):
        contract_terms = terms.get(row.contract_id, Terms())
        days = contract_terms.auto_cancel_unused_approval_days
        if days is None:
            continue
        last_used = _last_used(row, position, on)
        verdict = judge_unused(contract_terms, last_used_on=last_used, on=on)
        if verdict is UnusedApproval.KEEP:
            continue
        lapses = last_used + timedelta(days=days)
        told = noticed_for if noticed_for and noticed_for >= lapses else None
        earliest = on + timedelta(days=contract_terms.unused_approval_notice_days)
        cancels_on = told or max(lapses, earliest)
        verdict = UnusedApproval.CANCEL if told and on >= told else UnusedApproval.NOTIFY
        found.append(
            IdleApproval(row.id, row.contract_id, owner_id, row.debtor_id, name,
                         row.amount_minor, currency, last_used, cancels_on, told,
                         noticed_at if told else None, verdict)
        )  # fmt: skip
    return tuple(found)


def decisions(
    session: Session, *, contract_id: int, debtor_id: int, kind: LimitKind
) -> tuple[LimitDecision, ...]:
    """The decisions on a pair as facts for ``rules.limit_in_force``."""
    model = CreditLimit
    rows = session.scalars(
        select(model)
        .where(
            model.contract_id == contract_id, model.debtor_id == debtor_id,
            model.kind == kind.value,
        )
        .order_by(model.id)
    )  # fmt: skip
    return tuple(
        LimitDecision(row.amount_minor, row.valid_from, row.valid_to, row.ended_on,
                      row.is_temporary)
        for row in rows
    )  # fmt: skip


@cache
def _limits() -> Select[CreditLimit, str, int, str, str]:
    return (
        select(CreditLimit, Contract.reference, Contract.client_id, Contract.currency, Company.name)
        .join(Contract, Contract.id == CreditLimit.contract_id)
        .join(Debtor, Debtor.id == CreditLimit.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
    )


def _limit_rows(
    session: Session, query: Select[CreditLimit, str, int, str, str]
) -> tuple[LimitRow, ...]:
    return tuple(
        LimitRow(
            row.id, row.contract_id, reference, client_id, currency, row.debtor_id, name,
            LimitKind(row.kind), row.amount_minor, row.cover_rate, row.is_temporary,
            row.valid_from, row.valid_to, row.insurer, row.insurer_reference, row.conditions,
            row.reason, row.decided_at, row.decided_by, row.ended_at, row.ended_on, row.ended_by,
            row.end_reason,
        )
        for row, reference, client_id, currency, name in session.execute(query)
    )  # fmt: skip


@cache
def request_rows() -> Select[LimitRequest, str, int, str, str]:
    """Requests, those to be answered first; each as ``request_row`` reads it."""
    model = LimitRequest
    return (
        select(model, Contract.reference, Contract.client_id, Contract.currency, Company.name)
        .join(Contract, Contract.id == model.contract_id)
        .join(Debtor, Debtor.id == model.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .order_by(model.answered_at.desc().nulls_first(), model.answer_due_on, model.id)
    )


def request_row(
    row: LimitRequest, reference: str, client_id: int, currency: str, debtor_name: str
) -> RequestRow:
    """A row of ``request_rows`` as people read it."""
    return RequestRow(
        row.id, row.contract_id, reference, client_id, currency, row.debtor_id, debtor_name,
        row.amount_minor, row.comment, row.asked_at, row.asked_by, row.answer_due_on,
        RequestAnswer(row.answer) if row.answer else None, row.answered_at, row.answered_by,
        row.answer_reason, row.limit_id,
    )  # fmt: skip


def _approvals(
    on: date,
) -> Select[CreditLimit, int, str, str, CoverPosition, date | None, datetime | None]:
    model, position = CreditLimit, CoverPosition
    notices = select(
        ApprovalNotice.limit_id, func.max(ApprovalNotice.cancels_on).label("cancels_on"),
        func.max(ApprovalNotice.noticed_at).label("noticed_at"),
    ).group_by(ApprovalNotice.limit_id)  # fmt: skip
    noticed = notices.subquery()
    return (
        select(
            model, Contract.client_id, Contract.currency, Company.name, position,
            noticed.c.cancels_on, noticed.c.noticed_at,
        )
        .outerjoin(noticed, noticed.c.limit_id == model.id)
        .join(Contract, Contract.id == model.contract_id)
        .join(Debtor, Debtor.id == model.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .outerjoin(
            position,
            (position.contract_id == model.contract_id) & (position.debtor_id == model.debtor_id),
        )
        .where(
            model.kind == LimitKind.COVER.value, model.ended_at.is_(None), model.amount_minor > 0,
            model.is_temporary.is_(False), model.valid_from <= on,
            text("(credit_limit.valid_to IS NULL OR credit_limit.valid_to >= :on)"),
        )
        .order_by(model.id)
        .params(on=on)
    )  # fmt: skip


def _last_used(row: CreditLimit, position: CoverPosition | None, on: date) -> date:
    if position is not None and position.covered_minor > 0:
        return on
    used = [row.valid_from, business_date(row.decided_at)]
    if position is not None and position.last_assigned_on is not None:
        used.append(position.last_assigned_on)
    return max(used)
