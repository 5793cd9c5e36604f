"""What funding does: drawdowns asked, decided and paid."""

from cessio.funding.operations.drawdowns import (
    DrawdownAnswer,
    approve_drawdown,
    cancel_drawdown,
    reject_drawdown,
    request_drawdown,
)
from cessio.funding.operations.keeping import back_fill, keep_day
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
    "back_fill",
    "cancel_drawdown",
    "keep_day",
    "receive_bank_answer",
    "reject_drawdown",
    "request_drawdown",
    "seal_payouts",
    "settle_payout_lines",
]
