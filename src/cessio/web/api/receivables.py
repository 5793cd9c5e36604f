"""Receivables: search them, follow one's life, dispute it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio.collections import note_promise
from cessio.collections import queries as promised
from cessio.identity import Permission, Scope
from cessio.kernel.errors import Invalid
from cessio.receivables import queries
from cessio.receivables.operations import end_dispute, open_dispute
from cessio.receivables.operations.due_dates import (
    DueDateMoved,
    approve_due_date,
    due_date_hash,
    move_due_date,
    reject_due_date,
)
from cessio.receivables.operations.following import give as give_to
from cessio.receivables.queries import ReceivableFilter, Status, due_dates
from cessio.receivables.rules import DisputeOutcome, DisputeReason
from cessio.receivables.rules.due_dates import DueDateReason
from cessio.web.api.machinery import (
    PAGE,
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
    page_asked,
    permitted,
    scope_of,
    staff_only,
)
from cessio.web.guards import api, query_fields
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


class NewPromise(Input):
    """A debtor will pay by a day: named invoices, or an amount of whatever it owes."""

    debtor_id: Key
    due_on: date
    amount_minor: Minor | None = None
    currency: str = "EUR"
    receivable_ids: list[int] = []
    contact: Words | None = None
    comment: Words | None = None


class NewDueDate(Input):
    """The day an invoice is due from now on, and why."""

    to_on: date
    reason: DueDateReason
    comment: Words


class DueDateAnswer(Input):
    """The second person's answer to another due date."""

    seen: Words
    approve: bool
    reason: Words | None = None


class FollowerIn(Input):
    """Who follows an invoice."""

    person_id: int | None = None


#: Promises are listed when they were due this long ago or later.
_WINDOW = timedelta(days=90)


@get(
    PATH,
    guards=[
        READ,
        query_fields("status", "number", "contract_id", "debtor_id", "remittance_id", *PAGE),
    ],
    tags=TAGS,
    sync_to_thread=True,
)
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


@post(f"{PATH}/{{receivable_id:int}}/due-date", guards=[DISPUTE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def create_due_date(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw,
    receivable_id: FromPath[int], data: JSONBody[NewDueDate],
) -> Response[bytes]:  # fmt: skip
    """Let an invoice be due another day; ``waits`` when a second person is asked. For staff."""
    staff_only(signed)
    permitted(signed, Permission.COLLECT)

    def act() -> DueDateMoved:
        return move_due_date(
            session, receivable_id=receivable_id, to_on=data.to_on, reason=data.reason,
            comment=data.comment, by=signed.by, at=at,
        )  # fmt: skip

    return once(request, session, signed, at, raw, act)


@get("/api/v1/due-dates/{change_id:int}", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_due_date(session: Db, signed: Who, change_id: FromPath[int]) -> Response[bytes]:
    """A change of a due date; ``seen`` is what agreeing to it takes. For staff."""
    staff_only(signed)
    one = due_dates.due_date_change(session, change_id)
    return give({"change": one, "seen": due_date_hash(one).hex()})


@post("/api/v1/due-dates/{change_id:int}/decision", guards=[DISPUTE], tags=TAGS,
      dependencies=RAW, sync_to_thread=True)  # fmt: skip
def decide_due_date(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, change_id: FromPath[int],
    data: JSONBody[DueDateAnswer],
) -> Response[bytes]:  # fmt: skip
    """The second person's yes or no, bound to the hash of what was read."""
    staff_only(signed)
    permitted(signed, Permission.APPROVE_REMITTANCES)
    seen = digest(data.seen)

    def act() -> dict[str, str]:
        who: dict[str, Any] = {"change_id": change_id, "seen_hash": seen, "by": signed.by, "at": at}
        if data.approve:
            approve_due_date(session, **who)
            return {"outcome": "applied"}
        reject_due_date(session, reason=data.reason or "", **who)
        return {"outcome": "rejected"}

    return once(request, session, signed, at, raw, act, status=200)


@get("/api/v1/promises", guards=[READ, query_fields("debtor_id")], tags=TAGS, sync_to_thread=True)
def list_promises(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[bytes]:
    """What debtors promised to pay since ninety days, and what became of it. For staff."""
    staff_only(signed)
    debtor_id = asked_id(request, "debtor_id")
    found = promised.promises(session, on=on, debtor_id=debtor_id, due_from=on - _WINDOW)
    return give({"promises": found})


@post("/api/v1/promises", guards=[DISPUTE], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def create_promise(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[NewPromise]
) -> Response[bytes]:
    """Note what a debtor promises: these invoices, or an amount of what it owes."""
    staff_only(signed)
    permitted(signed, Permission.COLLECT)

    def act() -> dict[str, int]:
        number = note_promise(
            session, debtor_id=data.debtor_id, due_on=data.due_on,
            amount_minor=data.amount_minor, currency=data.currency,
            receivable_ids=data.receivable_ids, contact=data.contact, comment=data.comment,
            by=signed.by, at=at,
        )  # fmt: skip
        return {"promise_id": number}

    return once(request, session, signed, at, raw, act)


@post(f"{PATH}/{{receivable_id:int}}/follower", guards=[DISPUTE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def set_follower(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw,
    receivable_id: FromPath[int], data: JSONBody[FollowerIn],
) -> Response[bytes]:  # fmt: skip
    """Say who follows an invoice from now on; null: nobody."""
    staff_only(signed)
    permitted(signed, Permission.HANDLE_DISPUTES)

    def act() -> dict[str, int | None]:
        give_to(session, receivable_ids=[receivable_id], person_id=data.person_id, by=signed.by,
                at=at)  # fmt: skip
        return {"person_id": data.person_id}

    return once(request, session, signed, at, raw, act, status=200)


@get(
    "/api/v1/disputes",
    guards=[READ, query_fields("open", "contract_id", *PAGE)],
    tags=TAGS,
    sync_to_thread=True,
)
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
    list_receivables, show_receivable, list_disputes, create_dispute, close_dispute, list_promises,
    create_promise, set_follower, create_due_date, show_due_date, decide_due_date,
]  # fmt: skip
