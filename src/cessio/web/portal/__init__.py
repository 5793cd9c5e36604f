"""What the client's portal answers, one module per capability."""

from typing import Any

from cessio.identity import Permission
from cessio.web import bell
from cessio.web.guards import client_user
from cessio.web.portal import (
    accounting,
    bank_details,
    costs,
    debtors,
    documents,
    funding,
    indicators,
    invoices,
    people,
    remittances,
    sharing,
    simulator,
    standing,
    statements,
    today,
    users,
)

HANDLERS: list[Any] = [
    *today.HANDLERS,
    *remittances.HANDLERS,
    *invoices.HANDLERS,
    *debtors.HANDLERS,
    *funding.HANDLERS,
    *standing.HANDLERS,
    *bank_details.HANDLERS,
    *statements.HANDLERS,
    *accounting.HANDLERS,
    *costs.HANDLERS,
    *simulator.HANDLERS,
    *indicators.HANDLERS,
    *documents.HANDLERS,
    *sharing.HANDLERS,
    *users.HANDLERS,
    *people.HANDLERS,
    *bell.handlers("/portal/notifications", "layouts/portal.html", client_user(Permission.OWN_SEE)),
]

__all__ = ["HANDLERS"]
