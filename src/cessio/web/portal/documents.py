"""Documents: what proves, what accounts, and what was sent, each to be taken away."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get

from cessio import documents
from cessio.identity import Permission
from cessio.kernel.calendar import add_months, month_end
from cessio.receivables import queries as receivables
from cessio.receivables.rules import RemittanceState
from cessio.web.exports import file_response
from cessio.web.guards import client_user
from cessio.web.portal.scope import client_of, paging, scope_of
from cessio.web.render import render
from cessio.web.requests import AnyRequest, Db, Id, On, Who

#: What clients send; the factor's own papers about them are not theirs to read.
SENT = "remittance_file"
MONTHS = 12
LATEST = 20


@get("/portal/documents", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_documents(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """The last twelve statements, the receipts, and the files sent."""
    scope = scope_of(request, session, signed)
    page = receivables.remittances(
        session, paging(request, limit=LATEST), client_id=scope.client_id,
        contract_id=scope.contract.id, states=(RemittanceState.ASSIGNED,),
    )  # fmt: skip
    return render(
        request, "portal/documents/list_documents.html", scope=scope, page_of=page,
        months=_months(scope.contract.signed_on, on), may_export=signed.may(Permission.OWN_EXPORT),
        sent=documents.of_client(session, scope.client_id, kind=SENT, limit=LATEST),
    )  # fmt: skip


@get("/portal/documents/{document_id:int}", guards=[client_user(Permission.OWN_SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def download_document(session: Db, signed: Who, document_id: Id) -> Response[bytes]:
    """A file the client sent, exactly as it was. Raises ``NotFound``."""
    found = documents.read(session, document_id, client_id=client_of(signed), kind=SENT)
    return file_response(found.content, found.filename, found.media_type)


def _months(signed_on: date, on: date) -> list[tuple[date, date]]:
    """The last whole months of a contract, latest first."""
    firsts = [add_months(on.replace(day=1), -back) for back in range(1, MONTHS + 1)]
    return [(first, month_end(first)) for first in firsts if month_end(first) >= signed_on]


HANDLERS = [list_documents, download_document]
