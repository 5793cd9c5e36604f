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
from cessio.receivables.operations.corrections import (
    NothingRefused,
    add_lines,
    correct_line,
    redraft_refused,
    remove_line,
)
from cessio.receivables.operations.credit_notes import (
    NotSettable,
    SetOffUndone,
    record_credit_note,
    set_off,
    undo_set_off,
)
from cessio.receivables.operations.disputes import (
    DisputeEnded,
    NotDisputable,
    NotHoldable,
    end_dispute,
    lift_hold,
    open_dispute,
    place_hold,
    verify_invoices,
)
from cessio.receivables.operations.drafts import (
    ContractNotOpen,
    NewDocument,
    TooManyRows,
    WrongState,
    check,
    draft_from_rows,
)
from cessio.receivables.operations.files import DraftCreated, apply_mapping, draft_from_file
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
    "DisputeEnded",
    "DraftCreated",
    "NewDocument",
    "NotDisputable",
    "NotHoldable",
    "NotReversible",
    "NotSettable",
    "NothingRefused",
    "NothingToAssign",
    "Resulting",
    "RetentionReleased",
    "Reversed",
    "SetOffUndone",
    "Submission",
    "TooManyRows",
    "WrongState",
    "accept",
    "add_lines",
    "apply_mapping",
    "assign",
    "check",
    "correct_line",
    "draft_from_file",
    "draft_from_rows",
    "end_dispute",
    "lift_hold",
    "open_dispute",
    "place_hold",
    "record_credit_note",
    "redraft_refused",
    "refuse",
    "remove_line",
    "resulting",
    "reverse",
    "set_off",
    "submit",
    "undo_set_off",
    "verify_invoices",
    "withdraw",
]
