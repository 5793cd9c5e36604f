"""What the client's portal answers, one module per capability."""

from typing import Any

from cessio.web.portal import (
    costs,
    debtors,
    documents,
    funding,
    invoices,
    notifications,
    remittances,
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
    *statements.HANDLERS,
    *costs.HANDLERS,
    *documents.HANDLERS,
    *users.HANDLERS,
    *notifications.HANDLERS,
]

__all__ = ["HANDLERS"]
