"""Issuing statements, keeping those that are made by themselves, and a client's accounts."""

from cessio.statements.operations.invoicing import issue_invoices, print_invoice
from cessio.statements.operations.issuing import (
    StatementFile,
    issue_all,
    issue_statement,
    set_client_chart,
)
from cessio.statements.operations.keeping import (
    ask_statement,
    make_period,
    plan_day,
    set_order,
)

__all__ = [
    "StatementFile",
    "ask_statement",
    "issue_all",
    "issue_invoices",
    "issue_statement",
    "make_period",
    "plan_day",
    "print_invoice",
    "set_client_chart",
    "set_order",
]
