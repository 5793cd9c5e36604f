"""Payment orders: sealed once, taken to the bank, answered by it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from cessio import funding
from cessio.banking import queries
from cessio.funding import queries as drawn
from cessio.funding.operations import decline_outcome, dissolve_order
from cessio.funding.rules import OutcomeSaid
from cessio.funding.rules.payees import digest as payees_digest
from cessio.identity import Permission, Scope
from cessio.web.api.machinery import (
    RAW,
    Input,
    Key,
    Raw,
    Words,
    asked_id,
    digest,
    give,
    once,
    only_file,
    permitted,
    staff_only,
)
from cessio.web.exports import file_response
from cessio.web.guards import api, query_fields
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

TAGS = ["payments"]
READ, WRITE = api(Scope.FUNDING_READ), api(Scope.PAYMENTS_WRITE)
PATH = "/api/v1/payment-orders"


class NewOrder(Input):
    """Granted drawdowns to pay together from one of the factor's accounts."""

    account_id: Key
    execute_on: date
    drawdown_ids: list[Key]


class SignatureIn(Input):
    """The hash of the file as it was shown to who signs, and of what was known of its payees."""

    seen: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    payees: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None


class ReasonIn(Input):
    """Why an order is given up."""

    reason: Words


class OutcomeIn(Input):
    """What became of a payout, and how it is known."""

    outcome: Literal["paid", "not_paid"]
    note: Words


class OutcomeDecisionIn(Input):
    """Another person's answer to what was said."""

    answer: Literal["approve", "reject"]
    reason: Words | None = None


@get(PATH, guards=[READ, query_fields("before")], tags=TAGS, sync_to_thread=True)
def list_orders(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Payment orders, latest first; ``before`` is the id to continue from."""
    staff_only(signed)
    return give({"orders": queries.orders(session, before_id=asked_id(request, "before"))})


@get(f"{PATH}/{{order_id:int}}", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_order(session: Db, signed: Who, order_id: FromPath[int]) -> Response[bytes]:
    """An order, its payouts with their states, and what the bank answered."""
    staff_only(signed)
    known = drawn.payees_of_order(session, order_id)
    return give(
        {
            "order": queries.order(session, order_id=order_id),
            "payouts": drawn.orders_drawdowns(session, order_id=order_id),
            "answers": queries.answers(session, order_id=order_id),
            "payees": known,
            "payees_sha256": payees_digest(known).hex(),
        }
    )


@post(PATH, guards=[WRITE], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def seal_order(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[NewOrder]
) -> Response[bytes]:
    """Seal a pain.001.001.09 of these drawdowns: its bytes never change again."""
    staff_only(signed)
    permitted(signed, Permission.PREPARE_PAYMENTS)
    return once(
        request, session, signed, at, raw,
        lambda: funding.seal_payouts(
            session, account_id=data.account_id, execute_on=data.execute_on,
            drawdown_ids=data.drawdown_ids, by=signed.by, at=at,
        ),
    )  # fmt: skip


@get(f"{PATH}/{{order_id:int}}/file", guards=[WRITE], tags=TAGS, sync_to_thread=True)
def take_file(session: Db, signed: Who, at: At, order_id: FromPath[int]) -> Response[bytes]:
    """The sealed bytes, checked against their hash; two people signed them first."""
    staff_only(signed)
    permitted(signed, Permission.RELEASE_PAYMENTS)
    funding.refuse_unreleasable(session, order_id=order_id, by=signed.by, at=at)
    content = queries.released_file(session, order_id=order_id)
    return file_response(content.content, content.filename, "application/xml")


@post(f"{PATH}/{{order_id:int}}/signatures", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def sign_order(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, order_id: FromPath[int],
    data: JSONBody[SignatureIn],
) -> Response[bytes]:  # fmt: skip
    """The second person's signature on the bytes whose SHA-256 is ``seen``."""
    staff_only(signed)
    permitted(signed, Permission.RELEASE_PAYMENTS)

    def act() -> dict[str, int]:
        funding.sign_order(
            session, order_id=order_id, seen=digest(data.seen), by=signed.by, at=at,
            payees=digest(data.payees) if data.payees else None,
        )  # fmt: skip
        return {"signatures": len(queries.signatures(session, order_id=order_id))}

    return once(request, session, signed, at, raw, act)


@post(f"{PATH}/{{order_id:int}}/giving-up", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def give_up_order(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, order_id: FromPath[int],
    data: JSONBody[ReasonIn],
) -> Response[bytes]:  # fmt: skip
    """Give up an order that did not leave; its payouts wait for the next one."""
    staff_only(signed)
    permitted(signed, Permission.PREPARE_PAYMENTS)

    def act() -> dict[str, int]:
        back = dissolve_order(session, order_id=order_id, reason=data.reason, by=signed.by, at=at)
        return {"payouts": back}

    return once(request, session, signed, at, raw, act, status=200)


@post("/api/v1/drawdowns/{drawdown_id:int}/outcome", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def say_outcome(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, drawdown_id: FromPath[int],
    data: JSONBody[OutcomeIn],
) -> Response[bytes]:  # fmt: skip
    """Say what became of a payout the bank leaves unanswered; another person confirms."""
    staff_only(signed)
    permitted(signed, Permission.RELEASE_PAYMENTS)

    def act() -> dict[str, int]:
        said = funding.say_outcome(
            session, drawdown_id=drawdown_id, outcome=OutcomeSaid(data.outcome), note=data.note,
            by=signed.by, at=at,
        )  # fmt: skip
        return {"approval_id": said}

    return once(request, session, signed, at, raw, act)


@post("/api/v1/drawdowns/{drawdown_id:int}/outcome/decision", guards=[WRITE], tags=TAGS,
      dependencies=RAW, sync_to_thread=True)  # fmt: skip
def decide_outcome(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, drawdown_id: FromPath[int],
    data: JSONBody[OutcomeDecisionIn],
) -> Response[bytes]:  # fmt: skip
    """Another person confirms what was said, or does not agree: then it stays unknown."""
    staff_only(signed)
    permitted(signed, Permission.RELEASE_PAYMENTS)

    def act() -> dict[str, str]:
        if data.answer == "approve":
            state = funding.confirm_outcome(session, drawdown_id=drawdown_id, by=signed.by, at=at)
            return {"state": state.value}
        decline_outcome(
            session, drawdown_id=drawdown_id, reason=data.reason or "", by=signed.by, at=at
        )
        return {"state": "ordered"}

    return once(request, session, signed, at, raw, act, status=200)


@post(f"{PATH}/{{order_id:int}}/sending", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def mark_sent(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, order_id: FromPath[int]
) -> Response[bytes]:
    """Say that the file was handed to the bank; from here on only the bank speaks."""
    staff_only(signed)
    permitted(signed, Permission.RELEASE_PAYMENTS)

    def act() -> dict[str, bool]:
        funding.release_order(session, order_id=order_id, by=signed.by, at=at)
        return {"sent": True}

    return once(request, session, signed, at, raw, act, status=200)


@post(f"{PATH}/{{order_id:int}}/answers", guards=[WRITE], tags=TAGS, sync_to_thread=True)
def receive_answer(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent,
    order_id: FromPath[int],
) -> Response[bytes]:  # fmt: skip
    """Read the bank's pain.002 (multipart field ``file``): paid, or given back."""
    staff_only(signed)
    permitted(signed, Permission.IMPORT_STATEMENTS)
    file = only_file(submitted)
    return once(
        request, session, signed, at, file.content,
        lambda: funding.receive_bank_answer(
            session, order_id=order_id, data=file.content, filename=file.name,
            by=signed.by, at=at,
        ),
    )  # fmt: skip


HANDLERS = [
    list_orders, show_order, seal_order, sign_order, give_up_order, take_file, mark_sent,
    receive_answer, say_outcome, decide_outcome,
]  # fmt: skip
