"""Closing days, one person or a job; closing months, two persons."""

from cessio.closing.operations.days import (
    Closed,
    DayNotOver,
    NotSettled,
    close_day,
    settle_until,
)
from cessio.closing.operations.months import (
    approve_month_close,
    ask_month_close,
    reject_month_close,
    withdraw_month_close,
)

__all__ = [
    "Closed",
    "DayNotOver",
    "NotSettled",
    "approve_month_close",
    "ask_month_close",
    "close_day",
    "reject_month_close",
    "settle_until",
    "withdraw_month_close",
]
