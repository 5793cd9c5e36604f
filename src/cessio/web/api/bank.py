"""Bank statements in, lines to match, applications made and undone."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from cessio import banking, cash, funding
from cessio.banking import queries as bank
from cessio.cash import queries
from cessio.identity import Permission, Scope
from cessio.kernel.errors import Forbidden, Invalid, NotFound
from cessio.web.api.machinery import RAW, Input, Raw, give, once, staff_only
from cessio.web.guards import api
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

TAGS = ["bank"]
READ, WRITE = api(Scope.CASH_READ), api(Scope.CASH_WRITE)


class ChosenIn(Input):
    """A part of a line's money; see ``cash.Chosen``."""

    amount_minor: int
    receivable_id: int | None = None
    difference_minor: int = 0
    contract_id: int | None = None
    debtor_id: int | None = None


class ApplicationIn(Input):
    """Apply a proposal as it stands, or say where the money goes."""

    proposal_id: int | None = None
    chosen: list[ChosenIn] = []


class UndoIn(Input):
    """Why an application is taken back."""

    reason: str


@get("/api/v1/bank-statements", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_statements(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Imported statements, latest first, with what of them waits to be matched."""
    staff_only(signed)
    before = request.query_params.get("before", "")
    rows = bank.statements(session, before_id=int(before) if before.isdigit() else None)
    return give({"statements": rows})


@post("/api/v1/bank-statements", guards=[WRITE], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def import_statement(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, submitted: Sent
) -> Response[bytes]:
    """Import a camt.053 (multipart field ``file``), settle payouts, match what came in."""
    staff_only(signed)
    files = submitted.uploads.get("file", ())
    if len(files) != 1:
        raise Invalid("file_missing", "send one file in the field file", field="file")

    def act() -> dict[str, Any]:
        done = banking.import_statement(
            session, data=files[0].content, filename=files[0].name, by=signed.by, at=at
        )
        funding.settle_payout_lines(session, by=signed.by, at=at)
        return {
            "statements": done, "matched": cash.match_open_lines(session, by=signed.by, at=at)
        }  # fmt: skip

    return once(request, session, signed, at, files[0].content, act)


@get("/api/v1/bank-lines", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_lines(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Lines with money to match, oldest first; ``after`` is the id to continue from."""
    staff_only(signed)
    after = request.query_params.get("after", "")
    rows = queries.workbench(session, after_id=int(after) if after.isdigit() else None)
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
    data: ApplicationIn,
) -> Response[bytes]:  # fmt: skip
    """Apply a line's money: one of its proposals, or the parts given."""
    staff_only(signed)
    if not signed.may(Permission.APPLY_CASH):
        raise Forbidden("not_permitted", "Your role does not include this")

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
    application_id: FromPath[int], data: UndoIn,
) -> Response[bytes]:  # fmt: skip
    """Take an application back; the state before it is there again exactly."""
    staff_only(signed)
    if not signed.may(Permission.APPLY_CASH):
        raise Forbidden("not_permitted", "Your role does not include this")

    def act() -> dict[str, bool]:
        cash.undo_application(
            session, application_id=application_id, reason=data.reason, by=signed.by, at=at
        )
        return {"undone": True}

    return once(request, session, signed, at, raw, act, status=200)


HANDLERS = [list_statements, import_statement, list_lines, show_line, apply_line, undo]
