"""What a movement is called on a statement, in the reader's language."""

from __future__ import annotations

import re
from datetime import date

from cessio.contracts.rules import FeeKind
from cessio.ledger import TransactionKind
from cessio.plumbing import formats
from cessio.plumbing.i18n import Lazy, gettext, lazy
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
    TransactionKind.SERVICE_FEE: lazy("Fee of your contract and VAT"),
    TransactionKind.TRANSFER_BACK: lazy("Invoice transferred back"),
    TransactionKind.INDEMNITY: lazy("Indemnity under guarantee"),
    TransactionKind.LATE_RECOVERY: lazy("Your part of what was recovered late"),
}

SECTIONS = {
    SectionKind.CURRENT: lazy("Current account"),
    SectionKind.RETENTION: lazy("Retention fund"),
    SectionKind.OUTSTANDING: lazy("Assigned invoices"),
}

#: What each fee of a grid is for.
FEES = {
    FeeKind.SETUP: lazy("Opening of the file"),
    FeeKind.ANNUAL: lazy("File of the year"),
    FeeKind.MONTHLY: lazy("Monthly service"),
    FeeKind.DEBTOR_STUDY: lazy("Study of a debtor"),
    FeeKind.COVER_REQUEST: lazy("Limit request"),
    FeeKind.REMITTANCE: lazy("Remittance"),
    FeeKind.PAYOUT: lazy("Payout"),
    FeeKind.URGENT_PAYOUT: lazy("Urgent payout"),
    FeeKind.RETURNED_PAYMENT: lazy("Returned payment"),
    FeeKind.DISPUTE: lazy("Handling of a dispute"),
    FeeKind.FORMAL_NOTICE: lazy("Formal notice"),
    FeeKind.AUDIT: lazy("Audit of the client"),
}

#: What a client's bank may say of a payment it sends back, where the client can act on it.
BANK_SAYS: dict[str, Lazy] = {
    "AC01": lazy("the account number is wrong"),
    "AC03": lazy("the account number is wrong"),
    "AC04": lazy("the account is closed"),
    "AC06": lazy("the account is blocked"),
    "AG01": lazy("the account does not take transfers"),
    "BE01": lazy("the account belongs to somebody else"),
    "BE06": lazy("the account belongs to somebody else"),
    "MS03": lazy("no reason was given"),
    "RC01": lazy("the bank's code is wrong"),
}
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def noted(line: StatementLine) -> str:
    """What stands beside a movement: its reference; a month or a bank's code in words."""
    return remark(line.memo or "", line.kind, line.reversed_kind)


def remark(memo: str, *kinds: str | None) -> str:
    """The same of a transaction of these kinds: its own, and of what it reverses."""
    month = _MONTH.fullmatch(memo)
    if month is not None:
        return formats.month(date(int(month[1]), int(month[2]), 1))
    if TransactionKind.SERVICE_FEE in kinds:
        return str(FEES[FeeKind(memo)])
    return str(BANK_SAYS[memo]) if memo in BANK_SAYS else memo


def describe(line: StatementLine) -> str:
    """The movement in words, with what it is a reversal of."""
    return described(line.kind, line.reversed_kind)


def described(kind: str, reversed_kind: str | None) -> str:
    """A transaction in words, with what it is a reversal of."""
    known = TransactionKind(reversed_kind or kind)
    words = str(KINDS.get(known) or known.value.replace("_", " ").capitalize())
    return gettext("Reversal: {what}", what=words) if reversed_kind else words
