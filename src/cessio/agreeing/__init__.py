"""What one person asks for and another lets happen.

A *deed* is an act of the house that needs two people: rights of the staff, contracts and prices,
thresholds, write-offs, reversals of whole remittances. Whoever wants it *asks*: the deed is tried
and taken back, so that a fault is told at once, and kept whole with the state it starts from. A
second person *agrees* to exactly that, and the deed is done in the same transaction, as theirs; if
what it depends on changed meanwhile, it is asked for again.
"""

from cessio.agreeing.deeds import DEEDS, Deed
from cessio.agreeing.directory import sign_in_by_provider
from cessio.agreeing.operations import (
    agree,
    ask,
    close_access,
    decline,
    hire,
    is_stale,
    read,
    withdraw,
)

__all__ = [
    "DEEDS", "Deed", "agree", "ask", "close_access", "decline", "hire", "is_stale", "read",
    "sign_in_by_provider", "withdraw",
]  # fmt: skip
