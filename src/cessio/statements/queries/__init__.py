"""Reading statements: a contract's account, what it cost, and what was issued under a code."""

from cessio.statements.queries.accounts import (
    IssuedView,
    closing_figures,
    code_of_file,
    contract_statement,
    issued,
    parties_of,
)
from cessio.statements.queries.collected import collections_to_declare
from cessio.statements.queries.costs import monthly_costs
from cessio.statements.queries.journal import client_chart, client_journal
from cessio.statements.queries.kept import (
    KeptView,
    kept_periods,
    kept_statement,
    kept_statements,
    order_of,
)

__all__ = [
    "IssuedView",
    "KeptView",
    "client_chart",
    "client_journal",
    "closing_figures",
    "code_of_file",
    "collections_to_declare",
    "contract_statement",
    "issued",
    "kept_periods",
    "kept_statement",
    "kept_statements",
    "monthly_costs",
    "order_of",
    "parties_of",
]
