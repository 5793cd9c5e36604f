"""The pages of a share, the same for a guest and for a link."""

from __future__ import annotations

from typing import Any

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from cessio.funding import queries as funding
from cessio.receivables import queries as receivables
from cessio.receivables.formats.receipt import receipt_pdf
from cessio.receivables.rules import RemittanceState
from cessio.reporting.rules import Indicator
from cessio.sharing.rules import Part
from cessio.web import explaining
from cessio.web.exports import file_response
from cessio.web.guards import guest, public
from cessio.web.invoice_file import invoice_file
from cessio.web.keeping import kept_file
from cessio.web.portal.accounting import collections_page, journal_page
from cessio.web.portal.costs import costs_page
from cessio.web.portal.indicators import indicators_page
from cessio.web.portal.invoices import invoices_page
from cessio.web.portal.scope import paging
from cessio.web.portal.statements import statement_file, statement_page
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Id, On, verify_at
from cessio.web.shared import opening
from cessio.web.shared.opening import Opened
from cessio.web.words.sharing import shows

Shared = NamedDependency[Opened]


@get("/", opt={"part": None}, include_in_schema=False, sync_to_thread=True)
def show_share(request: AnyRequest, opened: Shared) -> Response[Any]:
    """Who shares what, until when."""
    return render(request, "guest/show_share.html", scope=opened.scope, share=opened.share,
                  shows=shows)  # fmt: skip


@get("/statements", opt={"part": Part.STATEMENTS}, include_in_schema=False, sync_to_thread=True)
def show_statement(request: AnyRequest, session: Db, opened: Shared, on: On) -> Response[Any]:
    """The account of a contract over a period."""
    return statement_page(request, session, opened.scope, on, may_export=True)


@get("/statements/{contract_id:int}/{file_format:str}", opt={"part": Part.STATEMENTS},
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def download_statement(
    request: AnyRequest, session: Db, opened: Shared, contract_id: Id,
    file_format: FromPath[str], at: At, on: On,
) -> Response[bytes]:  # fmt: skip
    """The same as PDF, CSV, XLSX or camt.053."""
    return statement_file(
        request, session, opened.scope, file_format, language=opened.language, by=opened.by,
        on=on, at=at,
    )  # fmt: skip


@get("/statements/{contract_id:int}/kept/{kept_id:int}/{file_format:str}",
     opt={"part": Part.STATEMENTS}, include_in_schema=False, sync_to_thread=True)  # fmt: skip
def download_kept(
    session: Db, opened: Shared, contract_id: Id, kept_id: Id, file_format: FromPath[str]
) -> Response[bytes]:
    """A statement as it was made after its period's close."""
    return kept_file(
        session, kept_id, contract_id=opened.scope.contract.id, file_format=file_format
    )


@get("/costs", opt={"part": Part.COSTS}, include_in_schema=False, sync_to_thread=True)
def show_costs(request: AnyRequest, session: Db, opened: Shared, on: On, at: At) -> Response[Any]:
    """What factoring costs, by month."""
    return costs_page(request, session, opened.scope, on=on, at=at)


@get("/costs/invoices/{invoice_id:int}/pdf", opt={"part": Part.COSTS}, include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def download_fee_invoice(session: Db, opened: Shared, invoice_id: Id) -> Response[bytes]:
    """A fee invoice of a contract that is shared."""
    shared = {one.id for one in opened.scope.contracts}
    return invoice_file(session, invoice_id, client_id=opened.scope.client_id, contracts=shared)


@get("/invoices", opt={"part": Part.INVOICES}, include_in_schema=False, sync_to_thread=True)
def list_invoices(
    request: AnyRequest, session: Db, opened: Shared, on: On, at: At
) -> Response[Any]:
    """The assigned invoices, without what can only be done or seen by the client."""
    return invoices_page(request, session, opened.scope, on=on, at=at, may_prepare=False)


@get("/today", opt={"part": Part.TODAY}, include_in_schema=False, sync_to_thread=True)
def show_availability(request: AnyRequest, session: Db, opened: Shared, on: On) -> Response[Any]:
    """What can be drawn, and how the amount comes about."""
    found = funding.availability(session, contract_id=opened.scope.contract.id, on=on)
    return render(
        request, "guest/show_availability.html", scope=opened.scope, found=found, on=on,
        steps=explaining.steps(found, lines_url=None),
    )  # fmt: skip


@get("/documents", opt={"part": Part.DOCUMENTS}, include_in_schema=False, sync_to_thread=True)
def list_receipts(request: AnyRequest, session: Db, opened: Shared) -> Response[Any]:
    """The subrogation receipts, latest first."""
    page = receivables.remittances(
        session, paging(request), client_id=opened.scope.client_id,
        contract_id=opened.scope.contract.id, states=(RemittanceState.ASSIGNED,),
    )  # fmt: skip
    return render(request, "guest/list_receipts.html", scope=opened.scope, page_of=page)


@get("/documents/{contract_id:int}/{remittance_id:int}/receipt.pdf",
     opt={"part": Part.DOCUMENTS, "format": "pdf"}, include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_receipt(
    request: AnyRequest, session: Db, opened: Shared, contract_id: Id, remittance_id: Id
) -> Response[bytes]:
    """The receipt of a remittance under the contract. Raises ``NotFound``."""
    number, pdf = receipt_pdf(session, remittance_id, verify_at=verify_at(request),
                              client_id=opened.scope.client_id)  # fmt: skip
    return file_response(pdf, f"{number}.pdf", "application/pdf")


@get("/accounting", opt={"part": Part.ACCOUNTING}, include_in_schema=False, sync_to_thread=True)
def show_journal(request: AnyRequest, session: Db, opened: Shared, on: On, at: At) -> Response[Any]:
    """The account of a period as the client posts it."""
    return journal_page(request, session, opened.scope, on=on, at=at, may_export=True,
                        may_set=False)  # fmt: skip


@get("/accounting/collections", opt={"part": Part.ACCOUNTING}, include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_collections(
    request: AnyRequest, session: Db, opened: Shared, on: On, at: At
) -> Response[Any]:
    """What debtors paid in a period, with the VAT that falls due by it."""
    return collections_page(request, session, opened.scope, on=on, at=at, may_export=True)


@get("/accounting/{contract_id:int}/fec", opt={"part": Part.ACCOUNTING, "format": "fec"},
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def download_fec(
    request: AnyRequest, session: Db, opened: Shared, contract_id: Id, at: At, on: On
) -> Response[bytes]:
    """The journal in the columns of a FEC."""
    return statement_file(
        request, session, opened.scope, "fec", language=opened.language, by=opened.by, on=on, at=at
    )


@get("/indicators", opt={"part": Part.INDICATORS}, include_in_schema=False, sync_to_thread=True)
def show_indicators(request: AnyRequest, session: Db, opened: Shared, on: On) -> Response[Any]:
    """How the client's debtors pay, every indicator."""
    return indicators_page(request, session, opened.scope, on=on, chosen=list(Indicator))


PAGES = [
    show_share, show_statement, download_statement, download_kept, show_costs, download_fee_invoice,
    list_invoices,
    show_availability, list_receipts, show_receipt, show_journal, show_collections, download_fec,
    show_indicators,
]  # fmt: skip
HANDLERS = [
    Router(
        "/guest/{share_id:int}", route_handlers=PAGES, guards=[guest()],
        dependencies={"opened": Provide(opening.to_guest, sync_to_thread=True)},
    ),
    Router(
        "/shared/{token:str}", route_handlers=PAGES, guards=[public],
        dependencies={"opened": Provide(opening.by_link, sync_to_thread=True)},
        exception_handlers={opening.LinkClosed: opening.on_link_closed},
    ),
]  # fmt: skip
