"""What a second person decides on when a drawdown waits for them: what was asked, and what is seen.

What was *asked* is the payee, the account, the amount, the contract and its terms: if one differs
at the decision, it is asked again. What is *seen* besides are the figures of the day, which move
with every receipt and invoice: they void nothing, but a decision on others than the present ones is
not taken, and the page shows them anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import approvals, identity
from cessio.approvals import ApprovalView
from cessio.contracts import queries as contracts
from cessio.funding import queries
from cessio.funding.queries import DrawdownView
from cessio.funding.rules import Availability
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict

#: What of a contract's terms is told of: which version, and when it ends.
Terms = dict[str, int | str | None]
SUBJECT = "drawdown"
approvals.decided_with(SUBJECT, identity.Permission.APPROVE_DRAWDOWNS)


class DrawdownMoved(Conflict):
    """The drawdown is no longer in the state that the act needs."""


class FiguresMoved(Conflict):
    """The decision was taken on figures that are no longer those of the contract."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A drawdown before its second person: the request, and the figures with it taken already."""

    asked: ApprovalView
    subject_hash: bytes
    now: Availability

    @property
    def is_as_asked(self) -> bool:
        """Whether everything it was asked about is as it was."""
        return self.subject_hash == self.asked.subject_hash

    @property
    def seen(self) -> bytes:
        """SHA-256 of everything they see: a decision says which it was taken on."""
        figures = (self.now.available_minor, self.now.facility_room_minor)
        told = (self.asked.id, self.asked.subject_hash, self.subject_hash, figures)
        return hashlib.sha256(repr(told).encode()).digest()


def shown(session: Session, *, drawdown_id: int, on: date) -> Shown:
    """What the second person of a drawdown is shown on a day. Raises ``DrawdownMoved``."""
    view = queries.drawdown_view(session, drawdown_id=drawdown_id)
    asked = approval_of(session, drawdown_id)
    terms = _terms(session, view, on) if "terms" in asked.summary else None
    now = queries.availability(session, contract_id=view.contract_id, on=on)
    return Shown(asked, approval_hash(view, terms), now)


def refuse_unseen(shown: Shown, seen: bytes) -> None:
    """Raise ``FiguresMoved`` unless a decision was taken on what there is to see."""
    if seen != shown.seen:
        raise FiguresMoved(
            "figures_moved", "The figures of the contract have moved since you looked: look again"
        )


def approval_hash(drawdown: DrawdownView, terms: Terms | None) -> bytes:
    """SHA-256 of what a second person is asked about; ``terms`` are of the contract, or none where
    it was asked before they were part of it."""
    told: tuple[object, ...] = (
        drawdown.drawdown_id, drawdown.contract_id, drawdown.amount_minor, drawdown.currency,
        drawdown.iban, drawdown.creditor_name,
    )  # fmt: skip
    if terms is not None:
        told = (*told, drawdown.bic, drawdown.commission_minor, *sorted(terms.items()))
    return hashlib.sha256(repr(told).encode()).digest()


def ask(session: Session, *, drawdown_id: int, by: str, at: datetime) -> None:
    """Ask a second person to let a drawdown go, under the terms of the day."""
    view = queries.drawdown_view(session, drawdown_id=drawdown_id)
    terms = _terms(session, view, business_date(at))
    approvals.ask(
        session, subject_kind=SUBJECT, subject_id=view.drawdown_id, client_id=view.client_id,
        subject_hash=approval_hash(view, terms),
        summary={
            "contract": view.contract_reference, "client": view.client_name,
            "amount_minor": view.amount_minor, "currency": view.currency,
            "iban": view.iban, "creditor": view.creditor_name, "terms": terms,
        },
        by=by, at=at,
    )  # fmt: skip


def approval_of(session: Session, drawdown_id: int) -> ApprovalView:
    """The open request about a drawdown. Raises ``DrawdownMoved``."""
    asked = approvals.open_for(session, SUBJECT, drawdown_id)
    if asked is None:
        raise DrawdownMoved("approval_gone", "nobody is asked to approve this drawdown any more")
    return asked


def _terms(session: Session, drawdown: DrawdownView, on: date) -> Terms:
    """The version of the contract's terms that holds on a day, and the day it ends."""
    held = contracts.version_in_force(session, drawdown.contract_id, on)
    ends = contracts.contract(session, drawdown.contract_id).ended_on
    return {"version": held, "ends": None if ends is None else ends.isoformat()}
