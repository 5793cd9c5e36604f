"""Statements that are kept as files: listed, asked for and downloaded."""

from __future__ import annotations

from datetime import date

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio import documents, statements
from cessio.identity import Scope
from cessio.plumbing.i18n import LANGUAGES
from cessio.statements import StatementFormat, queries
from cessio.web.api.machinery import RAW, Input, Raw, give, once, own_contract, scope_of
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


@get("/api/v1/statements/{statement_id:int}/file", guards=[READ], tags=TAGS, sync_to_thread=True)
def download_statement(session: Db, signed: Who, statement_id: FromPath[int]) -> Response[bytes]:
    """The file as it was made: its bytes have the ``sha256`` of the list."""
    kept = queries.kept_statement(session, statement_id, client_id=scope_of(signed))
    found = documents.read(session, kept.document_id)
    return file_response(found.content, found.filename, found.media_type)


HANDLERS = [list_statements, ask_statement, download_statement]
