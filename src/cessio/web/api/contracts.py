"""Contracts, their availability on any day, their statements, and index fixings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from cessio import agreeing, statements
from cessio.agreeing.deeds.house import RecordFixings
from cessio.contracts import queries
from cessio.contracts.formats.fixings import one_fixing
from cessio.contracts.rules import IndexName
from cessio.funding import queries as funding
from cessio.identity import Scope
from cessio.statements import StatementFormat
from cessio.web.api.machinery import (
    RAW,
    Input,
    Raw,
    Words,
    give,
    once,
    own_contract,
    scope_of,
    staff_only,
)
from cessio.web.exports import file_response
from cessio.web.guards import api
from cessio.web.requests import AnyRequest, At, CountsOn, Db, On, Who, verify_at

TAGS = ["contracts"]
READ = api(Scope.CONTRACTS_READ)


class NewFixing(Input):
    """The published value of an index: ``rate`` is a fraction written as a decimal."""

    index: IndexName
    fixed_on: date
    rate: Decimal
    source: Words


@get("/api/v1/contracts", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_contracts(session: Db, signed: Who) -> Response[bytes]:
    """The caller's contracts."""
    return give({"contracts": queries.contracts(session, client_id=scope_of(signed))})


@get("/api/v1/contracts/{contract_id:int}", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_contract(session: Db, signed: Who, on: On, contract_id: FromPath[int]) -> Response[bytes]:
    """A contract and the terms in force today."""
    contract = own_contract(session, signed, contract_id)
    terms = queries.terms_in_force(session, contract_id, on)
    return give({"contract": contract, "terms": terms})


@get("/api/v1/contracts/{contract_id:int}/availability", guards=[READ], tags=["funding"],
     sync_to_thread=True)  # fmt: skip
def show_availability(
    session: Db, signed: Who, on: On, counts_on: CountsOn, contract_id: FromPath[int],
    as_of: FromQuery[date | None] = None,
) -> Response[bytes]:  # fmt: skip
    """What may be drawn, every line that leads to it, and each debtor's share.

    ``as_of`` answers as known at the end of that day.
    """
    own_contract(session, signed, contract_id)
    found = funding.availability(
        session, contract_id=contract_id, on=on, as_of=as_of, counts_on=counts_on
    )
    return give({**found.figures(), "lines": found.lines, "debtors": found.debtors})


@get("/api/v1/contracts/{contract_id:int}/statement", guards=[api(Scope.STATEMENTS_READ)],
     tags=["statements"], sync_to_thread=True)  # fmt: skip
def show_statement(
    request: AnyRequest, session: Db, signed: Who, at: At, contract_id: FromPath[int],
    from_on: FromQuery[date], to_on: FromQuery[date],
    file_format: FromQuery[StatementFormat | None] = None,
) -> Response[bytes]:  # fmt: skip
    """The account of a period: JSON, or a file in ``file_format``; the same figures in all."""
    own_contract(session, signed, contract_id)
    if file_format is None:
        return give(
            statements.contract_statement(
                session, contract_id=contract_id, from_on=from_on, to_on=to_on
            )
        )
    made = statements.issue_statement(
        session, contract_id=contract_id, from_on=from_on, to_on=to_on, file_format=file_format,
        language=signed.language, by=signed.by, at=at, verify_at=verify_at(request),
    )  # fmt: skip
    return file_response(made.content, made.filename, made.media_type)


@get("/api/v1/fixings", guards=[READ], tags=["settlement"], sync_to_thread=True)
def list_fixings(
    session: Db, signed: Who, index: FromQuery[IndexName], from_on: FromQuery[date],
    to_on: FromQuery[date],
) -> Response[bytes]:  # fmt: skip
    """The fixings of an index over a period, both days included, each with its source."""
    return give({"fixings": queries.fixings(session, index, from_on=from_on, to_on=to_on)})


@post("/api/v1/fixings", guards=[api(Scope.SETTINGS_WRITE)], tags=["settlement"],
      dependencies=RAW, sync_to_thread=True)  # fmt: skip
def record_fixing(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[NewFixing]
) -> Response[bytes]:
    """Ask for a fixing to be recorded: it is once a second person agrees; the approval's id."""
    staff_only(signed)

    def act() -> dict[str, int]:
        deed = RecordFixings(one_fixing(data.fixed_on, data.rate), data.index, data.source)
        return {"approval_id": agreeing.ask(session, deed=deed, by=signed.by, at=at)}

    return once(request, session, signed, at, raw, act)


HANDLERS = [
    list_contracts, show_contract, show_availability, show_statement, list_fixings,
    record_fixing,
]  # fmt: skip
