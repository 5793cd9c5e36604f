"""What the backoffice answers, one module per capability."""

from typing import Any

from cessio.web.backoffice import (
    bank,
    companies,
    contract_changes,
    contract_terms,
    contracts,
    funding,
    limits,
    parties,
    today,
)

HANDLERS: list[Any] = [
    *today.HANDLERS, *contracts.HANDLERS, *contract_changes.HANDLERS, *contract_terms.HANDLERS,
    *parties.HANDLERS, *companies.HANDLERS, *limits.HANDLERS,
    *funding.HANDLERS,
    *bank.HANDLERS,
]  # fmt: skip

__all__ = ["HANDLERS"]
