"""Reading across capabilities: the work queue and the portfolio."""

from cessio.reporting.queries.portfolio import (
    Waiting,
    concentration,
    outstanding_of,
    portfolio_contracts,
    waiting_work,
)
from cessio.reporting.queries.queue import KINDS, MOST, Asked, Found, Item, waiting

__all__ = [
    "KINDS",
    "MOST",
    "Asked",
    "Found",
    "Item",
    "Waiting",
    "concentration",
    "outstanding_of",
    "portfolio_contracts",
    "waiting",
    "waiting_work",
]
