"""Disputes and holds: opening and ending them, with their effect on cover."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.contracts.rules import IneligibleReason
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid, NotFound
from cessio.plumbing import outbox
from cessio.receivables.bulk.cover import recompute_cover
from cessio.receivables.models import Dispute, Hold, Receivable
from cessio.receivables.operations import defunding
from cessio.receivables.operations.telling import tell_disputes
from cessio.receivables.queries import locks
from cessio.receivables.queries.verification import is_unverified
from cessio.receivables.rules import DisputeOutcome, DisputeReason, DocumentKind
from cessio.receivables.rules.marks import HOLDABLE


class NotDisputable(Conflict):
    """Only an invoice that still owes something is disputed, once at a time."""


class DisputeEnded(Conflict):
    """The dispute was ended before."""


class NotVerified(Conflict):
    """The hold stays until the invoice is verified."""


class NotHoldable(Conflict):
    """Only an invoice that still owes something is held, once per reason."""


def open_dispute(
    session: Session, *, receivable_id: int, reason: DisputeReason,
    amount_minor: int | None = None, comment: str | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """The debtor contests an invoice, all that is open or part of it; returns the dispute's id.

    The disputed part is not eligible and takes no cover until the dispute ends. Raises
    ``NotDisputable``, ``Invalid`` for an amount that is not part of what is open.
    """
    receivable = locks.locked_receivables(session, [receivable_id])[receivable_id]
    if not _owes(receivable) or locks.open_dispute_of(session, receivable_id) is not None:
        raise NotDisputable(
            "not_disputable", "{number} is not an open invoice, or is disputed already",
            number=receivable.number,
        )  # fmt: skip
    amount = receivable.open_minor if amount_minor is None else amount_minor
    if not 0 < amount <= receivable.open_minor:
        raise Invalid(
            "dispute_amount", "a dispute is over part of the {open_minor} that is open",
            field="amount_minor", open_minor=receivable.open_minor,
        )  # fmt: skip
    dispute = Dispute(
        receivable_id=receivable_id, contract_id=receivable.contract_id, amount_minor=amount,
        reason=reason.value, comment=comment, opened_at=at, opened_on=business_date(at),
        opened_by=by,
    )  # fmt: skip
    defunding.set_deadlines(session, [dispute], {receivable_id: receivable}, business_date(at))
    session.add(dispute)
    session.flush()
    after = {"receivable_id": receivable_id, "number": receivable.number, "amount_minor": amount,
             "reason": reason}  # fmt: skip
    _record(session, "dispute.open", dispute.id, receivable, after, comment, by, at)
    _follow(session, receivable, "dispute.opened", dispute.id, by, at)
    tell_disputes(session, [(dispute, receivable)], by=by, at=at)
    return dispute.id


def end_dispute(
    session: Session, *, dispute_id: int, outcome: DisputeOutcome, comment: str | None = None,
    by: str, at: datetime,
) -> None:  # fmt: skip
    """End a dispute with its outcome; the invoice takes cover again in its turn.

    Raises ``NotFound``, ``DisputeEnded``.
    """
    dispute = locks.locked_dispute(session, dispute_id)
    if dispute is None:
        raise NotFound("dispute_unknown", "there is no dispute {id}", id=dispute_id)
    if dispute.ended_at is not None:
        raise DisputeEnded("dispute_ended", "dispute {id} was ended before", id=dispute_id)
    receivable = locks.locked_receivables(session, [dispute.receivable_id])[dispute.receivable_id]
    dispute.ended_at, dispute.ended_by, dispute.outcome = at, by, outcome.value
    defunding.after_end(session, [dispute], outcome=outcome, by=by, at=at)
    session.flush()
    after = {"receivable_id": receivable.id, "number": receivable.number, "outcome": outcome}
    _record(session, "dispute.end", dispute.id, receivable, after, comment, by, at)
    _follow(session, receivable, "dispute.ended", dispute.id, by, at)


def place_hold(
    session: Session, *, receivable_id: int, reason: IneligibleReason = IneligibleReason.ON_HOLD,
    comment: str | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Withhold the funding of an open invoice; returns the hold's id. Raises ``NotHoldable``."""
    receivable = locks.locked_receivables(session, [receivable_id])[receivable_id]
    again = locks.open_hold_of(session, receivable_id, reason.value)
    if reason not in HOLDABLE or not _owes(receivable) or again is not None:
        raise NotHoldable(
            "not_holdable", "{number} can not be held for {reason}",
            number=receivable.number, reason=reason,
        )  # fmt: skip
    hold = Hold(receivable_id=receivable_id, contract_id=receivable.contract_id,
                reason=reason.value, comment=comment, placed_at=at, placed_by=by)  # fmt: skip
    session.add(hold)
    session.flush()
    after = {"receivable_id": receivable_id, "number": receivable.number, "reason": reason}
    _record(session, "hold.place", hold.id, receivable, after, comment, by, at)
    return hold.id


def lift_hold(
    session: Session, *, hold_id: int, comment: str | None = None, by: str, at: datetime
) -> None:
    """End a hold (an invoice verified, a doubt cleared). Raises ``NotFound``, ``Conflict``."""
    hold = locks.locked_hold(session, hold_id)
    if hold is None:
        raise NotFound("hold_unknown", "there is no hold {id}", id=hold_id)
    if hold.ended_at is not None:
        raise Conflict("hold_ended", "hold {id} was ended before", id=hold_id)
    if hold.reason == IneligibleReason.NOT_VERIFIED and is_unverified(session, hold.receivable_id):
        raise NotVerified("hold_until_verified", "this hold ends once the invoice is verified")
    receivable = locks.locked_receivables(session, [hold.receivable_id])[hold.receivable_id]
    hold.ended_at, hold.ended_by = at, by
    session.flush()
    after = {"receivable_id": receivable.id, "number": receivable.number, "reason": hold.reason}
    _record(session, "hold.lift", hold.id, receivable, after, comment, by, at)


def _owes(receivable: Receivable) -> bool:
    return receivable.kind == DocumentKind.INVOICE and receivable.open_minor > 0


def _record(
    session: Session, verb: str, subject_id: int, receivable: Receivable, after: dict[str, object],
    why: str | None, by: str, at: datetime,
) -> None:  # fmt: skip
    audit.record(
        session, verb=verb, subject_kind=verb.partition(".")[0], subject_id=subject_id,
        after=after, why=why, by=by, at=at, client_id=receivable.client_id,
    )  # fmt: skip


def _follow(
    session: Session, receivable: Receivable, event: str, dispute_id: int, by: str, at: datetime
) -> None:
    on = business_date(at)
    recompute_cover(session, contract_id=receivable.contract_id,
                    debtor_ids=[receivable.debtor_id], on=on, at=at)  # fmt: skip
    outbox.publish(
        session, event,
        {"dispute_id": dispute_id, "receivable_id": receivable.id,
         "contract_id": receivable.contract_id, "on": on.isoformat()},
        by=by, at=at, client_id=receivable.client_id,
    )  # fmt: skip
