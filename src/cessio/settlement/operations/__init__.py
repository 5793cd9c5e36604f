"""What settlement does: the daily run, and what becomes of receivables nobody paid."""

from cessio.settlement.operations.daily import DayNotReached, StepDone, run_day
from cessio.settlement.operations.invoices import MonthNotOver, issue_fee_invoices
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
    "MonthNotOver",
    "NotUnpaid",
    "SettlementUndone",
    "StepDone",
    "UnpaidSettled",
    "issue_fee_invoices",
    "run_day",
    "settle_every_unpaid",
    "settle_unpaid",
    "undo_unpaid",
]
