"""Statements of account: what happened on a contract between two days, for those who must post it.

A *statement* has sections (current account, retention fund, assigned invoices), each an opening,
lines and a closing that add up. It is *issued* in a format; the *verification code* is the hash of
its figures, the same in every format, and finds it again. Its *journal* is the same movements as
the client's accountant posts them, on the client's *chart* of accounts. By a contract's *order*
its statements are made by themselves after a period's close, and *kept* as files.
"""

from cessio.statements.formats import StatementFormat
from cessio.statements.operations import (
    StatementFile,
    ask_statement,
    issue_invoices,
    issue_statement,
    print_invoice,
    set_client_chart,
    set_order,
)
from cessio.statements.queries import contract_statement
from cessio.statements.rules import Section, SectionKind, Statement, StatementLine

__all__ = [
    "Section",
    "SectionKind",
    "Statement",
    "StatementFile",
    "StatementFormat",
    "StatementLine",
    "ask_statement",
    "contract_statement",
    "issue_invoices",
    "issue_statement",
    "print_invoice",
    "set_client_chart",
    "set_order",
]
