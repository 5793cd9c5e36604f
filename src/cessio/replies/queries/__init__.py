"""The reads of replies: what a code opens, and what was said by it."""

from cessio.replies.queries.opening import (
    Beside,
    Opening,
    Owed,
    Sums,
    accounts_named,
    beside,
    done_since,
    invoices,
    opened_by,
    owed,
    settled,
    sums,
)
from cessio.replies.queries.said import (
    AccessView,
    LetterView,
    Named,
    ReplyFilter,
    ReplyView,
    accesses,
    contested,
    letter,
    letters_to,
    locked_reply,
    next_open,
    open_twin,
    replies,
    replies_about,
    reply,
    reply_totals,
)

__all__ = [
    "AccessView", "Beside", "LetterView", "Named", "Opening", "Owed", "ReplyFilter", "ReplyView",
    "Sums", "accesses", "accounts_named", "beside", "contested", "done_since", "invoices",
    "letter", "letters_to", "locked_reply", "next_open", "open_twin", "opened_by", "owed",
    "replies", "replies_about", "reply", "reply_totals", "settled", "sums",
]  # fmt: skip
