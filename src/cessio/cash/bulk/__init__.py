"""Matching and applying bank lines set by set: twenty thousand lines in a few statements."""

from cessio.cash.bulk.applying import Applied, Decision, apply_decisions, lock_receivables
from cessio.cash.bulk.certain import Locked, contracts_of, find_certain, hold, withdraw
from cessio.cash.bulk.finding import OpenLine, Reading, match_lines, open_lines, read_lines
from cessio.cash.bulk.ordering import kept_of
from cessio.cash.bulk.proposing import (
    forget_proposals,
    lines_of_payer,
    lines_proposing,
    store_proposals,
)

__all__ = [
    "Applied",
    "Decision",
    "Locked",
    "OpenLine",
    "Reading",
    "apply_decisions",
    "contracts_of",
    "find_certain",
    "forget_proposals",
    "hold",
    "kept_of",
    "lines_of_payer",
    "lines_proposing",
    "lock_receivables",
    "match_lines",
    "open_lines",
    "read_lines",
    "store_proposals",
    "withdraw",
]
