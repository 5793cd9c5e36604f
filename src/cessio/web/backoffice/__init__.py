"""What the backoffice answers, one module per capability."""

from typing import Any

from cessio.web.backoffice import contract_changes, contract_terms, contracts, today

HANDLERS: list[Any] = [
    *today.HANDLERS, *contracts.HANDLERS, *contract_changes.HANDLERS, *contract_terms.HANDLERS,
]  # fmt: skip

__all__ = ["HANDLERS"]
