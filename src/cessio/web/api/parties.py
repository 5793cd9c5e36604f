"""Clients, debtors and background jobs, read."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath

from cessio.identity import Scope
from cessio.kernel.errors import NotFound
from cessio.parties import queries
from cessio.plumbing.jobs import job_view
from cessio.web.api.machinery import PAGE, give, page_asked, scope_of, staff_only
from cessio.web.guards import api, query_fields
from cessio.web.requests import OFFICE, AnyRequest, Db, Who

TAGS = ["parties"]
READ = api(Scope.PARTIES_READ)


@get("/api/v1/clients", guards=[READ, query_fields("q", *PAGE)], tags=TAGS, sync_to_thread=True)
def list_clients(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Clients by name; ``q`` searches name and SIREN."""
    staff_only(signed)
    return give(
        queries.clients(session, page=page_asked(request), text=request.query_params.get("q"))
    )


@get("/api/v1/clients/{client_id:int}", guards=[READ], tags=TAGS, sync_to_thread=True,
     opt={OFFICE: "the audit of their file is not theirs"})  # fmt: skip
def show_client(session: Db, signed: Who, client_id: FromPath[int]) -> Response[bytes]:
    """A client with its company, accounts and contacts."""
    if scope_of(signed) not in (None, client_id):
        raise NotFound("client_not_found", "there is no such client")
    return give(queries.client_file(session, client_id))


@get("/api/v1/debtors", guards=[READ, query_fields("q", *PAGE)], tags=TAGS, sync_to_thread=True)
def list_debtors(request: AnyRequest, session: Db, signed: Who) -> Response[bytes]:
    """Debtors by name; ``q`` searches name and SIREN."""
    staff_only(signed)
    return give(
        queries.debtors(session, page=page_asked(request), text=request.query_params.get("q"))
    )


@get("/api/v1/debtors/{debtor_id:int}", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_debtor(session: Db, signed: Who, debtor_id: FromPath[int]) -> Response[bytes]:
    """A debtor with its company, accounts and contacts. For staff."""
    staff_only(signed)
    return give(queries.debtor_file(session, debtor_id))


@get("/api/v1/jobs/{job_id:int}", guards=[READ], tags=["jobs"], sync_to_thread=True)
def show_job(session: Db, signed: Who, job_id: FromPath[int]) -> Response[bytes]:
    """How far a background job is, its result or the cause of its failure."""
    return give(job_view(session, job_id, client_id=scope_of(signed)))


HANDLERS = [list_clients, show_client, list_debtors, show_debtor, show_job]
