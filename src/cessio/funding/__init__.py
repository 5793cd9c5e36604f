"""Funding: what a client may draw, why, and the road of the money to its bank.

The *availability* (disponible) is what may be advanced less what is in use; its *lines* say where
every euro goes. A *drawdown* is asked for and decided under lock; from then on its money is out of
the availability. A *payout* carries it to the client's confirmed account in a sealed payment
order, and the bank's answer or statement ends it. A *standing instruction* has a client's money
drawn by itself, each business day, above what it keeps.
"""

from cessio.funding.operations import (
    BankAnswered,
    DrawdownAnswer,
    OrderSealed,
    approve_drawdown,
    cancel_drawdown,
    confirm_outcome,
    instruct,
    receive_bank_answer,
    refuse_unreleasable,
    reject_drawdown,
    release_order,
    request_drawdown,
    run_standing,
    say_outcome,
    seal_payouts,
    settle_payout_lines,
    sign_order,
)

__all__ = [
    "BankAnswered", "DrawdownAnswer", "OrderSealed", "approve_drawdown", "cancel_drawdown",
    "confirm_outcome", "instruct", "receive_bank_answer", "refuse_unreleasable", "reject_drawdown",
    "release_order", "request_drawdown", "run_standing", "say_outcome", "seal_payouts",
    "settle_payout_lines", "sign_order",
]  # fmt: skip
