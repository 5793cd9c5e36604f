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
from cessio.limits.operations import NewLimit
from cessio.limits.queries import effective_limits, requests
from cessio.limits.rules import LimitKind
from cessio.receivables.operations.limits import decide_limit, preview_limit
from cessio.receivables.queries.cover import debtor_cover
from cessio.web.api.machinery import (
    RAW,
    Input,
    Key,
    Minor,
    Raw,
    Words,
    give,
    once,
    own_contract,
    permitted,
    scope_of,
    staff_only,
)
from cessio.web.guards import api
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


@get("/api/v1/limit-requests", guards=[READ], tags=TAGS, sync_to_thread=True)
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


@post("/api/v1/limits", guards=[WRITE], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def create_limit(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[LimitIn]
) -> Response[bytes]:
    """Decide a limit; cover moves with it at once. ``?preview=true`` tells what would move."""
    staff_only(signed)
    permitted(signed, Permission.DECIDE_LIMITS)
    limit = NewLimit(**{name: getattr(data, name) for name in data.__struct_fields__})
    if request.query_params.get("preview") == "true":
        return give(preview_limit(session, limit=limit, on=business_date(at)))

    def act() -> Any:
        return decide_limit(session, limit=limit, by=signed.by, at=at)

    return once(request, session, signed, at, raw, act)


HANDLERS = [show_limits, list_requests, ask_for_limit, create_limit]
