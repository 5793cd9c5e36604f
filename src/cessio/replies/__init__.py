"""What debtors read and say by the code of a letter, without an account.

A code *opens* what one debtor owes one client under one contract: all of it, or the invoices the
letter names. Its holder may say that invoices are *paid* or *disputed*: a *reply*, which is never a
payment nor a dispute by itself but waits for one of us to accept or refuse it. Each look and each
answer leaves an *access*.
"""

from __future__ import annotations

from cessio.replies.operations import (
    TooOften,
    accept_reply,
    ask_account,
    note_look,
    refuse_reply,
    say_disputed,
    say_paid,
)
from cessio.replies.queries import Opening, ReplyFilter, ReplyView, opened_by
from cessio.replies.rules import Act, Means, ReplyKind, ReplyState

__all__ = [
    "Act", "Means", "Opening", "ReplyFilter", "ReplyKind", "ReplyState", "ReplyView", "TooOften",
    "accept_reply", "ask_account", "note_look", "opened_by", "refuse_reply", "say_disputed",
    "say_paid",
]  # fmt: skip
