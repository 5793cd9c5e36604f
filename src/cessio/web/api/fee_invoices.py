"""Fee invoices: what we charged under a contract, and each paper as its client keeps it."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath

from cessio.identity import Scope
from cessio.statements.queries.invoices import fee_invoices_of
from cessio.web.api.machinery import give, own_contract, scope_of
from cessio.web.guards import api
from cessio.web.invoice_file import invoice_file
from cessio.web.requests import Db, Who

TAGS = ["statements"]
READ = api(Scope.STATEMENTS_READ)
#: Twenty years of months.
MOST = 240


@get("/api/v1/contracts/{contract_id:int}/fee-invoices", guards=[READ], tags=TAGS,
     sync_to_thread=True)  # fmt: skip
def list_fee_invoices(session: Db, signed: Who, contract_id: FromPath[int]) -> Response[bytes]:
    """The fee invoices of a contract, latest first; a credit note is below zero.

    ``document_id`` is null while a paper is being made.
    """
    own_contract(session, signed, contract_id)
    found = fee_invoices_of(session, contract_id=contract_id, limit=MOST)
    return give({"fee_invoices": found})


@get("/api/v1/fee-invoices/{invoice_id:int}/file", guards=[READ], tags=TAGS, sync_to_thread=True)
def download_fee_invoice(session: Db, signed: Who, invoice_id: FromPath[int]) -> Response[bytes]:
    """The invoice as PDF, the same bytes whenever it is asked for."""
    return invoice_file(session, invoice_id, client_id=scope_of(signed))


HANDLERS = [list_fee_invoices, download_fee_invoice]
