"""What a movement is called on a statement, in the reader's language."""

from __future__ import annotations

from cessio.ledger import TransactionKind
from cessio.plumbing.i18n import gettext, lazy
from cessio.statements.rules import SectionKind, StatementLine

KINDS = {
    TransactionKind.ASSIGNMENT: lazy("Assigned invoices"),
    TransactionKind.CREDIT_NOTE: lazy("Credit notes"),
    TransactionKind.SET_OFF: lazy("Credit set against an invoice"),
    TransactionKind.COMMISSION: lazy("Factoring commission and VAT"),
    TransactionKind.RETENTION_CALL: lazy("Retention fund, amount withheld"),
    TransactionKind.RETENTION_RELEASE: lazy("Retention fund, amount released"),
    TransactionKind.DRAWDOWN: lazy("Drawdown paid to you"),
    TransactionKind.CASH_APPLICATION: lazy("Payment by a debtor"),
    TransactionKind.PAYMENT_DIFFERENCE: lazy("Short payment or discount"),
    TransactionKind.DIRECT_PAYMENT: lazy("Payment you received directly"),
    TransactionKind.CASH_FROM_CLIENT: lazy("Payment from you"),
    TransactionKind.FINANCING_COMMISSION: lazy("Financing commission"),
    TransactionKind.ANNUAL_MINIMUM: lazy("Complement to the annual minimum and VAT"),
    TransactionKind.TRANSFER_BACK: lazy("Invoice transferred back"),
    TransactionKind.INDEMNITY: lazy("Indemnity under guarantee"),
}

SECTIONS = {
    SectionKind.CURRENT: lazy("Current account"),
    SectionKind.RETENTION: lazy("Retention fund"),
    SectionKind.OUTSTANDING: lazy("Assigned invoices"),
}


def describe(line: StatementLine) -> str:
    """The movement in words, with what it is a reversal of."""
    kind = TransactionKind(line.reversed_kind or line.kind)
    words = str(KINDS.get(kind) or kind.value.replace("_", " ").capitalize())
    return gettext("Reversal: {what}", what=words) if line.reversed_kind else words
