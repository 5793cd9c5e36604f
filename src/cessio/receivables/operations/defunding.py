"""Disputes that last too long: the invoice is no longer funded, until the dispute ends well.

From the notice of a dispute the client has so many days (or from the due date if later) to have
the debtor promise to pay; after that the factor may stop funding the whole invoice, not only the
disputed part (domain.md §3). We do so by a hold, which a person may lift (infra/decisions/0015).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.audit import Fact
from cessio.contracts import queries as contracts
from cessio.contracts.rules import IneligibleReason, defunding_on
from cessio.kernel.errors import Conflict, Invalid, NotFound
from cessio.receivables.models import Dispute, Hold, Receivable
from cessio.receivables.queries import locks, marked
from cessio.receivables.rules import WELL_ENDED, DisputeOutcome

_DEFUNDED = IneligibleReason.DEFUNDED.value


def set_deadlines(
    session: Session, disputes: Collection[Dispute], found: dict[int, Receivable], on: date
) -> None:
    """Give disputes that open on a day the deadline of their contract's terms."""
    concerned = {one.contract_id for one in disputes}
    terms = contracts.terms_of_all(session, on, contract_ids=concerned)
    for one in disputes:
        if one.contract_id in terms:
            due = found[one.receivable_id].due_date
            one.defunds_on = defunding_on(terms[one.contract_id], disputed_on=on, due_date=due)


def put_off(
    session: Session, *, dispute_id: int, until: date, reason: str, on: date, by: str, at: datetime
) -> None:
    """Give a dispute more time before its invoice is no longer funded.

    An invoice defunded for it already is funded again meanwhile. Raises ``NotFound``,
    ``Conflict`` once it ended, ``Invalid``.
    """
    dispute = locks.locked_dispute(session, dispute_id)
    if dispute is None:
        raise NotFound("dispute_unknown", "there is no dispute {id}", id=dispute_id)
    if dispute.ended_at is not None:
        raise Conflict("dispute_ended", "dispute {id} was ended before", id=dispute_id)
    if until <= on or (dispute.defunds_on is not None and until <= dispute.defunds_on):
        raise Invalid("deadline_not_later", "choose a later day than the deadline now",
                      field="until")  # fmt: skip
    before = dispute.defunds_on
    dispute.defunds_on = until
    lift_defunding(session, [dispute], by=by, at=at)
    audit.record(
        session, verb="dispute.put_off", subject_kind="dispute", subject_id=dispute_id,
        before={"defunds_on": before}, after={"defunds_on": until}, why=reason, by=by, at=at,
    )  # fmt: skip


def defund_late_disputes(session: Session, *, on: date, by: str, at: datetime) -> int:
    """Hold the funding of invoices whose dispute's deadline has come; returns how many.

    Once per deadline: a hold that a person lifted since stays lifted.
    """
    late = marked.disputes_to_defund(session, on=on)
    found = locks.locked_receivables(session, {one.receivable_id for one in late})
    holds = [
        Hold(receivable_id=one.receivable_id, contract_id=one.contract_id, reason=_DEFUNDED,
             placed_at=at, placed_by=by)
        for one in late
    ]  # fmt: skip
    session.add_all(holds)
    session.flush()
    facts = [
        Fact("hold.place", "hold", hold.id, client_id=found[hold.receivable_id].client_id,
             after={"receivable_id": hold.receivable_id, "reason": _DEFUNDED,
                    "number": found[hold.receivable_id].number})
        for hold in holds
    ]  # fmt: skip
    audit.record_all(session, facts=facts, by=by, at=at)
    return len(holds)


def after_end(
    session: Session, disputes: Collection[Dispute], *, outcome: DisputeOutcome, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Fund an invoice again if its dispute ended well; else a credit note must come first."""
    if outcome in WELL_ENDED:
        lift_defunding(session, disputes, by=by, at=at)


def lift_defunding(
    session: Session, disputes: Collection[Dispute], *, by: str, at: datetime
) -> None:
    """End the holds that the deadlines of these disputes placed."""
    facts = []
    for hold in marked.defunding_holds(session, disputes):
        hold.ended_at, hold.ended_by = at, by
        facts.append(
            Fact("hold.lift", "hold", hold.id,
                 after={"receivable_id": hold.receivable_id, "reason": _DEFUNDED})
        )  # fmt: skip
    session.flush()
    audit.record_all(session, facts=facts, by=by, at=at)
