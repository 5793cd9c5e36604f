"""Cash application: money on our accounts matched to the receivables it pays.

A *line* is one movement of a bank statement; what is not applied of it is unallocated cash, in
suspense. A *proposal* is what the matcher would do with a line, with its reasons and how sure it
is. An *application* is what was done, by itself or by a person; its *allocations* are the parts
each receivable got. An *alias* is a name or an account a debtor is known to pay under. Undoing an
application gives everything back exactly; a *direct payment* is one the client received itself.
"""

from cessio.cash.operations import (
    Chosen,
    MatchRun,
    add_alias,
    apply_line,
    apply_proposal,
    apply_to_client,
    end_alias,
    match_open_lines,
    park_line,
    record_direct_payment,
    set_matching,
    undo_application,
    unpark_line,
)

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
    "record_direct_payment",
    "set_matching",
    "undo_application",
    "unpark_line",
]
