"""Matching and applying bank lines set by set: twenty thousand lines in a few statements."""

from cessio.cash.bulk.applying import Applied, Decision, Locked, apply_decisions, lock_receivables
from cessio.cash.bulk.finding import OpenLine, match_lines, open_lines
from cessio.cash.bulk.proposing import forget_proposals, store_proposals

__all__ = [
    "Applied",
    "Decision",
    "Locked",
    "OpenLine",
    "apply_decisions",
    "forget_proposals",
    "lock_receivables",
    "match_lines",
    "open_lines",
    "store_proposals",
]
