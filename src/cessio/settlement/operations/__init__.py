"""What settlement does: the daily run, and what becomes of receivables nobody paid."""

from cessio.settlement.operations.daily import DayNotReached, StepDone, run_day
from cessio.settlement.operations.invoices import MonthNotOver, issue_fee_invoices
from cessio.settlement.operations.losses import (
    ClaimAnswered,
    Claimed,
    NoLoss,
    answer_claim,
    book_insurer_cash,
    book_recovery,
    declare_to_insurer,
    undo_loss_movement,
    withdraw_claim,
)
from cessio.settlement.operations.unpaid import (
    NotUnpaid,
    SettlementUndone,
    UnpaidSettled,
    settle_chosen,
    settle_every_unpaid,
    settle_unpaid,
    undo_unpaid,
)

__all__ = [
    "ClaimAnswered",
    "Claimed",
    "DayNotReached",
    "MonthNotOver",
    "NoLoss",
    "NotUnpaid",
    "SettlementUndone",
    "StepDone",
    "UnpaidSettled",
    "answer_claim",
    "book_insurer_cash",
    "book_recovery",
    "declare_to_insurer",
    "issue_fee_invoices",
    "run_day",
    "settle_chosen",
    "settle_every_unpaid",
    "settle_unpaid",
    "undo_loss_movement",
    "undo_unpaid",
    "withdraw_claim",
]
