"""What debtors said by the code of a letter: read what waits, accept or refuse it. For staff.

A client learns of it by the dispute that comes of it: what a debtor says may be about its client.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio import replies
from cessio.identity import Scope
from cessio.kernel.errors import Invalid
from cessio.replies import ReplyFilter, ReplyState, queries
from cessio.web.api.machinery import (
    PAGE,
    RAW,
    Input,
    Raw,
    Words,
    asked_id,
    give,
    once,
    page_asked,
    permitted,
    staff_only,
)
from cessio.web.backoffice.replies import DECIDE
from cessio.web.guards import api, query_fields
from cessio.web.requests import AnyRequest, At, Db, Who

TAGS = ["replies"]
READ, WRITE = api(Scope.RECEIVABLES_READ), api(Scope.REMITTANCES_WRITE)
REPLIES = "/api/v1/debtor-replies"


class Decision(Input):
    """Whether it is as the debtor says, and what the debtor reads of it."""

    accepted: bool
    answer: Words | None = None


@get(
    REPLIES,
    guards=[
        READ,
        query_fields("state", "client_id", "debtor_id", "contract_id", "receivable_id", *PAGE),
    ],
    tags=TAGS,
    sync_to_thread=True,
)
def list_replies(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """What debtors said: what waits, what is of another ``state``, or ``state=any``."""
    staff_only(signed)
    asked = request.query_params.get("state", ReplyState.OPEN.value)
    if asked != "any" and asked not in set(ReplyState):
        raise Invalid("state_unknown", "{state} is not a state", field="state", state=asked[:20])
    wanted = ReplyFilter(
        state=None if asked == "any" else ReplyState(asked),
        client_id=asked_id(request, "client_id"), debtor_id=asked_id(request, "debtor_id"),
        contract_id=asked_id(request, "contract_id"),
        receivable_id=asked_id(request, "receivable_id"),
    )  # fmt: skip
    return give(queries.replies(session, page_asked(request), wanted))


@post(f"{REPLIES}/{{reply_id:int}}/decision", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def decide(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, reply_id: FromPath[int],
    data: JSONBody[Decision],
) -> Response[bytes]:  # fmt: skip
    """Accept it (a contested invoice is then disputed) or refuse it with an answer."""
    staff_only(signed)
    permitted(signed, *DECIDE[queries.reply(session, reply_id).kind])

    def act() -> dict[str, Any]:
        if not data.accepted:
            replies.refuse_reply(session, reply_id=reply_id, answer=data.answer or "",
                                 by=signed.by, at=at)  # fmt: skip
            return {"state": ReplyState.REFUSED.value, "disputes": []}
        opened = replies.accept_reply(session, reply_id=reply_id, answer=data.answer,
                                      by=signed.by, at=at)  # fmt: skip
        return {"state": ReplyState.ACCEPTED.value, "disputes": [*opened]}

    return once(request, session, signed, at, raw, act, status=200)


HANDLERS = [list_replies, decide]
