"""Payment orders: sealed once, taken to the bank, answered by it."""

from __future__ import annotations

from datetime import date

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio import banking, funding
from cessio.banking import queries
from cessio.funding import queries as drawn
from cessio.identity import Permission, Scope
from cessio.kernel.errors import Invalid
from cessio.web.api.machinery import (
    RAW,
    Input,
    Key,
    Raw,
    asked_id,
    give,
    once,
    permitted,
    staff_only,
)
from cessio.web.exports import file_response
from cessio.web.guards import api
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

TAGS = ["payments"]
READ, WRITE = api(Scope.FUNDING_READ), api(Scope.PAYMENTS_WRITE)
PATH = "/api/v1/payment-orders"


class NewOrder(Input):
    """Granted drawdowns to pay together from one of the factor's accounts."""

    account_id: Key
    execute_on: date
    drawdown_ids: list[Key]


@get(PATH, guards=[READ], tags=TAGS, sync_to_thread=True)
def list_orders(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Payment orders, latest first; ``before`` is the id to continue from."""
    staff_only(signed)
    return give({"orders": queries.orders(session, before_id=asked_id(request, "before"))})


@get(f"{PATH}/{{order_id:int}}", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_order(session: Db, signed: Who, order_id: FromPath[int]) -> Response[bytes]:
    """An order, its payouts with their states, and what the bank answered."""
    staff_only(signed)
    return give(
        {
            "order": queries.order(session, order_id=order_id),
            "payouts": drawn.orders_drawdowns(session, order_id=order_id),
            "answers": queries.answers(session, order_id=order_id),
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
def take_file(session: Db, signed: Who, order_id: FromPath[int]) -> Response[bytes]:
    """The sealed bytes, checked against their hash before they leave."""
    staff_only(signed)
    permitted(signed, Permission.RELEASE_PAYMENTS)
    content = queries.order_file(session, order_id=order_id)
    return file_response(content.content, content.filename, "application/xml")


@post(f"{PATH}/{{order_id:int}}/sending", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def mark_sent(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, order_id: FromPath[int]
) -> Response[bytes]:
    """Say that the file was handed to the bank; from here on only the bank speaks."""
    staff_only(signed)
    permitted(signed, Permission.RELEASE_PAYMENTS)

    def act() -> dict[str, bool]:
        banking.record_order_sent(session, order_id=order_id, by=signed.by, at=at)
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
    files = submitted.uploads.get("file", ())
    if len(files) != 1:
        raise Invalid("file_missing", "send one file in the field file", field="file")
    return once(
        request, session, signed, at, files[0].content,
        lambda: funding.receive_bank_answer(
            session, order_id=order_id, data=files[0].content, filename=files[0].name,
            by=signed.by, at=at,
        ),
    )  # fmt: skip


HANDLERS = [list_orders, show_order, seal_order, take_file, mark_sent, receive_answer]
