"""Writing: drafts and their check, assignment, and what happens to receivables afterwards."""

from cessio.receivables.operations.assignment import (
    Assignment,
    Bases,
    NothingToAssign,
    Submission,
    accept,
    assign,
    refuse,
    submit,
    withdraw,
)
from cessio.receivables.operations.drafts import (
    ContractNotOpen,
    NewDocument,
    TooManyRows,
    WrongState,
    check,
    draft_from_rows,
)
from cessio.receivables.operations.preview import Resulting, resulting
from cessio.receivables.operations.reversal import (
    NotReversible,
    RetentionReleased,
    Reversed,
    reverse,
)

__all__ = [
    "Assignment",
    "Bases",
    "ContractNotOpen",
    "NewDocument",
    "NotReversible",
    "NothingToAssign",
    "Resulting",
    "RetentionReleased",
    "Reversed",
    "Submission",
    "TooManyRows",
    "WrongState",
    "accept",
    "assign",
    "check",
    "draft_from_rows",
    "refuse",
    "resulting",
    "reverse",
    "submit",
    "withdraw",
]
