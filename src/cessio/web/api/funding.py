"""Drawdowns: asked for, decided by a second person, taken back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from cessio import funding
from cessio.funding import queries
from cessio.funding.operations import seconding
from cessio.funding.rules import DrawdownStateName, Instruction, StandingMode
from cessio.identity import Permission, Scope
from cessio.web.api.machinery import (
    RAW,
    Input,
    Key,
    Minor,
    Raw,
    Words,
    asked_id,
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

TAGS = ["funding"]
READ, WRITE = api(Scope.FUNDING_READ), api(Scope.FUNDING_WRITE)
PATH = "/api/v1/drawdowns"
STANDING = "/api/v1/contracts/{contract_id:int}/standing-instruction"
#: An amount that may be zero.
Amount = Annotated[int, Meta(ge=0, le=10**15)]


class NewDrawdown(Input):
    """Money asked for on a contract's availability."""

    contract_id: Key
    amount_minor: Minor


class InstructionIn(Input):
    """What is drawn by itself; amounts in minor units, weekdays 1 (Monday) to 5."""

    mode: StandingMode
    weekdays: list[int] = []
    above_minor: Amount = 0
    reserve_minor: Amount = 0
    minimum_minor: Amount = 0
    paused_until: date | None = None


class DecisionIn(Input):
    """A second person's answer; ``seen`` is the hash that came with the drawdown it is about."""

    answer: Literal["approve", "reject"]
    seen: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    reason: Words | None = None


class Cancellation(Input):
    """Why a drawdown is taken back."""

    reason: Words


@get(PATH, guards=[READ, query_fields("before")], tags=TAGS, sync_to_thread=True)
def list_drawdowns(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Drawdowns, latest first; ``before`` is the id to continue from."""
    rows = queries.drawdowns(
        session, client_id=scope_of(signed), before_id=asked_id(request, "before")
    )
    return give({"drawdowns": rows})


@get(f"{PATH}/{{drawdown_id:int}}", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_drawdown(session: Db, signed: Who, on: On, drawdown_id: FromPath[int]) -> Response[bytes]:
    """One drawdown and the states it went through; ``seen`` goes into a decision on it, while one
    is asked for: it stands for the figures of the contract as they are now, too."""
    found = queries.drawdown_view(session, drawdown_id=drawdown_id, client_id=scope_of(signed))
    waits = found.state is DrawdownStateName.REQUESTED and signed.may(Permission.APPROVE_DRAWDOWNS)
    shown = seconding.shown(session, drawdown_id=drawdown_id, on=on) if waits else None
    return give(
        {
            "drawdown": found, "states": queries.states_of(session, drawdown_id=drawdown_id),
            "seen": None if shown is None else shown.seen.hex(),
            "now": None if shown is None else shown.now.figures(),
        }
    )  # fmt: skip


@post(PATH, guards=[WRITE], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def create_drawdown(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[NewDrawdown]
) -> Response[bytes]:
    """Draw: granted, waiting for a second person, or refused with every reason (all are 201)."""
    own_contract(session, signed, data.contract_id)
    return once(
        request, session, signed, at, raw,
        lambda: funding.request_drawdown(
            session, contract_id=data.contract_id, amount_minor=data.amount_minor, by=signed.by,
            at=at,
        ),
    )  # fmt: skip


@post(f"{PATH}/{{drawdown_id:int}}/cancellation", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def cancel_drawdown(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, drawdown_id: FromPath[int],
    data: JSONBody[Cancellation],
) -> Response[bytes]:  # fmt: skip
    """Take a drawdown back while it is not yet in a payment order."""

    def act() -> dict[str, str]:
        funding.cancel_drawdown(
            session, drawdown_id=drawdown_id, reason=data.reason, client_id=scope_of(signed),
            by=signed.by, at=at,
        )  # fmt: skip
        return {"state": "cancelled"}

    return once(request, session, signed, at, raw, act, status=200)


@get(STANDING, guards=[READ], tags=TAGS, sync_to_thread=True)
def show_standing_instruction(
    session: Db, signed: Who, at: At, contract_id: FromPath[int]
) -> Response[bytes]:
    """What is drawn by itself under a contract, the next run as of now, and what was said before.

    No ``set_by``: it is what the contract says, its client said nothing yet.
    """
    own_contract(session, signed, contract_id)
    day = queries.next_run_day(session, at)
    return give(
        {
            "instruction": queries.standing_on(session, contract_id=contract_id, on=day),
            "next_run": queries.planned_run(session, contract_id=contract_id, at=at),
            "history": queries.standing_history(session, contract_id=contract_id),
            "runs": queries.standing_runs(session, contract_id=contract_id),
        }
    )  # fmt: skip


@post(STANDING, guards=[WRITE], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def give_standing_instruction(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, contract_id: FromPath[int],
    data: JSONBody[InstructionIn],
) -> Response[bytes]:  # fmt: skip
    """Have money drawn by itself from the next run on, as only the client's signatory may."""
    own_contract(session, signed, contract_id)
    permitted(signed, Permission.OWN_DRAW)
    said = Instruction(
        mode=data.mode, weekdays=tuple(sorted(set(data.weekdays))), above_minor=data.above_minor,
        reserve_minor=data.reserve_minor, minimum_minor=data.minimum_minor,
        paused_until=data.paused_until,
    )  # fmt: skip
    return once(
        request, session, signed, at, raw,
        lambda: {
            "effective_from": funding.instruct(
                session, contract_id=contract_id, said=said, by=signed.by, at=at
            )
        },
    )  # fmt: skip


@post(f"{PATH}/{{drawdown_id:int}}/decision", guards=[api(Scope.PAYMENTS_WRITE)], tags=TAGS,
      dependencies=RAW, sync_to_thread=True)  # fmt: skip
def decide_drawdown(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, drawdown_id: FromPath[int],
    data: JSONBody[DecisionIn],
) -> Response[bytes]:  # fmt: skip
    """Agree to a drawdown that waits for a second person, or refuse it and say why."""
    staff_only(signed)
    permitted(signed, Permission.APPROVE_DRAWDOWNS)
    seen = digest(data.seen)

    def act() -> dict[str, str]:
        if data.answer == "approve":
            funding.approve_drawdown(
                session, drawdown_id=drawdown_id, seen_hash=seen, by=signed.by, at=at
            )
        else:
            funding.reject_drawdown(
                session, drawdown_id=drawdown_id, seen_hash=seen, reason=data.reason or "",
                by=signed.by, at=at,
            )  # fmt: skip
        return {"state": queries.drawdown_view(session, drawdown_id=drawdown_id).state.value}

    return once(request, session, signed, at, raw, act, status=200)


HANDLERS = [
    list_drawdowns, show_drawdown, create_drawdown, cancel_drawdown, decide_drawdown,
    show_standing_instruction, give_standing_instruction,
]  # fmt: skip
