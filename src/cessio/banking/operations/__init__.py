"""What banking does."""

from cessio.banking.operations.accounts import open_account, use_line
from cessio.banking.operations.orders import (
    RecordedAnswer,
    SealedOrder,
    record_bank_answer,
    record_order_sent,
    seal_payment_order,
)
from cessio.banking.operations.statements import ImportedStatement, import_statement

__all__ = [
    "ImportedStatement",
    "RecordedAnswer",
    "SealedOrder",
    "import_statement",
    "open_account",
    "record_bank_answer",
    "record_order_sent",
    "seal_payment_order",
    "use_line",
]
