"""Bank statements in, lines to match, applications made and undone."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio import banking, cash, funding
from cessio.banking import queries as bank
from cessio.cash import queries
from cessio.identity import Permission, Scope
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import PageRequest
from cessio.web.api.machinery import (
    RAW,
    Input,
    Key,
    Minor,
    Raw,
    Words,
    asked_id,
    give,
    once,
    only_file,
    permitted,
    staff_only,
)
from cessio.web.guards import api, query_fields
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

TAGS = ["bank"]
READ, WRITE = api(Scope.CASH_READ), api(Scope.CASH_WRITE)


class ChosenIn(Input):
    """A part of a line's money; see ``cash.Chosen``."""

    amount_minor: Minor
    receivable_id: Key | None = None
    difference_minor: Minor = 0
    contract_id: Key | None = None
    debtor_id: Key | None = None


class ApplicationIn(Input):
    """Apply a proposal as it stands, or say where the money goes."""

    proposal_id: Key | None = None
    chosen: list[ChosenIn] = []


class ParkingIn(Input):
    """Who is to find out what about a line."""

    owner_id: Key
    note: Words


class UndoIn(Input):
    """Why an application is taken back."""

    reason: Words


@get(
    "/api/v1/bank-statements", guards=[READ, query_fields("before")], tags=TAGS, sync_to_thread=True
)
def list_statements(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Imported statements, latest first, with what of them waits to be matched."""
    staff_only(signed)
    before = asked_id(request, "before")
    page = PageRequest(after=None if before is None else (before,))
    return give({"statements": bank.statements(session, page).rows})


@post("/api/v1/bank-statements", guards=[WRITE], tags=TAGS, sync_to_thread=True)
def import_statement(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[bytes]:
    """Import a camt.053 (multipart field ``file``), settle payouts, match what came in."""
    staff_only(signed)
    file = only_file(submitted)

    def act() -> dict[str, Any]:
        done = banking.import_statement(
            session, data=file.content, filename=file.name, by=signed.by, at=at
        )
        funding.settle_payout_lines(session, by=signed.by, at=at)
        return {
            "statements": done, "matched": cash.match_open_lines(session, by=signed.by, at=at)
        }  # fmt: skip

    return once(request, session, signed, at, file.content, act)


@get(
    "/api/v1/bank-statements/{statement_id:int}",
    guards=[READ, query_fields("after")],
    tags=TAGS,
    sync_to_thread=True,
)
def show_statement(
    request: AnyRequest, session: Db, signed: Who, statement_id: FromPath[int]
) -> Response[bytes]:
    """A statement's balances and remarks, and its movements; ``after`` is a position."""
    staff_only(signed)
    after = asked_id(request, "after") or 0
    return give(
        {
            "statement": bank.statement(session, statement_id=statement_id),
            "lines": bank.lines(session, statement_id=statement_id, after=after),
        }
    )


@get(
    "/api/v1/bank-lines",
    guards=[READ, query_fields("parked", "after")],
    tags=TAGS,
    sync_to_thread=True,
)
def list_lines(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Lines with money to match, oldest first; ``after`` is the id to continue from.

    ``parked=true`` gives those set aside, each with its owner, since when and why.
    """
    staff_only(signed)
    rows = queries.workbench(
        session, parked=request.query_params.get("parked") == "true",
        after_id=asked_id(request, "after"),
    )  # fmt: skip
    return give({"lines": rows})


@get("/api/v1/bank-lines/{line_id:int}", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_line(session: Db, signed: Who, line_id: FromPath[int]) -> Response[bytes]:
    """A line, its proposals with their reasons, and what was done with it."""
    staff_only(signed)
    line = queries.workbench_line(session, line_id=line_id)
    if line is None:
        raise NotFound("line_unknown", "there is no such bank line")
    return give(
        {
            "line": line, "proposals": queries.proposals_of(session, line_id=line_id),
            "applications": queries.applications_of(session, line_id=line_id),
        }
    )  # fmt: skip


@post("/api/v1/bank-lines/{line_id:int}/applications", guards=[WRITE], tags=TAGS,
      dependencies=RAW, sync_to_thread=True)  # fmt: skip
def apply_line(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, line_id: FromPath[int],
    data: JSONBody[ApplicationIn],
) -> Response[bytes]:  # fmt: skip
    """Apply a line's money: one of its proposals, or the parts given."""
    staff_only(signed)
    permitted(signed, Permission.APPLY_CASH)

    def act() -> dict[str, int]:
        if data.proposal_id is not None:
            number = cash.apply_proposal(session, proposal_id=data.proposal_id, by=signed.by, at=at)
        else:
            parts = [
                cash.Chosen(**{name: getattr(one, name) for name in one.__struct_fields__})
                for one in data.chosen
            ]
            number = cash.apply_line(session, line_id=line_id, chosen=parts, by=signed.by, at=at)
        return {"application_id": number}

    return once(request, session, signed, at, raw, act)


@post("/api/v1/applications/{application_id:int}/undo", guards=[WRITE], tags=TAGS,
      dependencies=RAW, sync_to_thread=True)  # fmt: skip
def undo(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw,
    application_id: FromPath[int], data: JSONBody[UndoIn],
) -> Response[bytes]:  # fmt: skip
    """Take an application back; the state before it is there again exactly."""
    staff_only(signed)
    permitted(signed, Permission.APPLY_CASH)

    def act() -> dict[str, bool]:
        cash.undo_application(
            session, application_id=application_id, reason=data.reason, by=signed.by, at=at
        )
        return {"undone": True}

    return once(request, session, signed, at, raw, act, status=200)


@post("/api/v1/bank-lines/{line_id:int}/parking", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def park(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, line_id: FromPath[int],
    data: JSONBody[ParkingIn],
) -> Response[bytes]:  # fmt: skip
    """Set a line aside for somebody; parked again, it changes hands."""
    staff_only(signed)
    permitted(signed, Permission.APPLY_CASH)

    def act() -> dict[str, bool]:
        cash.park_line(
            session, line_id=line_id, owner_id=data.owner_id, note=data.note, by=signed.by, at=at
        )
        return {"parked": True}

    return once(request, session, signed, at, raw, act)


@post("/api/v1/bank-lines/{line_id:int}/unparking", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def unpark(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, line_id: FromPath[int]
) -> Response[bytes]:
    """Bring a line back to those that wait."""
    staff_only(signed)
    permitted(signed, Permission.APPLY_CASH)

    def act() -> dict[str, bool]:
        cash.unpark_line(session, line_id=line_id, by=signed.by, at=at)
        return {"parked": False}

    return once(request, session, signed, at, raw, act, status=200)


@get("/api/v1/payer-aliases", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_aliases(session: Db, signed: Who) -> Response[bytes]:
    """Names and accounts debtors are known to pay under."""
    staff_only(signed)
    return give({"aliases": queries.aliases(session)})


HANDLERS = [
    list_statements, import_statement, show_statement, list_lines, show_line, apply_line, undo,
    park, unpark, list_aliases,
]  # fmt: skip
