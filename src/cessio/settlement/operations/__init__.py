"""What settlement does: the daily run, and what becomes of receivables nobody paid."""

from cessio.settlement.operations.daily import DayNotReached, StepDone, run_day
from cessio.settlement.operations.unpaid import (
    NotUnpaid,
    SettlementUndone,
    UnpaidSettled,
    settle_every_unpaid,
    settle_unpaid,
    undo_unpaid,
)

__all__ = [
    "DayNotReached",
    "NotUnpaid",
    "SettlementUndone",
    "StepDone",
    "UnpaidSettled",
    "run_day",
    "settle_every_unpaid",
    "settle_unpaid",
    "undo_unpaid",
]
