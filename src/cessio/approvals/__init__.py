"""Decisions that need four eyes.

The *maker* asks, the *checker* decides; they are two different people, whatever tokens they act
through. A request is about a *subject* and bound to its *hash*: what the checker approves is what
was asked, to the last field, and any change since makes the approval impossible. A request about
a thing that changes is *void*.
"""

from __future__ import annotations

from cessio.approvals.operations import (
    Decider,
    approve,
    ask,
    reject,
    void,
    void_of_maker,
    void_open,
    who_may_decide,
)
from cessio.approvals.queries import ApprovalView, approval, of_subject, open_for, pending
from cessio.approvals.rules import Decision, decided_with, subject_hash

__all__ = [
    "ApprovalView", "Decider", "Decision", "approval", "approve", "ask", "decided_with",
    "of_subject", "open_for", "pending", "reject", "subject_hash", "void", "void_of_maker",
    "void_open", "who_may_decide",
]  # fmt: skip
