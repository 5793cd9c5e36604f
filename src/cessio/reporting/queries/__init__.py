"""Reading across capabilities: the work queue and the portfolio."""

from cessio.reporting.queries.indicators import Forecast, Indicators, indicators
from cessio.reporting.queries.movements import MovedKind, moved_by_kind
from cessio.reporting.queries.portfolio import (
    ClientCounts,
    Waiting,
    client_counts,
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
    "ClientCounts",
    "Forecast",
    "Found",
    "Indicators",
    "Item",
    "MovedKind",
    "Waiting",
    "client_counts",
    "concentration",
    "indicators",
    "moved_by_kind",
    "outstanding_of",
    "portfolio_contracts",
    "waiting",
    "waiting_work",
]
