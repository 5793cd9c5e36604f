"""What funding does: drawdowns asked, decided and paid."""

from cessio.funding.operations.drawdowns import (
    DrawdownAnswer,
    approve_drawdown,
    cancel_drawdown,
    reject_drawdown,
    request_drawdown,
)
from cessio.funding.operations.payouts import (
    BankAnswered,
    OrderSealed,
    receive_bank_answer,
    seal_payouts,
    settle_payout_lines,
)

__all__ = [
    "BankAnswered",
    "DrawdownAnswer",
    "OrderSealed",
    "approve_drawdown",
    "cancel_drawdown",
    "receive_bank_answer",
    "reject_drawdown",
    "request_drawdown",
    "seal_payouts",
    "settle_payout_lines",
]
