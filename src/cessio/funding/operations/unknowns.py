"""Payouts the bank does not answer: two persons say what became of them, or the bank does.

*Unknown* never ends by itself. One person says paid or not paid, with a note and perhaps a paper;
another one who saw the same confirms. Not paid gives the drawdown back exactly; of a restored book
that never sent it, it waits again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import approvals, documents
from cessio.approvals import ApprovalView
from cessio.approvals.rules import subject_hash
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.funding.models import Drawdown
from cessio.funding.operations import drawdowns
from cessio.funding.operations.restored import did_not_leave
from cessio.funding.rules import DrawdownStateName, OutcomeSaid
from cessio.identity import Permission
from cessio.kernel.errors import Conflict, Invalid, NotFound

KIND = "payout_outcome"
State = DrawdownStateName

approvals.decided_with(KIND, Permission.RELEASE_PAYMENTS)
#: A note shorter than this says nothing.
NOTE_LEAST = 10


class NotUnknown(Conflict):
    """The payout is not one the bank leaves unanswered."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A paper that shows what became of a payout."""

    filename: str
    media_type: str
    content: bytes


def say_outcome(
    session: Session, *, drawdown_id: int, outcome: OutcomeSaid, note: str,
    proof: Proof | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Say what became of an unknown payout; nothing moves before another person confirms.

    Raises ``NotFound``, ``NotUnknown``, ``Invalid``, ``Conflict`` while somebody said it already.
    """
    drawdown = _unknown(session, drawdown_id)
    if len(note.strip()) < NOTE_LEAST:
        raise Invalid(
            "outcome_note_missing", "say how it is known: whom at the bank you asked, what you saw",
            field="note",
        )  # fmt: skip
    document_id, digest = None, ""
    if proof is not None:
        stored = documents.store(
            session, kind="payout_proof", subject_kind="drawdown", subject_id=drawdown_id,
            filename=proof.filename, media_type=proof.media_type, content=proof.content, by=by,
            at=at,
        )  # fmt: skip
        document_id, digest = stored.id, stored.sha256.hex()
    summary = {
        "outcome": outcome.value, "note": note.strip(), "document_id": document_id,
        "sha256": digest, "amount_minor": drawdown.amount_minor, "currency": drawdown.currency,
        "iban": drawdown.iban, "end_to_end_id": drawdown.end_to_end_id,
        "order_id": drawdown.order_id,
    }  # fmt: skip
    return approvals.ask(
        session, subject_kind=KIND, subject_id=drawdown_id, subject_hash=subject_hash(summary),
        summary=summary, client_id=queries.client_of_contract(session, drawdown.contract_id),
        by=by, at=at,
    )  # fmt: skip


def confirm_outcome(session: Session, *, drawdown_id: int, by: str, at: datetime) -> State:
    """Another person confirms what was said; the payout is paid, or given back exactly.

    Raises as ``approvals.approve``; ``NotFound`` when nobody said anything, ``NotUnknown``.
    """
    drawdown = _unknown(session, drawdown_id)
    asked = _asked(session, drawdown_id)
    summary = dict(asked.summary)
    approvals.approve(
        session, approval_id=asked.id, subject_hash=subject_hash(summary), by=by, at=at
    )
    note = str(summary["note"])
    if OutcomeSaid(summary["outcome"]) is OutcomeSaid.PAID:
        drawdowns.enter(session, drawdown, State.PAID, by=by, at=at, reason=note)
        return State.PAID
    if not _left(session, drawdown):
        return did_not_leave(session, drawdown, note=note, by=by, at=at)
    drawdowns.give_back(session, drawdown, State.REJECTED, reason=note, by=by, at=at)
    return State.REJECTED


def decline_outcome(
    session: Session, *, drawdown_id: int, reason: str, by: str, at: datetime
) -> None:
    """Another person does not agree: the payout stays unknown."""
    if not reason.strip():
        raise Invalid("reason_missing", "say why you do not agree", field="reason")
    asked = _asked(session, drawdown_id)
    approvals.reject(
        session, approval_id=asked.id, subject_hash=asked.subject_hash, reason=reason.strip(),
        by=by, at=at,
    )  # fmt: skip


def bank_spoke(session: Session, *, drawdown_id: int, by: str, at: datetime) -> None:
    """The bank's word comes first: what one person said is void."""
    approvals.void_open(
        session, subject_kind=KIND, subject_id=drawdown_id, reason="the bank answered", by=by, at=at
    )


def said_of(session: Session, *, drawdown_id: int) -> ApprovalView | None:
    """What one person said and nobody confirmed yet."""
    return approvals.open_for(session, KIND, drawdown_id)


def _unknown(session: Session, drawdown_id: int) -> Drawdown:
    drawdown = queries.drawdown_for_update(session, drawdown_id=drawdown_id)
    if drawdown is None:
        raise NotFound("drawdown_unknown", "there is no such drawdown")
    if drawdown.state != State.ORDERED:
        raise NotUnknown("payout_not_unknown", "this payout is {state}", state=drawdown.state)
    if drawdown.order_id is not None:
        order = bank.order(session, order_id=drawdown.order_id)
        if order.sent_at is None and order.cancelled_at is None:
            raise NotUnknown("payout_not_sent", "its order did not leave: give it up instead")
    return drawdown


def _left(session: Session, drawdown: Drawdown) -> bool:
    """Whether its order was handed to the bank by this book, not by a later one that is lost."""
    if drawdown.order_id is None:
        return False
    return bank.order(session, order_id=drawdown.order_id).sent_at is not None


def _asked(session: Session, drawdown_id: int) -> ApprovalView:
    asked = approvals.open_for(session, KIND, drawdown_id)
    if asked is None:
        raise NotFound("outcome_not_said", "nobody said what became of this payout")
    return asked
