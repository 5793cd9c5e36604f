"""Closing: the end of business days, after which nothing is recorded on them any more.

A day is *settled* while it lasts or later (``settle_until``), and *closed* once it is over: its
figures are kept and its entries *sealed*, each seal made with the one before it, so that nobody
changes an old entry unseen. Days close in order; one closed after several covers them all.
"""

from cessio.closing.operations import Closed, DayNotOver, NotSettled, close_day, settle_until
from cessio.closing.queries import ClosedDayView, closed_days, last_closed, verify

__all__ = [
    "Closed",
    "ClosedDayView",
    "DayNotOver",
    "NotSettled",
    "close_day",
    "closed_days",
    "last_closed",
    "settle_until",
    "verify",
]
