"""Receivables: search them, follow one's life, dispute it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio.identity import Permission, Scope
from cessio.kernel.errors import Invalid
from cessio.receivables import queries
from cessio.receivables.operations import end_dispute, open_dispute
from cessio.receivables.queries import ReceivableFilter, Status
from cessio.receivables.rules import DisputeOutcome, DisputeReason
from cessio.web.api.machinery import (
    RAW,
    Input,
    Minor,
    Raw,
    Words,
    asked_id,
    give,
    once,
    page_asked,
    permitted,
    scope_of,
    staff_only,
)
from cessio.web.guards import api
from cessio.web.requests import AnyRequest, At, Db, On, Who

TAGS = ["receivables"]
READ, DISPUTE = api(Scope.RECEIVABLES_READ), api(Scope.DISPUTES_WRITE)
PATH = "/api/v1/receivables"


class NewDispute(Input):
    """What the debtor contests: all that is open, or ``amount_minor`` of it."""

    reason: DisputeReason
    amount_minor: Minor | None = None
    comment: Words | None = None


class DisputeEnd(Input):
    """How a dispute ended."""

    outcome: DisputeOutcome


@get(PATH, guards=[READ], tags=TAGS, sync_to_thread=True)
def list_receivables(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[bytes]:
    """Receivables of one status, latest first; ``number`` matches from the beginning."""
    asked = request.query_params
    status = asked.get("status", Status.OPEN.value)
    if status not in set(Status):
        raise Invalid(
            "status_unknown", "{status} is not a status", field="status", status=status[:20]
        )
    wanted: dict[str, Any] = {"on": on, "status": Status(status), "client_id": scope_of(signed)}
    for name in ("contract_id", "debtor_id", "remittance_id"):
        wanted[name] = asked_id(request, name)
    if asked.get("number"):
        wanted["number"] = asked["number"]
    return give(queries.receivables(session, page_asked(request), ReceivableFilter(**wanted)))


@get(f"{PATH}/{{receivable_id:int}}", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_receivable(session: Db, signed: Who, receivable_id: FromPath[int]) -> Response[bytes]:
    """One receivable with its whole life."""
    return give(queries.receivable(session, receivable_id, client_id=scope_of(signed)))


@post(f"{PATH}/{{receivable_id:int}}/disputes", guards=[DISPUTE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def create_dispute(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw,
    receivable_id: FromPath[int], data: JSONBody[NewDispute],
) -> Response[bytes]:  # fmt: skip
    """Say that the debtor contests an invoice; the disputed part is not funded meanwhile."""
    queries.receivable(session, receivable_id, client_id=scope_of(signed))

    def act() -> dict[str, int]:
        number = open_dispute(
            session, receivable_id=receivable_id, reason=data.reason,
            amount_minor=data.amount_minor, comment=data.comment, by=signed.by, at=at,
        )  # fmt: skip
        return {"dispute_id": number}

    return once(request, session, signed, at, raw, act)


@get("/api/v1/disputes", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_disputes(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Disputes, latest first; ``open=false`` those ended, ``open=any`` all. For staff."""
    staff_only(signed)
    is_open = {"false": False, "any": None}.get(request.query_params.get("open", ""), True)
    contract_id = asked_id(request, "contract_id")
    return give(
        queries.disputes(session, page_asked(request), is_open=is_open, contract_id=contract_id)
    )


@post("/api/v1/disputes/{dispute_id:int}/end", guards=[DISPUTE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def close_dispute(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, dispute_id: FromPath[int],
    data: JSONBody[DisputeEnd],
) -> Response[bytes]:  # fmt: skip
    """End a dispute with its outcome."""
    staff_only(signed)
    permitted(signed, Permission.HANDLE_DISPUTES)

    def act() -> dict[str, str]:
        end_dispute(session, dispute_id=dispute_id, outcome=data.outcome, by=signed.by, at=at)
        return {"outcome": data.outcome.value}

    return once(request, session, signed, at, raw, act, status=200)


HANDLERS = [
    list_receivables, show_receivable, list_disputes, create_dispute, close_dispute,
]  # fmt: skip
