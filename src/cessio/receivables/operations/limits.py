"""Limit decisions with what they do to the cover of the invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from cessio import house
from cessio.contracts import contract as contract_view
from cessio.contracts.queries import terms_in_force
from cessio.contracts.rules import Terms
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Problems
from cessio.limits import operations as limits
from cessio.limits import queries as limit_queries
from cessio.limits.operations import Decided, NewLimit
from cessio.limits.queries import funding_by_rule, locked
from cessio.limits.rules import (
    LimitDecision,
    LimitKind,
    RequestAnswer,
    UnusedApproval,
    limit_in_force,
    with_decision,
)
from cessio.limits.rules import preview_limit as preview_cover
from cessio.receivables.bulk.cover import CoverChange, recompute_cover, recompute_stale
from cessio.receivables.queries import cover as cover_queries


@dataclass(frozen=True, slots=True)
class LimitDecided:
    """A decision taken and the cover that moved with it."""

    decided: Decided
    cover: CoverChange


@dataclass(frozen=True, slots=True)
class InvoiceChange:
    """An invoice that gains or loses cover."""

    receivable_id: int
    number: str
    debtor_id: int
    due_date: date
    open_minor: int
    before_minor: int
    after_minor: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A debtor's limits and their use, before or after a decision.

    ``funding_minor`` and ``funding_room_minor`` are None when funding is unlimited; the room is
    the funding limit less what the debtor owes.
    """

    limit_minor: int
    covered_minor: int
    queued_minor: int
    funding_minor: int | None
    funding_room_minor: int | None


@dataclass(frozen=True, slots=True)
class LimitPreview:
    """What a decision would do on the day it takes effect, with today's invoices."""

    effective_on: date
    before: Standing
    after: Standing
    changes: tuple[InvoiceChange, ...]


@dataclass(frozen=True, slots=True)
class Expired:
    """The decisions that ran out, and the cover that moved with them."""

    limit_ids: tuple[int, ...]
    cover: CoverChange


def decide_limit(session: Session, *, limit: NewLimit, by: str, at: datetime) -> LimitDecided:
    """Record a decision and move the cover of the debtor's invoices with it.

    When the limit is cut, invoices covered until then keep their cover if the contract says so
    (``cover_reduction_mode``). Raises what ``limits.record_limit`` raises.
    """
    if limit.amount_minor:
        house.check_authority(session, act=house.Act.GRANT_LIMIT, by=by, at=at,
                              amount_minor=with_splits(session, limit=limit, at=at))  # fmt: skip
    decided = limits.record_limit(session, limit=limit, by=by, at=at)
    return LimitDecided(decided, _moved(session, limit.contract_id, limit.debtor_id, at))


def with_splits(session: Session, *, limit: NewLimit, at: datetime) -> int:
    """What somebody decides on a debtor with this: what was decided lately counts with it.

    Otherwise an amount beyond one's authority is granted in parts, by contract or by temporary
    limits.
    """
    contract = contract_view(session, limit.contract_id)
    since = at - timedelta(days=house.LIMIT_SPLIT_DAYS)
    return limit.amount_minor + locked.decided_lately(
        session, debtor_id=limit.debtor_id, kind=limit.kind, currency=contract.currency,
        since=since, but_contract=limit.contract_id, permanent=not limit.is_temporary,
    )  # fmt: skip


def end_limit(
    session: Session, *, limit_id: int, reason: str, by: str, at: datetime
) -> CoverChange:
    """End one open decision today and move cover with it; see ``limits.end_limit``."""
    limits.end_limit(session, limit_id=limit_id, reason=reason, by=by, at=at)
    return recompute_stale(session, on=business_date(at), at=at)


def answer_limit_request(
    session: Session, *, request_id: int, limit: NewLimit, by: str, at: datetime
) -> LimitDecided:
    """Decide on what a client asked for and answer its request with the decision.

    ``limit`` names the request's contract and debtor; the amount tells the answer: all, part or
    nothing. Raises what ``decide_limit`` and ``limits.answer_request`` raise.
    """
    asked = limit_queries.request(session, request_id)
    if (limit.contract_id, limit.debtor_id) != (asked.contract_id, asked.debtor_id):
        raise Conflict("request_of_another_pair", "request {id} is about another debtor",
                       id=request_id)  # fmt: skip
    answer = RequestAnswer.GRANTED if limit.amount_minor >= asked.amount_minor else (
        RequestAnswer.PARTLY if limit.amount_minor else RequestAnswer.REFUSED
    )  # fmt: skip
    done = decide_limit(session, limit=limit, by=by, at=at)
    limits.answer_request(
        session, request_id=request_id, answer=answer, limit_id=done.decided.limit_id,
        reason=limit.reason, by=by, at=at,
    )  # fmt: skip
    return done


def preview_limit(session: Session, *, limit: NewLimit, on: date) -> LimitPreview:
    """What ``decide_limit`` would do, without doing it: invoices that gain or lose cover, room.

    A decision that starts later is shown on its day. Raises ``Problems``, ``ContractUnknown``.
    """
    contract_view(session, limit.contract_id)
    faults = list(limits.limit_faults(limit, on))
    if faults:
        raise Problems([*faults])
    starts = max(on, limit.valid_from or on)
    pair = {"contract_id": limit.contract_id, "debtor_id": limit.debtor_id}
    terms = terms_in_force(session, limit.contract_id, starts)
    cover, cover_after = _covers(session, limit, starts, terms)
    funding, funding_after = _fundings(session, limit, starts)
    applied = cover_queries.applied_limit(session, **pair)
    invoices = cover_queries.cover_invoices(session, **pair)
    effect = preview_cover(
        invoices, before_minor=cover if applied is None else applied, after_minor=cover_after,
        order_key=terms.cover_order_key, mode=terms.cover_reduction_mode,
    )  # fmt: skip
    owed = cover_queries.outstanding(session, **pair)
    coverable = sum(invoice.coverable_minor for invoice in invoices)
    by_id = {invoice.receivable_id: invoice for invoice in invoices}
    changes = tuple(
        InvoiceChange(
            change.receivable_id, change.number, limit.debtor_id,
            by_id[change.receivable_id].due_date, by_id[change.receivable_id].open_minor,
            change.before_minor, change.after_minor,
        )
        for change in effect.changes
    )  # fmt: skip
    return LimitPreview(
        effective_on=starts,
        before=_standing(terms, effect.before.limit_minor, effect.before.covered_minor,
                         coverable, funding, owed),
        after=_standing(terms, cover_after, effect.after.covered_minor, coverable,
                        funding_after, owed),
        changes=changes,
    )  # fmt: skip


def expire_limits(session: Session, *, on: date, by: str, at: datetime) -> Expired:
    """The daily job: end what ran out, and let limits and terms that start today take effect.

    Invoices covered until then keep their cover as with any cut. Running again changes nothing.
    """
    ended = limits.end_run_out(session, on=on, by=by, at=at)
    session.flush()
    return Expired(ended, recompute_stale(session, on=on, at=at))


def cancel_idle_approvals(session: Session, *, on: date, by: str, at: datetime) -> tuple[int, ...]:
    """Cancel approvals nothing used for so long, whose client was told in time; returns their ids.

    Clients are told by ``limits.announce_idle_approvals``, which the daily job runs before.
    """
    cancelled = []
    for idle in limit_queries.idle_approvals(session, on=on):
        if idle.verdict is not UnusedApproval.CANCEL:
            continue
        nothing = NewLimit(contract_id=idle.contract_id, debtor_id=idle.debtor_id, amount_minor=0,
                           valid_from=on, reason="unused")  # fmt: skip
        decide_limit(session, limit=nothing, by=by, at=at)
        cancelled.append(idle.limit_id)
    return tuple(cancelled)


def _moved(session: Session, contract_id: int, debtor_id: int, at: datetime) -> CoverChange:
    return recompute_cover(
        session, contract_id=contract_id, debtor_ids=[debtor_id], on=business_date(at), at=at
    )


def _covers(session: Session, limit: NewLimit, on: date, terms: Terms) -> tuple[int, int]:
    """The cover limit on a date, before and after the decision."""
    known, after = _decisions(session, limit, LimitKind.COVER, on)
    blanket = terms.blanket_cover_minor
    return (
        limit_in_force(known, on, blanket_minor=blanket),
        limit_in_force(after, on, blanket_minor=blanket),
    )


def _fundings(session: Session, limit: NewLimit, on: date) -> tuple[int | None, int | None]:
    """The named funding limit on a date, if one holds, before and after the decision."""
    before, after = (
        [decision.amount_minor for decision in decisions if decision.holds(on)]
        for decisions in _decisions(session, limit, LimitKind.FUNDING, on)
    )
    return max(before, default=None), max(after, default=None)


def _decisions(
    session: Session, limit: NewLimit, kind: LimitKind, on: date
) -> tuple[tuple[LimitDecision, ...], tuple[LimitDecision, ...]]:
    """The decisions of a kind on the pair, without and with the new one if it is of that kind."""
    known = limit_queries.decisions(
        session, contract_id=limit.contract_id, debtor_id=limit.debtor_id, kind=kind
    )
    if kind is not limit.kind:
        return known, known
    new = LimitDecision(
        limit.amount_minor, limit.valid_from or on, limit.valid_to, is_temporary=limit.is_temporary
    )
    return known, with_decision(known, new)


def _standing(
    terms: Terms, cover: int, covered: int, coverable: int, named: int | None, owed: int
) -> Standing:
    limit = funding_by_rule(terms, cover_minor=cover, named_minor=named)
    room = None if limit is None else max(0, limit - max(0, owed))
    return Standing(cover, covered, coverable - covered, limit, room)
