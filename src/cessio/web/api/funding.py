"""Drawdowns and payment orders."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.params import FromPath

from cessio import funding
from cessio.funding import queries
from cessio.identity import Scope
from cessio.web.api.machinery import RAW, Input, Raw, give, once, own_contract, scope_of
from cessio.web.guards import api
from cessio.web.requests import AnyRequest, At, Db, Who

TAGS = ["funding"]
READ, WRITE = api(Scope.FUNDING_READ), api(Scope.FUNDING_WRITE)
PATH = "/api/v1/drawdowns"


class NewDrawdown(Input):
    """Money asked for on a contract's availability."""

    contract_id: int
    amount_minor: int


class Cancellation(Input):
    """Why a drawdown is taken back."""

    reason: str


@get(PATH, guards=[READ], tags=TAGS, sync_to_thread=True)
def list_drawdowns(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Drawdowns, latest first; ``before`` is the id to continue from."""
    before = request.query_params.get("before", "")
    rows = queries.drawdowns(
        session, client_id=scope_of(signed), before_id=int(before) if before.isdigit() else None
    )
    return give({"drawdowns": rows})


@get(f"{PATH}/{{drawdown_id:int}}", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_drawdown(session: Db, signed: Who, drawdown_id: FromPath[int]) -> Response[bytes]:
    """One drawdown and the states it went through."""
    found = queries.drawdown_view(session, drawdown_id=drawdown_id, client_id=scope_of(signed))
    return give({"drawdown": found, "states": queries.states_of(session, drawdown_id=drawdown_id)})


@post(PATH, guards=[WRITE], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def create_drawdown(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: NewDrawdown
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
    data: Cancellation,
) -> Response[bytes]:  # fmt: skip
    """Take a drawdown back while it is not yet in a payment order."""

    def act() -> dict[str, str]:
        funding.cancel_drawdown(
            session, drawdown_id=drawdown_id, reason=data.reason, client_id=scope_of(signed),
            by=signed.by, at=at,
        )  # fmt: skip
        return {"state": "cancelled"}

    return once(request, session, signed, at, raw, act, status=200)


HANDLERS = [list_drawdowns, show_drawdown, create_drawdown, cancel_drawdown]
