"""What cash application does."""

from cessio.cash.operations.aliases import add_alias, change_alias, end_alias
from cessio.cash.operations.applying import (
    Chosen,
    apply_line,
    apply_proposal,
    apply_to_client,
    record_direct_payment,
)
from cessio.cash.operations.matching import (
    MatchRun,
    match_open_lines,
    proposals_now,
    propose_line,
    set_matching,
)
from cessio.cash.operations.own_means import book_own_means, undo_own_means
from cessio.cash.operations.parking import park_line, unpark_line
from cessio.cash.operations.undoing import take_back, undo_application

__all__ = [
    "Chosen",
    "MatchRun",
    "add_alias",
    "apply_line",
    "apply_proposal",
    "apply_to_client",
    "book_own_means",
    "change_alias",
    "end_alias",
    "match_open_lines",
    "park_line",
    "proposals_now",
    "propose_line",
    "record_direct_payment",
    "set_matching",
    "take_back",
    "undo_application",
    "undo_own_means",
    "unpark_line",
]
