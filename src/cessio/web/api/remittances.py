"""Remittances: send documents, read every line's verdict, confirm, accept, withdraw, reverse."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio import receivables
from cessio.funding import queries as funding
from cessio.identity import Audience, Permission, Scope, Signed
from cessio.kernel.errors import Invalid
from cessio.receivables import NewDocument, queries
from cessio.receivables.operations import reverse
from cessio.receivables.rules import DocumentKind, RemittanceState, Source, Verdict
from cessio.web.api.machinery import (
    PAGE,
    RAW,
    Input,
    Key,
    Minor,
    Raw,
    Words,
    give,
    once,
    own_contract,
    page_asked,
    permitted,
    scope_of,
    staff_only,
)
from cessio.web.guards import api, query_fields
from cessio.web.requests import AnyRequest, At, Db, On, Who

TAGS = ["remittances"]
READ, WRITE = api(Scope.RECEIVABLES_READ), api(Scope.REMITTANCES_WRITE)
PATH = "/api/v1/remittances"


class DocumentIn(Input):
    """An invoice or credit note; ``amount_minor`` is gross of VAT, in minor units."""

    number: Words
    issue_date: date
    amount_minor: Minor
    due_date: date | None = None
    kind: DocumentKind = DocumentKind.INVOICE
    debtor_siren: Words | None = None
    debtor_vat: Words | None = None
    debtor_id: Key | None = None
    debtor_name: Words | None = None
    vat_minor: Minor | None = None
    currency: Words | None = None
    order_ref: Words | None = None
    original_number: Words | None = None


class NewRemittance(Input):
    """Documents to assign under a contract; they are checked, not yet assigned."""

    contract_id: Key
    documents: list[DocumentIn]


class Decision(Input):
    """Why, where a reason is due; ``leave_out`` are line numbers not to accept."""

    reason: Words | None = None
    leave_out: list[Key] = []


@get(PATH, guards=[READ, query_fields(*PAGE)], tags=TAGS, sync_to_thread=True)
def list_remittances(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Remittances, latest first."""
    page = queries.remittances(session, page_asked(request), client_id=scope_of(signed))
    return give(page)


@get(
    f"{PATH}/{{remittance_id:int}}",
    guards=[READ, query_fields("verdict", *PAGE)],
    tags=TAGS,
    sync_to_thread=True,
)
def show_remittance(
    request: AnyRequest, session: Db, signed: Who, remittance_id: FromPath[int]
) -> Response[bytes]:
    """A remittance with its lines, each with its verdict and every reason."""
    return give(_told(request, session, signed, remittance_id))


@get(f"{PATH}/{{remittance_id:int}}/effect", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_effect(session: Db, signed: Who, on: On, remittance_id: FromPath[int]) -> Response[bytes]:
    """What submitting a draft would cost and what could be drawn afterwards; nothing is written."""
    found = queries.remittance(session, remittance_id, client_id=scope_of(signed))
    resulting = receivables.operations.resulting(session, remittance_id=remittance_id, on=on)
    contract_id = found.remittance.contract_id
    now = funding.availability(session, contract_id=contract_id, on=on)
    after = funding.planned_availability(
        session, contract_id=contract_id, documents=resulting.documents,
        charges=resulting.charges, on=on,
    )  # fmt: skip
    return give({"charges": resulting.charges, "before": now.figures(), "after": after.figures()})


@post(
    PATH,
    guards=[WRITE, query_fields("verdict", *PAGE)],
    tags=TAGS,
    dependencies=RAW,
    sync_to_thread=True,
)
def create_remittance(
    request: AnyRequest,
    session: Db,
    signed: Who,
    at: At,
    on: On,
    raw: Raw,
    data: JSONBody[NewRemittance],
) -> Response[bytes]:
    """Send documents: a draft is made and checked. Nothing is assigned before its submission."""
    own_contract(session, signed, data.contract_id)

    def act() -> dict[str, Any]:
        rows = [NewDocument(**_fields(one)) for one in data.documents]
        number = receivables.draft_from_rows(
            session, contract_id=data.contract_id, rows=rows, source=Source.API, by=signed.by,
            at=at,
        )  # fmt: skip
        receivables.check(session, remittance_id=number, on=on, by=signed.by, at=at)
        return _told(request, session, signed, number)

    return once(request, session, signed, at, raw, act)


@post(f"{PATH}/{{remittance_id:int}}/submission", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def submit_remittance(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, remittance_id: FromPath[int]
) -> Response[bytes]:
    """Confirm: assigned at once where the contract's rules allow, else it waits for the factor."""
    queries.remittance(session, remittance_id, client_id=scope_of(signed))
    permitted(signed, Permission.OWN_ASSIGN, Permission.DECIDE_REMITTANCES)
    return once(
        request, session, signed, at, raw,
        lambda: receivables.submit(session, remittance_id=remittance_id, by=signed.by, at=at),
        status=200,
    )  # fmt: skip


@post(f"{PATH}/{{remittance_id:int}}/withdrawal", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def withdraw_remittance(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw,
    remittance_id: FromPath[int], data: JSONBody[Decision],
) -> Response[bytes]:  # fmt: skip
    """Take back a remittance that was not decided yet."""
    queries.remittance(session, remittance_id, client_id=scope_of(signed))

    def act() -> dict[str, str]:
        receivables.withdraw(
            session, remittance_id=remittance_id, by=signed.by, at=at, reason=data.reason
        )
        return {"state": RemittanceState.WITHDRAWN.value}

    return once(request, session, signed, at, raw, act, status=200)


@post(f"{PATH}/{{remittance_id:int}}/acceptance", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def accept_remittance(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw,
    remittance_id: FromPath[int], data: JSONBody[Decision],
) -> Response[bytes]:  # fmt: skip
    """The factor accepts a submitted remittance, which assigns it."""
    staff_only(signed)
    return once(
        request, session, signed, at, raw,
        lambda: receivables.accept(
            session, remittance_id=remittance_id, leave_out=data.leave_out,
            why=data.reason, by=signed.by, at=at,
        ),
        status=200,
    )  # fmt: skip


@post(f"{PATH}/{{remittance_id:int}}/reversal", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def reverse_remittance(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw,
    remittance_id: FromPath[int], data: JSONBody[Decision],
) -> Response[bytes]:  # fmt: skip
    """Give back the previous state exactly, while nothing else happened to its documents."""
    staff_only(signed)
    return once(
        request, session, signed, at, raw,
        lambda: reverse(
            session, remittance_id=remittance_id, reason=data.reason or "", by=signed.by, at=at
        ),
        status=200,
    )  # fmt: skip


def _told(request: AnyRequest, session: Db, signed: Signed, remittance_id: int) -> dict[str, Any]:
    found = queries.remittance(session, remittance_id, client_id=scope_of(signed))
    asked = request.query_params.get("verdict")
    if asked is not None and asked not in set(Verdict):
        raise Invalid(
            "verdict_unknown", "{verdict} is not a verdict", field="verdict", verdict=asked[:20]
        )
    verdict = Verdict(asked) if asked else None
    lines = queries.lines(
        session, remittance_id, page_asked(request), verdict=verdict,
        staff=signed.audience is Audience.STAFF,
    )  # fmt: skip
    return {"remittance": found, "lines": lines}


def _fields(document: DocumentIn) -> dict[str, Any]:
    return {name: getattr(document, name) for name in document.__struct_fields__}


HANDLERS = [
    list_remittances, show_remittance, show_effect, create_remittance, submit_remittance,
    withdraw_remittance, accept_remittance, reverse_remittance,
]  # fmt: skip
