"""Closing: the end of business days, after which nothing is recorded on them any more.

A day is *settled* while it lasts or later (``settle_until``), and *closed* once it is over: its
figures are kept and its entries *sealed*, each seal made with the one before it, so that nobody
changes an old entry unseen. Days close in order; one closed after several covers them all.

A month closes once its days are: one person asks, another agrees to exactly the same *books*,
interest charged after its end is *accrued*, and nothing is posted in it any more.
"""

from cessio.closing.operations import (
    Closed,
    DayNotOver,
    NotSettled,
    approve_month_close,
    ask_month_close,
    close_day,
    reject_month_close,
    settle_until,
    withdraw_month_close,
)
from cessio.closing.queries import ClosedDayView, closed_days, last_closed, verify

__all__ = [
    "Closed",
    "ClosedDayView",
    "DayNotOver",
    "NotSettled",
    "approve_month_close",
    "ask_month_close",
    "close_day",
    "closed_days",
    "last_closed",
    "reject_month_close",
    "settle_until",
    "verify",
    "withdraw_month_close",
]
