"""What funding does: drawdowns asked, decided and paid."""

from cessio.funding.operations.drawdowns import (
    DrawdownAnswer,
    Foreseen,
    approve_drawdown,
    cancel_drawdown,
    foresee_drawdown,
    reject_drawdown,
    request_drawdown,
)
from cessio.funding.operations.keeping import back_fill, keep_day
from cessio.funding.operations.payees import payee_changed
from cessio.funding.operations.payouts import (
    BankAnswered,
    OrderSealed,
    receive_bank_answer,
    seal_payouts,
    settle_payout_lines,
)
from cessio.funding.operations.restored import Marked, mark_restored
from cessio.funding.operations.run import (
    dissolve_order,
    refuse_unreleasable,
    release_order,
    set_payout_limits,
    sign_order,
)
from cessio.funding.operations.standing import Ran, instruct, run_standing
from cessio.funding.operations.unknowns import (
    Proof,
    confirm_outcome,
    decline_outcome,
    say_outcome,
)
from cessio.funding.operations.verifying import accept_payee, record_payee, take_answers

__all__ = [
    "BankAnswered",
    "DrawdownAnswer",
    "Foreseen",
    "Marked",
    "OrderSealed",
    "Proof",
    "Ran",
    "accept_payee",
    "approve_drawdown",
    "back_fill",
    "cancel_drawdown",
    "confirm_outcome",
    "decline_outcome",
    "dissolve_order",
    "foresee_drawdown",
    "instruct",
    "keep_day",
    "mark_restored",
    "payee_changed",
    "receive_bank_answer",
    "record_payee",
    "refuse_unreleasable",
    "reject_drawdown",
    "release_order",
    "request_drawdown",
    "run_standing",
    "say_outcome",
    "seal_payouts",
    "set_payout_limits",
    "settle_payout_lines",
    "sign_order",
    "take_answers",
]
