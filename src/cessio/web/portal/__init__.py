"""What the client's portal answers, one module per capability."""

from typing import Any

from cessio.web.portal import funding, remittances, today

HANDLERS: list[Any] = [*today.HANDLERS, *remittances.HANDLERS, *funding.HANDLERS]

__all__ = ["HANDLERS"]
