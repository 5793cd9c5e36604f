"""Many receivables held, disputed or verified at once, and the same taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.audit import Fact
from cessio.contracts.rules import IneligibleReason
from cessio.kernel.calendar import business_date
from cessio.plumbing import outbox
from cessio.receivables.bulk.cover import recompute_cover
from cessio.receivables.models import Dispute, Hold, Receivable
from cessio.receivables.operations import defunding, verification
from cessio.receivables.operations.telling import tell_disputes
from cessio.receivables.queries import locks, marked
from cessio.receivables.queries import verification as verification_reads
from cessio.receivables.rules import DisputeOutcome, DisputeReason, DocumentKind
from cessio.receivables.rules.marks import HOLDABLE
from cessio.receivables.rules.verification import VerificationReason


@dataclass(frozen=True, slots=True)
class Marked:
    """The receivables that were marked, and those left as they were."""

    done: tuple[int, ...]
    skipped: tuple[int, ...]


def hold_many(
    session: Session, *, receivable_ids: Collection[int], reason: IneligibleReason,
    comment: str | None = None, by: str, at: datetime,
) -> Marked:  # fmt: skip
    """Withhold the funding of open invoices; those held for this reason already are left."""
    found = locks.locked_receivables(session, receivable_ids)
    held = marked.held(session, found, reason.value) if reason in HOLDABLE else set(found)
    chosen = [one for one in found.values() if _owes(one) and one.id not in held]
    holds = [
        Hold(receivable_id=one.id, contract_id=one.contract_id, reason=reason.value,
             comment=comment, placed_at=at, placed_by=by)
        for one in chosen
    ]  # fmt: skip
    session.add_all(holds)
    session.flush()
    _record(session, "hold.place", zip(holds, chosen, strict=True), comment, by, at)
    return _marked(found, chosen)


def dispute_many(
    session: Session, *, receivable_ids: Collection[int], reason: DisputeReason,
    comment: str | None = None, by: str, at: datetime,
) -> Marked:  # fmt: skip
    """Open a dispute over all that is open of each invoice; those disputed already are left."""
    found = locks.locked_receivables(session, receivable_ids)
    disputed = marked.disputed(session, found)
    chosen = [one for one in found.values() if _owes(one) and one.id not in disputed]
    disputes = [
        Dispute(receivable_id=one.id, contract_id=one.contract_id, amount_minor=one.open_minor,
                reason=reason.value, comment=comment, opened_at=at,
                opened_on=business_date(at), opened_by=by)
        for one in chosen
    ]  # fmt: skip
    defunding.set_deadlines(session, disputes, found, business_date(at))
    session.add_all(disputes)
    session.flush()
    _record(session, "dispute.open", zip(disputes, chosen, strict=True), comment, by, at)
    _follow(session, "dispute.opened", zip(disputes, chosen, strict=True), by, at)
    tell_disputes(session, zip(disputes, chosen, strict=True), by=by, at=at)
    return _marked(found, chosen)


def take_back_holds(session: Session, *, hold_ids: Collection[int], by: str, at: datetime) -> int:
    """End the holds that are still open; returns how many."""
    holds = marked.open_holds(session, hold_ids)
    found = locks.locked_receivables(session, {hold.receivable_id for hold in holds})
    for hold in holds:
        hold.ended_at, hold.ended_by = at, by
    session.flush()
    pairs = [(hold, found[hold.receivable_id]) for hold in holds]
    _record(session, "hold.lift", pairs, None, by, at)
    return len(holds)


def end_many(
    session: Session, *, receivable_ids: Collection[int], outcome: DisputeOutcome,
    comment: str | None = None, by: str, at: datetime,
) -> Marked:  # fmt: skip
    """End the open disputes of these invoices with one outcome; the others are left."""
    disputes = marked.disputes_on(session, receivable_ids)
    found = locks.locked_receivables(session, receivable_ids)
    _end(session, disputes, found, outcome, comment, by, at)
    return _marked(found, [found[one.receivable_id] for one in disputes])


def take_back_disputes(
    session: Session, *, dispute_ids: Collection[int], by: str, at: datetime
) -> int:
    """End the disputes that are still open as withdrawn; returns how many."""
    disputes = marked.open_disputes(session, dispute_ids)
    found = locks.locked_receivables(session, {one.receivable_id for one in disputes})
    _end(session, disputes, found, DisputeOutcome.WITHDRAWN, None, by, at)
    return len(disputes)


def reopen_disputes(
    session: Session, *, dispute_ids: Collection[int], by: str, at: datetime
) -> int:
    """Open ended disputes again, as they were, over what is still open; returns how many.

    A new row each, with the deadline of the first; an invoice settled or disputed anew is left.
    """
    ended = marked.ended_disputes(session, dispute_ids)
    found = locks.locked_receivables(session, {one.receivable_id for one in ended})
    disputed = marked.disputed(session, found)
    chosen = [one for one in ended
              if _owes(found[one.receivable_id]) and one.receivable_id not in disputed]  # fmt: skip
    anew = [
        Dispute(receivable_id=one.receivable_id, contract_id=one.contract_id,
                amount_minor=min(one.amount_minor, found[one.receivable_id].open_minor),
                reason=one.reason, comment=one.comment, opened_at=at, opened_on=one.opened_on,
                opened_by=by, defunds_on=one.defunds_on)
        for one in chosen
    ]  # fmt: skip
    session.add_all(anew)
    session.flush()
    pairs = [(one, found[one.receivable_id]) for one in anew]
    _record(session, "dispute.open", pairs, None, by, at)
    _follow(session, "dispute.opened", pairs, by, at)
    return len(anew)


def take_back_verifications(
    session: Session, *, hold_ids: Collection[int], by: str, at: datetime
) -> int:
    """Wait again for the verification of invoices that were said to be verified; returns how many.

    ``hold_ids`` are the holds that were lifted; each is placed anew where something is open.
    """
    ids = {one.receivable_id for one in marked.lifted_holds(session, hold_ids)}
    checked = set(verification_reads.latest_verifications(session, ids))
    verification.require_verification(session, receivable_ids=sorted(checked),
                                      reason=VerificationReason.BY_HAND, by=by, at=at)  # fmt: skip
    held = hold_many(session, receivable_ids=ids - checked, reason=IneligibleReason.NOT_VERIFIED,
                     by=by, at=at)  # fmt: skip
    return len(held.done) + len(checked)


def _end(
    session: Session, disputes: Sequence[Dispute], found: dict[int, Receivable],
    outcome: DisputeOutcome, comment: str | None, by: str, at: datetime,
) -> None:  # fmt: skip
    for dispute in disputes:
        dispute.ended_at, dispute.ended_by, dispute.outcome = at, by, outcome.value
    defunding.after_end(session, disputes, outcome=outcome, by=by, at=at)
    session.flush()
    pairs = [(dispute, found[dispute.receivable_id]) for dispute in disputes]
    _record(session, "dispute.end", pairs, comment, by, at)
    _follow(session, "dispute.ended", pairs, by, at)


def _owes(receivable: Receivable) -> bool:
    return receivable.kind == DocumentKind.INVOICE and receivable.open_minor > 0


def _marked(found: dict[int, Receivable], chosen: list[Receivable]) -> Marked:
    done = {one.id for one in chosen}
    return Marked(tuple(sorted(done)), tuple(one for one in found if one not in done))


def _record(
    session: Session, verb: str, pairs: Iterable[tuple[Hold | Dispute, Receivable]],
    why: str | None, by: str, at: datetime,
) -> None:  # fmt: skip
    facts = [
        Fact(verb, verb.partition(".")[0], mark.id, why=why, client_id=one.client_id,
             after={"receivable_id": one.id, "number": one.number, "reason": mark.reason})
        for mark, one in pairs
    ]  # fmt: skip
    audit.record_all(session, facts=facts, by=by, at=at)


def _follow(
    session: Session, event: str, pairs: Iterable[tuple[Dispute, Receivable]], by: str,
    at: datetime,
) -> None:  # fmt: skip
    on, debtors = business_date(at), dict[int, set[int]]()
    for dispute, one in pairs:
        debtors.setdefault(one.contract_id, set()).add(one.debtor_id)
        outbox.publish(
            session, event,
            {"dispute_id": dispute.id, "receivable_id": one.id, "contract_id": one.contract_id,
             "on": on.isoformat()},
            by=by, at=at, client_id=one.client_id,
        )  # fmt: skip
    for contract_id in sorted(debtors):
        recompute_cover(session, contract_id=contract_id, debtor_ids=debtors[contract_id], on=on,
                        at=at)  # fmt: skip
