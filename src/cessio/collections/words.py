"""What happened with a debtor in words, on screens and on papers that leave the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cessio.collections.rules import PromiseEnd
from cessio.collections.rules.calls import CallOutcome
from cessio.plumbing.i18n import Lazy, lazy, plazy
from cessio.receivables.rules import DisputeOutcome, DisputeReason
from cessio.replies import ReplyKind, ReplyState

DISPUTE_REASONS = {
    DisputeReason.QUANTITY: lazy("Quantity"),
    DisputeReason.QUALITY: lazy("Quality"),
    DisputeReason.PRICE: lazy("Price"),
    DisputeReason.DELIVERY: lazy("Delivery"),
    DisputeReason.ALREADY_PAID: lazy("Paid already"),
    DisputeReason.NOT_ORDERED: lazy("Not ordered"),
    DisputeReason.INVOICE_ERROR: lazy("Error on the invoice"),
    DisputeReason.CREDIT_NOTE_EXPECTED: lazy("Credit note expected"),
    DisputeReason.EXISTENCE: lazy("The debt is denied"),
    DisputeReason.OTHER: lazy("Other"),
}
DISPUTE_OUTCOMES = {
    DisputeOutcome.WITHDRAWN: lazy("The debtor will pay"),
    DisputeOutcome.CREDITED: lazy("Settled by a credit note"),
    DisputeOutcome.AGREED: lazy("Agreed for a part"),
    DisputeOutcome.FOUNDED: lazy("The debtor was right"),
    DisputeOutcome.UNFOUNDED: lazy("The debtor was wrong"),
    DisputeOutcome.TRANSFERRED_BACK: lazy("Transferred back"),
    DisputeOutcome.REVERSED: lazy("Reversed"),
}
PROMISE_ENDS = {
    PromiseEnd.WITHDRAWN: plazy("promise", "Withdrawn"),
    PromiseEnd.REPLACED: plazy("promise", "Replaced by a later one"),
    PromiseEnd.HANDLED: plazy("promise", "Dealt with"),
}
CALL_OUTCOMES = {
    CallOutcome.PROMISED: lazy("It promises to pay"),
    CallOutcome.NO_ANSWER: lazy("Nobody answers"),
    CallOutcome.AGAIN: lazy("To be called again"),
    CallOutcome.DISPUTES: lazy("It disputes"),
    CallOutcome.REFUSES: lazy("It does not pay"),
}
REPLY_KINDS = {
    ReplyKind.PAID: lazy("Paid already"),
    ReplyKind.DISPUTED: plazy("reply", "Disputed"),
}
REPLY_STATES = {
    ReplyState.OPEN: lazy("Being looked into"),
    ReplyState.ACCEPTED: plazy("reply", "Accepted"),
    ReplyState.REFUSED: plazy("reply", "Not accepted"),
}
#: By what happened, the words of each of its codes, in the order in which they are told.
_WORDS: dict[str, tuple[Mapping[Any, Lazy], ...]] = {
    "promise": (PROMISE_ENDS,),
    "call": (CALL_OUTCOMES,),
    "dispute": (DISPUTE_REASONS, DISPUTE_OUTCOMES),
    "reply": (REPLY_KINDS, DISPUTE_REASONS, REPLY_STATES),
}


def happened(kind: str, codes: Sequence[str | None], said: str) -> str:
    """A promise, call, dispute or reply: its codes in the current language, then what was said."""
    words = [
        str(known[code]) for known, code in zip(_WORDS[kind], codes, strict=True)
        if code is not None
    ]  # fmt: skip
    return " · ".join([*words, *([said] if said else [])])
