"""The API: the same operations as JSON under /api/v1, one module per capability."""

from typing import Any

from litestar import Response, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from cessio import __version__
from cessio.identity import Scope
from cessio.web.api import (
    bank,
    contracts,
    fee_invoices,
    funding,
    house,
    limits,
    messages,
    parties,
    payments,
    portfolio,
    receivables,
    remittances,
    replies,
    reports,
    statements,
    treasury,
    vigilance,
)
from cessio.web.api.machinery import give
from cessio.web.guards import api
from cessio.web.requests import AnyRequest

OPENAPI = OpenAPIConfig(
    title="Cessio",
    version=__version__,
    description=(
        "The factor's operations as JSON. Amounts are whole minor units, dates ISO 8601, rates"
        " decimal strings. Every POST needs an Idempotency-Key. Errors are problem+json."
    ),
    components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
    security=[{"token": []}],
    render_plugins=[],
    use_handler_docstrings=True,
    openapi_router=Router(
        "/api/v1/schema", route_handlers=[], guards=[api(*Scope)], include_in_schema=False
    ),
)


@get("/api/v1/openapi.json", guards=[api(*Scope)], include_in_schema=False, sync_to_thread=True)
def describe(request: AnyRequest) -> Response[bytes]:
    """The description of this API, for those who hold a token."""
    return give(request.app.openapi_schema.to_schema())


HANDLERS: list[Any] = [
    describe,
    *parties.HANDLERS,
    *contracts.HANDLERS,
    *statements.HANDLERS,
    *fee_invoices.HANDLERS,
    *messages.HANDLERS,
    *reports.HANDLERS,
    *limits.HANDLERS,
    *remittances.HANDLERS,
    *vigilance.HANDLERS,
    *replies.HANDLERS,
    *receivables.HANDLERS,
    *funding.HANDLERS,
    *payments.HANDLERS,
    *portfolio.HANDLERS,
    *bank.HANDLERS,
    *treasury.HANDLERS,
    *house.HANDLERS,
]

__all__ = ["HANDLERS", "OPENAPI"]
