"""Deciding limits and answering requests. Cover follows in ``receivables.operations.limits``.

A decision is recorded, never edited: what it replaces is ended, with who, when and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from cessio import audit
from cessio.contracts import contract as contract_view
from cessio.kernel.calendar import add_business_days, business_date
from cessio.kernel.errors import Conflict, Invalid, NotFound, Problems
from cessio.kernel.money import MAX_MINOR
from cessio.kernel.rates import RATE_STEP
from cessio.limits.models import CreditLimit, LimitRequest
from cessio.limits.queries import locked, promises
from cessio.limits.rules import LimitAction, LimitKind, RequestAnswer, promised_days
from cessio.limits.telling import tell_answer


class RequestOpen(Conflict):
    """A request on that debtor waits for its answer already."""


class RequestAnswered(Conflict):
    """The request was answered before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLimit:
    """A decision to take: up to this much of a debtor, for one contract.

    An amount of zero refuses or cancels, and ends temporary limits with the permanent one.
    ``valid_from`` is today unless given. A temporary limit needs ``valid_to`` and stands beside
    the permanent one. ``cover_rate`` (quotité, a fraction) overrides the contract's.
    """

    contract_id: int
    debtor_id: int
    amount_minor: int
    kind: LimitKind = LimitKind.COVER
    is_temporary: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    cover_rate: Decimal | None = None
    insurer: str | None = None
    insurer_reference: str | None = None
    conditions: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A recorded decision, what it does to the permanent limit, and the decisions it ended."""

    limit_id: int
    action: LimitAction
    before_minor: int
    ended_ids: tuple[int, ...]


def record_limit(session: Session, *, limit: NewLimit, by: str, at: datetime) -> Decided:
    """Record a decision: grant, raise, reduce, renew, cancel or refuse.

    Raises ``Problems`` with everything that is wrong, ``ContractUnknown``, ``NotFound`` for the
    debtor. Reducing, cancelling and refusing need a reason.
    """
    today = business_date(at)
    contract = contract_view(session, limit.contract_id)
    if not locked.debtor_exists(session, limit.debtor_id):
        raise NotFound("debtor_unknown", "there is no debtor {id}", id=limit.debtor_id)
    locked.lock_pair(session, limit.contract_id, limit.debtor_id)
    valid_from = limit.valid_from or today
    standing = locked.replaceable(
        session, contract_id=limit.contract_id, debtor_id=limit.debtor_id, kind=limit.kind,
        after=valid_from,
    )  # fmt: skip
    before = next((r for r in standing if r.ended_at is None and not r.is_temporary), None)
    action = action_of(limit, None if before is None else before.amount_minor)
    faults = [*limit_faults(limit, today), *_reason_faults(limit, action)]
    if faults:
        raise Problems([*faults])
    ended = [] if limit.is_temporary else _end_replaced(
        standing, limit, action, on=valid_from, by=by, at=at
    )  # fmt: skip
    session.flush()
    row = CreditLimit(
        contract_id=limit.contract_id, debtor_id=limit.debtor_id, kind=limit.kind.value,
        amount_minor=limit.amount_minor, cover_rate=limit.cover_rate,
        is_temporary=limit.is_temporary, valid_from=valid_from, valid_to=limit.valid_to,
        insurer=limit.insurer, insurer_reference=limit.insurer_reference,
        conditions=limit.conditions, reason=limit.reason, decided_at=at, decided_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    before_minor = 0 if before is None else before.amount_minor
    audit.record(
        session, verb=f"{action}_limit", subject_kind="limit", subject_id=row.id,
        client_id=contract.client_id, why=limit.reason, by=by, at=at,
        before=None if before is None else {"amount_minor": before_minor},
        after=limit,
    )  # fmt: skip
    return Decided(row.id, action, before_minor, tuple(ended))


def end_limit(session: Session, *, limit_id: int, reason: str, by: str, at: datetime) -> None:
    """End one open decision today without replacing it: a temporary limit, a named funding limit.

    Without its permanent decision a debtor is not covered at all; without its funding decision
    the contract's rule holds again. Raises ``NotFound``, ``Invalid`` without a reason.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "say why the limit ends", field="reason")
    row = locked.open_limit(session, limit_id)
    if row is None:
        raise NotFound("limit_unknown", "limit {id} is not open", id=limit_id)
    _end(row, on=business_date(at), reason=reason, by=by, at=at)
    _audit_end(session, row, by=by, at=at)


def end_run_out(session: Session, *, on: date, by: str, at: datetime) -> tuple[int, ...]:
    """End the decisions whose validity is over, on the day after it; returns their ids."""
    ended = locked.run_out(session, on=on)
    for row in ended:
        if row.valid_to is not None:
            _end(row, on=row.valid_to + timedelta(days=1), reason="expired", by=by, at=at)
            _audit_end(session, row, by=by, at=at)
    return tuple(row.id for row in ended)


def ask_for_limit(
    session: Session, *, contract_id: int, debtor_id: int, amount_minor: int,
    comment: str | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """A client asks for cover on a debtor; returns the request's id.

    The answer is promised within the days of the band its amount reaches (``set_promises``).
    Raises ``RequestOpen`` while an earlier one on the pair waits, ``Invalid``, ``NotFound``.
    """
    contract = contract_view(session, contract_id)
    if not 0 < amount_minor <= MAX_MINOR:
        raise Invalid("amount_out_of_range", "ask for more than zero", field="amount_minor")
    if not locked.debtor_exists(session, debtor_id):
        raise NotFound("debtor_unknown", "there is no debtor {id}", id=debtor_id)
    locked.lock_pair(session, contract_id, debtor_id)
    if (waiting := locked.open_request(session, contract_id, debtor_id)) is not None:
        raise RequestOpen("request_open", "request {id} on this debtor is not answered yet",
                          id=waiting)  # fmt: skip
    days = promised_days((one.band for one in promises(session)), amount_minor)
    request = LimitRequest(
        contract_id=contract_id, debtor_id=debtor_id, amount_minor=amount_minor, comment=comment,
        asked_at=at, asked_by=by, answer_due_on=add_business_days(business_date(at), days),
    )  # fmt: skip
    session.add(request)
    session.flush()
    audit.record(
        session, verb="ask_for_limit", subject_kind="limit_request", subject_id=request.id,
        client_id=contract.client_id, why=comment, by=by, at=at,
        after={"debtor_id": debtor_id, "amount_minor": amount_minor},
    )  # fmt: skip
    return request.id


def answer_request(
    session: Session, *, request_id: int, answer: RequestAnswer, limit_id: int | None = None,
    reason: str | None = None, by: str, at: datetime,
) -> None:  # fmt: skip
    """Answer a request, with the decision it led to. Less than asked needs a reason.

    Raises ``RequestAnswered``, ``NotFound``, ``Invalid``.
    """
    request = locked.request_to_answer(session, request_id)
    if request is None:
        raise NotFound("request_unknown", "there is no limit request {id}", id=request_id)
    if request.answer is not None:
        raise RequestAnswered("request_answered", "this request was answered before")
    if answer is not RequestAnswer.GRANTED and not (reason or "").strip():
        raise Invalid("reason_missing", "say why not all of it is granted", field="reason")
    request.answer, request.answer_reason, request.limit_id = answer.value, reason, limit_id
    request.answered_at, request.answered_by = at, by
    contract = contract_view(session, request.contract_id)
    audit.record(
        session, verb="answer_request", subject_kind="limit_request", subject_id=request_id,
        client_id=contract.client_id, why=reason, by=by, at=at,
        before={"answer": None}, after={"answer": answer, "limit_id": limit_id},
    )  # fmt: skip
    tell_answer(session, request, contract, answer, reason=reason, by=by, at=at)


def action_of(limit: NewLimit, before_minor: int | None) -> LimitAction:
    """What a decision does to the permanent limit that stands (None: there is none)."""
    if limit.is_temporary or before_minor is None:
        return LimitAction.GRANT if limit.amount_minor else LimitAction.REFUSE
    if limit.amount_minor == 0:
        return LimitAction.CANCEL if before_minor else LimitAction.REFUSE
    if limit.amount_minor == before_minor:
        return LimitAction.RENEW
    if before_minor == 0:
        return LimitAction.GRANT
    return LimitAction.RAISE if limit.amount_minor > before_minor else LimitAction.REDUCE


def limit_faults(limit: NewLimit, today: date) -> Iterator[Invalid]:
    """Everything wrong with a decision but its reason."""
    valid_from = limit.valid_from or today
    if not 0 <= limit.amount_minor <= MAX_MINOR:
        yield Invalid("amount_out_of_range", "a limit is an amount from zero up",
                      field="amount_minor")  # fmt: skip
    if limit.is_temporary and (limit.valid_to is None or not limit.amount_minor):
        yield Invalid("temporary_limit_ends", "a temporary limit has an amount and an end",
                      field="valid_to")  # fmt: skip
    if limit.valid_to is not None and limit.valid_to < max(valid_from, today):
        yield Invalid("validity_over", "the validity ends before it starts, or is over",
                      field="valid_to")  # fmt: skip
    rate = limit.cover_rate
    if rate is not None and limit.kind is not LimitKind.COVER:
        yield Invalid("cover_rate_of_funding", "a funding limit has no cover rate",
                      field="cover_rate")  # fmt: skip
    elif rate is not None and not (rate.is_finite() and 0 <= rate <= 1):
        yield Invalid("rate_out_of_range", "{name} must be between {low} and {high}",
                      field="cover_rate", name="cover_rate", low=0, high=1)  # fmt: skip
    elif rate is not None and rate != rate.quantize(RATE_STEP):
        yield Invalid("rate_too_precise", "{name} has more than six decimals",
                      field="cover_rate", name="cover_rate")  # fmt: skip


def _reason_faults(limit: NewLimit, action: LimitAction) -> Iterator[Invalid]:
    needing = (LimitAction.REDUCE, LimitAction.CANCEL, LimitAction.REFUSE)
    if action in needing and not (limit.reason or "").strip():
        yield Invalid("reason_missing", "say why less is covered or funded", field="reason")


def _end_replaced(
    standing: list[CreditLimit], limit: NewLimit, action: LimitAction, *, on: date, by: str,
    at: datetime,
) -> list[int]:  # fmt: skip
    """End what a permanent decision replaces from a date on; returns the ids of what was open."""
    ended = []
    for row in standing:
        if row.is_temporary and limit.amount_minor:
            continue
        if row.ended_at is None:
            _end(row, on=on, reason=limit.reason or action.value, by=by, at=at)
            ended.append(row.id)
        else:  # it was to end later: by a decision to come, that this one precedes
            row.ended_on = on
    return ended


def _end(row: CreditLimit, *, on: date, reason: str, by: str, at: datetime) -> None:
    row.ended_at, row.ended_on, row.ended_by, row.end_reason = at, on, by, reason


def _audit_end(session: Session, row: CreditLimit, *, by: str, at: datetime) -> None:
    audit.record(
        session, verb="end_limit", subject_kind="limit", subject_id=row.id,
        client_id=contract_view(session, row.contract_id).client_id, why=row.end_reason, by=by,
        at=at, before={"ended_on": None}, after={"ended_on": row.ended_on},
    )  # fmt: skip
