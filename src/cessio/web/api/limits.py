"""Limits: ask for cover, decide it, see what a debtor is covered for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio import limits
from cessio.identity import Permission, Scope
from cessio.kernel.calendar import business_date
from cessio.limits import queries
from cessio.limits.operations import (
    NewGroupLimit,
    NewLimit,
    decide_group_limit,
    proposal_hash,
    reject_proposal,
)
from cessio.limits.queries import effective_limits, requests
from cessio.limits.rules import LimitKind, urgency
from cessio.parties.queries import group
from cessio.receivables.operations.limit_proposals import approve_limit, take_limit
from cessio.receivables.operations.limits import preview_limit
from cessio.receivables.queries.cover import debtor_cover
from cessio.web.api.machinery import (
    RAW,
    Input,
    Key,
    Minor,
    Raw,
    Words,
    digest,
    give,
    once,
    own_contract,
    permitted,
    scope_of,
    staff_only,
)
from cessio.web.guards import api, query_fields
from cessio.web.requests import AnyRequest, At, Db, On, Who

TAGS = ["limits"]
READ, WRITE = api(Scope.LIMITS_READ), api(Scope.LIMITS_WRITE)
PAIR = "/api/v1/contracts/{contract_id:int}/debtors/{debtor_id:int}"


class LimitRequestIn(Input):
    """Cover asked for on a debtor."""

    contract_id: Key
    debtor_id: Key
    amount_minor: Minor
    comment: Words | None = None


class LimitIn(Input):
    """A decision: up to this much of a debtor, for one contract."""

    contract_id: Key
    debtor_id: Key
    amount_minor: Minor
    kind: LimitKind = LimitKind.COVER
    is_temporary: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    cover_rate: Decimal | None = None
    insurer: Words | None = None
    insurer_reference: Words | None = None
    conditions: Words | None = None
    reason: Words | None = None


class ProposalAnswerIn(Input):
    """The second person's answer to a proposed limit."""

    seen: Words
    approve: bool
    reason: Words | None = None


class GroupLimitIn(Input):
    """A cap over a group, for one contract or over the house."""

    amount_minor: Minor
    kind: LimitKind = LimitKind.COVER
    contract_id: Key | None = None
    currency: Words = "EUR"
    valid_from: date | None = None
    valid_to: date | None = None
    insurer: Words | None = None
    insurer_reference: Words | None = None
    conditions: Words | None = None
    reason: Words | None = None


@get(f"{PAIR}/limits", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_limits(
    session: Db, signed: Who, on: On, contract_id: FromPath[int], debtor_id: FromPath[int]
) -> Response[bytes]:
    """What holds today for a debtor under a contract, and its invoices in cover order."""
    own_contract(session, signed, contract_id)
    return give(
        {
            "limits": effective_limits(
                session, contract_id=contract_id, debtor_id=debtor_id, on=on
            ),
            "cover": debtor_cover(session, contract_id=contract_id, debtor_id=debtor_id, on=on),
        }
    )


@get("/api/v1/limit-requests", guards=[READ, query_fields("open")], tags=TAGS, sync_to_thread=True)
def list_requests(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Cover asked for, the most urgent first; ``open=true`` leaves out what is answered."""
    only = request.query_params.get("open") == "true"
    return give({"requests": requests(session, client_id=scope_of(signed), open_only=only)})


@post("/api/v1/limit-requests", guards=[WRITE], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def ask_for_limit(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[LimitRequestIn]
) -> Response[bytes]:
    """Ask for cover on a debtor; the answer has a promised date."""
    own_contract(session, signed, data.contract_id)

    def act() -> dict[str, int]:
        number = limits.ask_for_limit(
            session, contract_id=data.contract_id, debtor_id=data.debtor_id,
            amount_minor=data.amount_minor, comment=data.comment, by=signed.by, at=at,
        )  # fmt: skip
        return {"request_id": number}

    return once(request, session, signed, at, raw, act)


@post(
    "/api/v1/limits",
    guards=[WRITE, query_fields("preview")],
    tags=TAGS,
    dependencies=RAW,
    sync_to_thread=True,
)
def create_limit(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[LimitIn]
) -> Response[bytes]:
    """Decide a limit; cover moves with it at once. ``?preview=true`` tells what would move.

    Beyond one person's authority or a group's limit it is proposed: ``proposal_id``, and why.
    """
    staff_only(signed)
    permitted(signed, Permission.DECIDE_LIMITS)
    limit = NewLimit(**{name: getattr(data, name) for name in data.__struct_fields__})
    if request.query_params.get("preview") == "true":
        return give(preview_limit(session, limit=limit, on=business_date(at)))

    def act() -> Any:
        return take_limit(session, limit=limit, by=signed.by, at=at)

    return once(request, session, signed, at, raw, act)


@get("/api/v1/limit-queue", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_queue(session: Db, signed: Who, on: On) -> Response[bytes]:
    """Requests nobody answered, by amount × urgency, with working days left (negative: late)."""
    staff_only(signed)
    waiting = [
        (row, urgency(row.amount_minor, due_on=row.answer_due_on, on=on))
        for row in requests(session, open_only=True, limit=2_000)
    ]
    waiting.sort(key=lambda one: (*one[1].rank, one[0].id))
    return give({"requests": [
        {"request": row, "days_left": press.days_left, "is_late": press.is_late}
        for row, press in waiting
    ]})  # fmt: skip


@get("/api/v1/limit-proposals", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_proposals(session: Db, signed: Who) -> Response[bytes]:
    """Decisions that wait for a second person; ``seen`` is what approving them takes."""
    staff_only(signed)
    return give({"proposals": [
        {"proposal": row, "seen": proposal_hash(row).hex()}
        for row in queries.open_proposals(session)
    ]})  # fmt: skip


@post("/api/v1/limit-proposals/{proposal_id:int}/decision", guards=[WRITE], tags=TAGS,
      dependencies=RAW, sync_to_thread=True)  # fmt: skip
def decide_proposal(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, proposal_id: FromPath[int],
    data: JSONBody[ProposalAnswerIn],
) -> Response[bytes]:  # fmt: skip
    """The second person's yes or no, bound to the hash of what was read."""
    staff_only(signed)
    permitted(signed, Permission.APPROVE_LIMITS)
    seen = digest(data.seen)

    def act() -> Any:
        if data.approve:
            return approve_limit(session, proposal_id=proposal_id, seen_hash=seen, by=signed.by,
                                 at=at)  # fmt: skip
        reject_proposal(session, proposal_id=proposal_id, seen_hash=seen,
                        reason=data.reason or "", by=signed.by, at=at)  # fmt: skip
        return {"rejected": True}

    return once(request, session, signed, at, raw, act, status=200)


@get("/api/v1/groups/{group_id:int}", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_group(session: Db, signed: Who, on: On, group_id: FromPath[int]) -> Response[bytes]:
    """A group: what its companies owe and are covered for, caps over them and their use."""
    staff_only(signed)
    positions = queries.group_positions(session, group_ids=[group_id], on=on)
    caps = queries.group_limits(session, group_ids=[group_id])
    uses = [
        {"limit": one.cap, "granted_minor": one.use.granted_minor,
         "used_minor": one.use.used_minor, "room_minor": one.use.room_minor,
         "excess_minor": one.use.excess_minor}
        for one in queries.cap_uses(caps, positions)
    ]  # fmt: skip
    return give({"group": group(session, group_id), "limits": uses, "positions": positions})


@post("/api/v1/groups/{group_id:int}/limits", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def create_group_limit(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, group_id: FromPath[int],
    data: JSONBody[GroupLimitIn],
) -> Response[bytes]:  # fmt: skip
    """Cap what the limits of a group may add up to; replaces the one of its kind and scope."""
    staff_only(signed)
    permitted(signed, Permission.DECIDE_LIMITS)
    facts = {name: getattr(data, name) for name in data.__struct_fields__}

    def act() -> dict[str, int]:
        limit = NewGroupLimit(group_id=group_id, **facts)
        return {"group_limit_id": decide_group_limit(session, limit=limit, by=signed.by, at=at)}

    return once(request, session, signed, at, raw, act)


HANDLERS = [
    show_limits, list_requests, ask_for_limit, create_limit, list_queue, list_proposals,
    decide_proposal, show_group, create_group_limit,
]  # fmt: skip
