"""Limits one person may not decide alone: beyond their authority, or beyond a group's cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import house
from cessio.contracts import contract as contract_view
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid
from cessio.limits import operations as decisions
from cessio.limits import queries as limit_queries
from cessio.limits.operations import NewLimit
from cessio.limits.queries import CapUse, ProposalRow, locked
from cessio.limits.rules import (
    LimitKind,
    SecondPerson,
    SecondPersonCode,
    beyond_authority,
    beyond_cap,
)
from cessio.receivables.operations.limits import (
    LimitDecided,
    LimitPreview,
    answer_limit_request,
    decide_limit,
    preview_limit,
    with_splits,
)


class GroupMoved(Conflict):
    """The group has less room under its cap than when the decision was proposed."""


@dataclass(frozen=True, slots=True)
class LimitTaken:
    """A decision taken, or proposed to a second person for these reasons."""

    decided: LimitDecided | None
    proposal_id: int | None = None
    why: tuple[SecondPerson, ...] = ()


@dataclass(frozen=True, slots=True)
class CapCheck:
    """A cap over the debtor's group, its use, and by how much a decision would go beyond it."""

    cap: CapUse
    beyond_minor: int


def take_limit(
    session: Session, *, limit: NewLimit, request_id: int | None = None, by: str, at: datetime
) -> LimitTaken:
    """Decide, and answer the request if there is one; or ask a second person where one is needed.

    Less cover or funding than before, or going beyond a group's cap, takes a reason. Raises what
    ``decide_limit`` and ``answer_limit_request`` raise.
    """
    locked.lock_pair(session, limit.contract_id, limit.debtor_id)
    preview = preview_limit(session, limit=limit, on=business_date(at))
    check_reason(limit, preview)
    why = second_person(session, limit=limit, preview=preview, by=by, at=at)
    if not why:
        decisions.withdraw_proposals(session, limit=limit, by=by, at=at)
        return LimitTaken(_taken(session, limit, request_id, by, at))
    if (
        any(one.code is SecondPersonCode.BEYOND_GROUP for one in why)
        and not (limit.reason or "").strip()
    ):
        raise Invalid("group_reason_missing", "say why it goes beyond the limit of the group",
                      field="reason")  # fmt: skip
    contract = contract_view(session, limit.contract_id)
    proposal_id = decisions.propose_limit(
        session, limit=limit, request_id=request_id, why=why, currency=contract.currency,
        client_id=contract.client_id, by=by, at=at,
    )  # fmt: skip
    return LimitTaken(None, proposal_id, why)


def check_reason(limit: NewLimit, preview: LimitPreview) -> None:
    """Less than before, or nothing, is not decided without a word. Raises ``Invalid``."""
    less = preview.after.limit_minor < preview.before.limit_minor
    if (less or not limit.amount_minor) and not (limit.reason or "").strip():
        raise Invalid("reason_missing", "say why less is covered or funded", field="reason")


def approve_limit(
    session: Session, *, proposal_id: int, seen_hash: bytes, by: str, at: datetime
) -> LimitDecided:
    """The second person agrees: the decision is taken now, and answers the request behind it.

    Raises ``GroupMoved`` and what ``limits.approve_proposal`` and ``decide_limit`` raise.
    """
    row = limit_queries.proposal(session, proposal_id)
    locked.lock_pair(session, row.contract_id, row.debtor_id)
    row = decisions.approve_proposal(
        session, proposal_id=proposal_id, seen_hash=seen_hash, by=by, at=at
    )
    _check_group(session, row, on=business_date(at))
    done = _taken(session, as_limit(row), row.request_id, by, at)
    decisions.record_proposal_taken(
        session, proposal_id=proposal_id, limit_id=done.decided.limit_id, by=by, at=at
    )
    return done


def _check_group(session: Session, row: ProposalRow, *, on: date) -> None:
    """Refuse what goes further beyond a group's cap than the second person was asked about."""
    limit = as_limit(row)
    checks = caps_checked(session, limit=limit, preview=preview_limit(session, limit=limit, on=on))
    beyond = max((one.beyond_minor for one in checks), default=0)
    asked = max((one.params["beyond_minor"] for one in row.why
                 if one.code is SecondPersonCode.BEYOND_GROUP), default=0)  # fmt: skip
    if beyond > asked:
        raise GroupMoved(
            "group_moved", "the limits of the group grew since this was proposed: it would now go "
            "{beyond_minor} beyond; refuse it, and let it be proposed again",
            beyond_minor=beyond, currency=row.currency,
        )  # fmt: skip


def as_limit(row: ProposalRow) -> NewLimit:
    """The decision that a proposal stands for."""
    return NewLimit(**{name: getattr(row, name) for name in NewLimit.__slots__})


def second_person(
    session: Session, *, limit: NewLimit, preview: LimitPreview, by: str, at: datetime
) -> tuple[SecondPerson, ...]:
    """Every reason for which a decision of somebody needs a second person."""
    currency = contract_view(session, limit.contract_id).currency
    alone = beyond_authority(
        house.most_alone(session, act=house.Act.GRANT_LIMIT, by=by),
        before_minor=_before(limit, preview), currency=currency,
        amount_minor=with_splits(session, limit=limit, at=at) if limit.amount_minor else 0,
    )  # fmt: skip
    beyond = tuple(
        SecondPerson(
            SecondPersonCode.BEYOND_GROUP,
            {"group": one.cap.cap.group_name, "beyond_minor": one.beyond_minor,
             "currency": currency},
        )
        for one in caps_checked(session, limit=limit, preview=preview) if one.beyond_minor
    )  # fmt: skip
    return (() if alone is None else (alone,)) + beyond


def caps_checked(
    session: Session, *, limit: NewLimit, preview: LimitPreview
) -> tuple[CapCheck, ...]:
    """The caps over the debtor's group, with what the decision does to each.

    A cover decision counts against caps on funding as well, where the contract funds what it
    covers.
    """
    on: date = preview.effective_on
    caps = limit_queries.caps_over(
        session, contract_id=limit.contract_id, debtor_id=limit.debtor_id, on=on
    )
    positions = limit_queries.group_positions(
        session, group_ids={cap.group_id for cap in caps}, on=on
    )
    after = {LimitKind.COVER: preview.after.limit_minor,
             LimitKind.FUNDING: preview.after.funding_minor or 0}  # fmt: skip
    return tuple(
        CapCheck(
            one,
            beyond_cap(
                one.cap.amount_minor, limit_queries.members_under(one.cap, positions),
                contract_id=limit.contract_id, debtor_id=limit.debtor_id,
                after_minor=after[one.cap.kind],
            ),
        )
        for one in limit_queries.cap_uses(caps, positions)
    )  # fmt: skip


def _before(limit: NewLimit, preview: LimitPreview) -> int:
    if limit.kind is LimitKind.COVER:
        return preview.before.limit_minor
    return preview.before.funding_minor or 0


def _taken(
    session: Session, limit: NewLimit, request_id: int | None, by: str, at: datetime
) -> LimitDecided:
    if request_id is None:
        return decide_limit(session, limit=limit, by=by, at=at)
    return answer_limit_request(session, request_id=request_id, limit=limit, by=by, at=at)
