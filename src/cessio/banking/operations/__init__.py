"""What banking does."""

from cessio.banking.operations.accounts import open_account, use_line
from cessio.banking.operations.orders import (
    RecordedAnswer,
    SealedOrder,
    give_up_order,
    record_bank_answer,
    record_order_sent,
    seal_payment_order,
    sign_payment_order,
)
from cessio.banking.operations.statements import ImportedStatement, import_statement

__all__ = [
    "ImportedStatement",
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
