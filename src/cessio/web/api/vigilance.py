"""Signals and verifications: read what looks odd and what waits, say what was found. For staff."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio import vigilance
from cessio.identity import Permission, Scope
from cessio.kernel.errors import Invalid
from cessio.receivables.operations import answer_verification
from cessio.receivables.queries import verification as queries
from cessio.receivables.queries.verification import VerificationFilter
from cessio.receivables.rules import DisputeReason
from cessio.receivables.rules.verification import Answer, VerificationMethod, VerificationState
from cessio.vigilance import Outcome, SignalFilter
from cessio.vigilance import queries as signals
from cessio.vigilance.rules import SignalState
from cessio.web.api.machinery import (
    PAGE,
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
    staff_only,
)
from cessio.web.guards import api, query_fields
from cessio.web.requests import AnyRequest, At, Db, Who

TAGS = ["vigilance"]
READ, WRITE = api(Scope.RECEIVABLES_READ), api(Scope.REMITTANCES_WRITE)
SIGNALS, VERIFICATIONS = "/api/v1/signals", "/api/v1/verifications"


class Look(Input):
    """What a signal turned out to be, and why one thinks so."""

    outcome: Outcome
    note: Words


class VerificationAnswer(Input):
    """What is known of an invoice, how, and by whom; ``confirmed_minor`` of a part."""

    answer: Answer
    method: VerificationMethod
    confirmed_minor: Minor | None = None
    contact: Words | None = None
    note: Words | None = None
    dispute: DisputeReason | None = None


@get(
    SIGNALS,
    guards=[
        READ,
        query_fields("state", "client_id", "debtor_id", "remittance_id", "receivable_id", *PAGE),
    ],
    tags=TAGS,
    sync_to_thread=True,
)
def list_signals(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Signals, latest first: those to look at, those of another ``state``, or ``state=any``."""
    staff_only(signed)
    asked = request.query_params.get("state", SignalState.OPEN.value)
    if asked != "any" and asked not in set(SignalState):
        raise Invalid("state_unknown", "{state} is not a state", field="state", state=asked[:20])
    wanted = SignalFilter(
        state=None if asked == "any" else SignalState(asked),
        client_id=asked_id(request, "client_id"), debtor_id=asked_id(request, "debtor_id"),
        remittance_id=asked_id(request, "remittance_id"),
        document_id=asked_id(request, "receivable_id"),
    )  # fmt: skip
    return give(signals.signals(session, page_asked(request), wanted))


@post(f"{SIGNALS}/{{signal_id:int}}/look", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def look_at_signal(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, signal_id: FromPath[int],
    data: JSONBody[Look],
) -> Response[bytes]:  # fmt: skip
    """Say what a signal is; it is then no longer open."""
    staff_only(signed)
    permitted(signed, Permission.DECIDE_REMITTANCES, Permission.DECIDE_LIMITS)

    def act() -> dict[str, Any]:
        vigilance.look(session, signal_id=signal_id, outcome=data.outcome, note=data.note,
                       by=signed.by, at=at)  # fmt: skip
        return {"state": data.outcome.value}

    return once(request, session, signed, at, raw, act, status=200)


@get(
    VERIFICATIONS,
    guards=[READ, query_fields("state", "contract_id", "debtor_id", "receivable_id", *PAGE)],
    tags=TAGS,
    sync_to_thread=True,
)
def list_verifications(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Invoices that wait to be verified, oldest first; ``state`` shows those of one state."""
    staff_only(signed)
    asked = request.query_params.get("state")
    if asked is not None and asked not in set(VerificationState):
        raise Invalid("state_unknown", "{state} is not a state", field="state", state=asked[:20])
    wanted = VerificationFilter(
        states=() if asked is None else (VerificationState(asked),),
        contract_id=asked_id(request, "contract_id"), debtor_id=asked_id(request, "debtor_id"),
        receivable_id=asked_id(request, "receivable_id"),
    )  # fmt: skip
    return give(queries.verifications(session, page_asked(request), wanted))


@post(f"{VERIFICATIONS}/{{verification_id:int}}/answer", guards=[WRITE], tags=TAGS,
      dependencies=RAW, sync_to_thread=True)  # fmt: skip
def answer(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw,
    verification_id: FromPath[int], data: JSONBody[VerificationAnswer],
) -> Response[bytes]:  # fmt: skip
    """Record what is known of an invoice: confirmed, in part, or not."""
    staff_only(signed)
    permitted(signed, Permission.DECIDE_REMITTANCES, Permission.HANDLE_DISPUTES)

    def act() -> dict[str, Any]:
        state = answer_verification(
            session, verification_id=verification_id, answer=data.answer, method=data.method,
            confirmed_minor=data.confirmed_minor, contact=data.contact, note=data.note,
            dispute=data.dispute, by=signed.by, at=at,
        )  # fmt: skip
        return {"state": state.value}

    return once(request, session, signed, at, raw, act, status=200)


HANDLERS = [list_signals, look_at_signal, list_verifications, answer]
