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

__all__ = [
    "Assignment",
    "Bases",
    "ContractNotOpen",
    "NewDocument",
    "NothingToAssign",
    "Submission",
    "TooManyRows",
    "WrongState",
    "accept",
    "assign",
    "check",
    "draft_from_rows",
    "refuse",
    "submit",
    "withdraw",
]
