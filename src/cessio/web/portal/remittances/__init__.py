"""Remittances: sent, checked, corrected, confirmed, withdrawn, proved."""

from typing import Any

from cessio.web.portal.remittances import deciding, lines, listing, making

HANDLERS: list[Any] = [
    *listing.HANDLERS,
    *making.HANDLERS,
    *lines.HANDLERS,
    *deciding.HANDLERS,
]

__all__ = ["HANDLERS"]
