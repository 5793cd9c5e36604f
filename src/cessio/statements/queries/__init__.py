"""Reading statements: a contract's account, what it cost, and what was issued under a code."""

from cessio.statements.queries.accounts import (
    IssuedView,
    closing_figures,
    contract_statement,
    issued,
    parties_of,
)
from cessio.statements.queries.costs import monthly_costs

__all__ = [
    "IssuedView",
    "closing_figures",
    "contract_statement",
    "issued",
    "monthly_costs",
    "parties_of",
]
