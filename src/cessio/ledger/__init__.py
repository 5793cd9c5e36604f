"""The ledger: double entry, immutable, and the one source of every figure.

An *account* is kept per kind, and per contract, debtor or bank where the kind asks for it. A
*transaction* is one business effect, named by its source and effect, recorded once. An *entry*
is one signed line of it, debit positive, with the account's balance after it. Nothing is edited:
a *reversal* posts the opposite lines and names what it reverses. *Value date* is when money
counts for interest; *booked on* is the business day it was recorded.
"""

from cessio.ledger.operations import Posted, post, post_many, reverse
from cessio.ledger.rules import (
    CHARGES,
    AccountKey,
    AccountKind,
    Line,
    Posting,
    TransactionKind,
)

__all__ = [
    "CHARGES",
    "AccountKey",
    "AccountKind",
    "Line",
    "Posted",
    "Posting",
    "TransactionKind",
    "post",
    "post_many",
    "reverse",
]
