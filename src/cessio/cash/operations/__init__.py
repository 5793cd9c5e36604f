"""What cash application does."""

from cessio.cash.operations.aliases import add_alias, end_alias
from cessio.cash.operations.applying import (
    Chosen,
    apply_line,
    apply_proposal,
    apply_to_client,
    record_direct_payment,
)
from cessio.cash.operations.matching import MatchRun, match_open_lines, propose_line, set_matching
from cessio.cash.operations.parking import park_line, unpark_line
from cessio.cash.operations.undoing import undo_application

__all__ = [
    "Chosen",
    "MatchRun",
    "add_alias",
    "apply_line",
    "apply_proposal",
    "apply_to_client",
    "end_alias",
    "match_open_lines",
    "park_line",
    "propose_line",
    "record_direct_payment",
    "set_matching",
    "undo_application",
    "unpark_line",
]
