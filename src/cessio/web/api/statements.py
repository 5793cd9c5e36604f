"""Statements that are kept as files: listed, asked for and downloaded."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio import documents, statements
from cessio.identity import Scope
from cessio.plumbing.i18n import LANGUAGES
from cessio.statements import StatementFormat, queries
from cessio.statements.rules.rhythm import Rhythm, Wanted
from cessio.web.api.machinery import (
    RAW,
    Input,
    Raw,
    give,
    known_language,
    once,
    own_contract,
    scope_of,
)
from cessio.web.exports import file_response
from cessio.web.guards import api
from cessio.web.requests import AnyRequest, At, Db, Who

TAGS = ["statements"]
READ = api(Scope.STATEMENTS_READ)
PATH = "/api/v1/contracts/{contract_id:int}/statements"


class StatementAsked(Input):
    """A period, both days included, and the file it is wanted as."""

    from_on: date
    to_on: date
    format: StatementFormat
    language: str | None = None


class Schedule(Input):
    """How often, as which files and in which language."""

    rhythm: Rhythm
    formats: list[StatementFormat]
    language: str = "fr"


@get(PATH, guards=[READ], tags=TAGS, sync_to_thread=True)
def list_statements(session: Db, signed: Who, contract_id: FromPath[int]) -> Response[bytes]:
    """The statements kept of a contract, latest period first, and how often they are made.

    ``rhythm`` is ``asked`` for those that somebody asked for; ``sha256`` is of the file's bytes.
    """
    own_contract(session, signed, contract_id)
    kept = queries.kept_statements(session, contract_id=contract_id, client_id=scope_of(signed))
    return give({"order": queries.order_of(session, contract_id), "statements": kept})


@post(PATH, guards=[READ], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def ask_statement(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, contract_id: FromPath[int],
    data: JSONBody[StatementAsked],
) -> Response[bytes]:  # fmt: skip
    """Make the statement of any period and keep it; asked again of the same books, it is the same.

    It is downloaded at ``/api/v1/statements/{id}/file``.
    """
    own_contract(session, signed, contract_id)
    language = data.language if data.language in LANGUAGES else signed.language

    def act() -> queries.KeptView:
        made = statements.ask_statement(
            session, contract_id=contract_id, from_on=data.from_on, to_on=data.to_on,
            file_format=data.format, language=language, by=signed.by, at=at,
        )  # fmt: skip
        return queries.kept_statement(session, made)

    return once(request, session, signed, at, raw, act)


@post(f"{PATH}/order", guards=[api(Scope.STATEMENTS_WRITE)], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def order_statements(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, contract_id: FromPath[int],
    data: JSONBody[Schedule],
) -> Response[bytes]:  # fmt: skip
    """From the period under way on statements are made so often, as these files; ``none`` ends it.

    Statements that were asked for are kept whatever the order.
    """
    own_contract(session, signed, contract_id)
    wanted = Wanted(data.rhythm, tuple(one.value for one in data.formats),
                    known_language(data.language))  # fmt: skip

    def act() -> Any:
        statements.set_order(session, contract_id=contract_id, wanted=wanted, by=signed.by, at=at)
        return queries.order_of(session, contract_id)

    return once(request, session, signed, at, raw, act, status=200)


@get("/api/v1/statements/{statement_id:int}/file", guards=[READ], tags=TAGS, sync_to_thread=True)
def download_statement(session: Db, signed: Who, statement_id: FromPath[int]) -> Response[bytes]:
    """The file as it was made: its bytes have the ``sha256`` of the list."""
    kept = queries.kept_statement(session, statement_id, client_id=scope_of(signed))
    found = documents.read(session, kept.document_id)
    return file_response(found.content, found.filename, found.media_type)


HANDLERS = [list_statements, ask_statement, order_statements, download_statement]
