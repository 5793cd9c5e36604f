"""Answers to our messages, handed in by the deployment's SMS gateway."""

from __future__ import annotations

from litestar import Response, post
from litestar.params import JSONBody

from cessio.correspondence.refusals import take_answer
from cessio.identity import Scope
from cessio.web.api.machinery import RAW, Input, Raw, Words, once, staff_only
from cessio.web.guards import api
from cessio.web.requests import AnyRequest, At, Db, Who


class SmsAnswer(Input):
    """The number that answered, in any usual writing, and what it said."""

    number: Words
    text: Words


@post("/api/v1/sms-answers", guards=[api(Scope.MESSAGES_WRITE)], tags=["messages"],
      dependencies=RAW, sync_to_thread=True)  # fmt: skip
def take_sms_answer(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[SmsAnswer]
) -> Response[bytes]:
    """Take an answer to an SMS of ours. ``stopped`` says that it asked for no more (STOP).

    Reminders then go by mail or on paper. A number that we never wrote to stops nothing.
    """
    staff_only(signed)

    def act() -> dict[str, bool]:
        return {"stopped": take_answer(session, number=data.number, text=data.text, by=signed.by,
                                       at=at)}  # fmt: skip

    return once(request, session, signed, at, raw, act, status=200)


HANDLERS = [take_sms_answer]
