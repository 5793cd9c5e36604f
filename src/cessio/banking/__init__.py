"""The factor's dealings with its banks.

An *account* is one of the factor's own. A *statement* is what a bank says happened on it, imported
once; each of its *lines* is one movement, of which a part is *applied* and the rest unallocated. A
*payment order* gathers payouts; its bytes are *sealed* once and never change, and an *answer* is
what the bank says of each payment. What the bank has not said is unknown.
"""

from cessio.banking.formats.pain001 import Address, Payment
from cessio.banking.operations import (
    ImportedStatement,
    RecordedAnswer,
    SealedOrder,
    give_up_order,
    import_statement,
    open_account,
    record_bank_answer,
    record_order_sent,
    seal_payment_order,
    sign_payment_order,
    use_line,
)

__all__ = [
    "Address",
    "ImportedStatement",
    "Payment",
    "RecordedAnswer",
    "SealedOrder",
    "give_up_order",
    "import_statement",
    "open_account",
    "record_bank_answer",
    "record_order_sent",
    "seal_payment_order",
    "sign_payment_order",
    "use_line",
]
