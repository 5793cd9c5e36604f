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
from cessio.closing.operations.seals import (
    BookOlder,
    SealsMissing,
    draw_seal,
    plan_seal,
    remember_seal,
)

__all__ = [
    "BookOlder",
    "Closed",
    "DayNotOver",
    "NotSettled",
    "SealsMissing",
    "approve_month_close",
    "ask_month_close",
    "close_day",
    "draw_seal",
    "plan_seal",
    "reject_month_close",
    "remember_seal",
    "settle_until",
    "withdraw_month_close",
]
