"""How the desk works: promised answer times, who decides alone, decisions proposed to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio import approvals, audit
from cessio.identity import Permission
from cessio.kernel.errors import Conflict, Invalid, Problems
from cessio.kernel.money import MAX_MINOR
from cessio.limits.models import LimitPolicy, LimitProposal
from cessio.limits.operations.deciding import NewLimit
from cessio.limits.queries import locked, policy, promises, proposal
from cessio.limits.queries.desk import ProposalRow
from cessio.limits.rules import PromiseBand, SecondPerson
from cessio.parties import client_names

#: What an approval of a proposed limit is about.
SUBJECT = "limit_proposal"
approvals.decided_with(SUBJECT, Permission.APPROVE_LIMITS)
MOST_BANDS, MOST_DAYS, MOST_NOTICE_DAYS = 10, 60, 180


class ProposalEnded(Conflict):
    """The proposed decision was taken, refused or withdrawn before."""


def set_promises(session: Session, *, bands: Sequence[PromiseBand], by: str, at: datetime) -> None:
    """Say how soon requests are answered, by amount; requests asked before keep their day.

    One band starts from zero. Raises ``Problems``.
    """
    faults = _band_faults(bands)
    if faults:
        raise Problems([*faults])
    locked.lock_promises(session)
    before = [one.band for one in promises(session)]
    wanted = sorted(bands, key=lambda band: band.from_minor)
    if before == wanted:
        return
    locked.replace_promises(session, wanted, by=by, at=at)
    audit.record(
        session, verb="set_promises", subject_kind="limits_desk", subject_id=1, by=by, at=at,
        before={"bands": [asdict(band) for band in before]},
        after={"bands": [asdict(band) for band in wanted]},
    )  # fmt: skip


def _band_faults(bands: Sequence[PromiseBand]) -> list[Invalid]:
    starts = [band.from_minor for band in bands]
    faults = []
    if 0 not in starts:
        faults.append(Invalid("promise_from_zero", "one answer time starts from zero"))
    if len(set(starts)) < len(starts) or len(starts) > MOST_BANDS:
        faults.append(Invalid("promise_twice", "each amount has one answer time, ten at most"))
    if any(not 0 <= start <= MAX_MINOR for start in starts):
        faults.append(Invalid("amount_out_of_range", "a limit is an amount from zero up"))
    if any(not 0 <= band.business_days <= MOST_DAYS for band in bands):
        faults.append(Invalid("promise_days", "an answer takes 0 to {most} business days",
                              most=MOST_DAYS))  # fmt: skip
    return faults


def set_policy(session: Session, *, notice_days: int, by: str, at: datetime) -> None:
    """Say when clients are told that a limit ends. Raises ``Invalid``."""
    if not 1 <= notice_days <= MOST_NOTICE_DAYS:
        raise Invalid("notice_days", "clients are told 1 to {most} days before",
                      field="notice_days", most=MOST_NOTICE_DAYS)  # fmt: skip
    before = policy(session)
    if before.notice_days == notice_days:
        return
    session.add(LimitPolicy(notice_days=notice_days, set_at=at, set_by=by))
    session.flush()
    audit.record(
        session, verb="set_limit_policy", subject_kind="limits_desk", subject_id=1, by=by, at=at,
        before={"notice_days": before.notice_days}, after={"notice_days": notice_days},
    )  # fmt: skip


# -- decisions that one person may not take alone ------------------------------------------


def propose_limit(
    session: Session, *, limit: NewLimit, request_id: int | None, why: Sequence[SecondPerson],
    currency: str, client_id: int, by: str, at: datetime,
) -> int:  # fmt: skip
    """Ask a second person for a decision; an earlier proposal on the pair is withdrawn."""
    locked.lock_pair(session, limit.contract_id, limit.debtor_id)
    withdraw_proposals(session, limit=limit, by=by, at=at)
    row = LimitProposal(
        **{**asdict(limit), "kind": limit.kind.value}, request_id=request_id,
        why=[audit.json_safe(one.as_json()) for one in why], proposed_at=at, proposed_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    found = proposal(session, row.id)
    approvals.ask(
        session, subject_kind=SUBJECT, subject_id=row.id, subject_hash=proposal_hash(found),
        summary={"debtor": found.debtor_name, "contract": found.contract_reference,
                 "client": client_names(session, [client_id]).get(client_id),
                 "amount_minor": limit.amount_minor, "currency": currency,
                 "kind": limit.kind.value},
        client_id=client_id, by=by, at=at,
    )  # fmt: skip
    return row.id


def withdraw_proposals(session: Session, *, limit: NewLimit, by: str, at: datetime) -> None:
    """End what is proposed for a pair: another decision takes its place."""
    row = locked.open_proposal(session, limit.contract_id, limit.debtor_id, limit.kind)
    if row is not None:
        approvals.void_open(session, subject_kind=SUBJECT, subject_id=row.id, reason="replaced",
                            by=by, at=at)  # fmt: skip
        _end_proposal(session, row, "withdrawn", by=by, at=at, reason="replaced")


def approve_proposal(
    session: Session, *, proposal_id: int, seen_hash: bytes, by: str, at: datetime
) -> ProposalRow:
    """A second person agrees; the caller takes the decision and says which limit it became.

    Raises ``ProposalEnded`` and what ``approvals.approve`` raises.
    """
    _open(session, proposal_id)
    approvals.approve(session, approval_id=_approval_of(session, proposal_id),
                      subject_hash=seen_hash, by=by, at=at)  # fmt: skip
    return proposal(session, proposal_id)


def record_proposal_taken(
    session: Session, *, proposal_id: int, limit_id: int, by: str, at: datetime
) -> None:
    """The proposed decision is the limit ``limit_id``."""
    _end_proposal(session, _open(session, proposal_id), "approved", by=by, at=at,
                  limit_id=limit_id)  # fmt: skip


def reject_proposal(
    session: Session, *, proposal_id: int, seen_hash: bytes, reason: str, by: str, at: datetime
) -> None:
    """A second person declines and says why; a request behind it waits again.

    Raises ``Invalid`` without a reason, and as ``approve_proposal`` does.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "say why you refuse", field="reason")
    row = _open(session, proposal_id)
    approvals.reject(session, approval_id=_approval_of(session, proposal_id),
                     subject_hash=seen_hash, reason=reason, by=by, at=at)  # fmt: skip
    _end_proposal(session, row, "rejected", by=by, at=at, reason=reason)


def proposal_hash(row: ProposalRow) -> bytes:
    """The hash of everything a second person is asked to agree to."""
    kept = (
        "id", "contract_id", "debtor_id", "request_id", "kind", "amount_minor", "cover_rate",
        "is_temporary", "valid_from", "valid_to", "insurer", "insurer_reference", "conditions",
        "reason",
    )  # fmt: skip
    return approvals.subject_hash({name: getattr(row, name) for name in kept})


def _open(session: Session, proposal_id: int) -> LimitProposal:
    proposal(session, proposal_id)
    row = locked.proposal_to_end(session, proposal_id)
    if row is None:
        raise ProposalEnded("proposal_ended", "this proposed limit was decided before")
    return row


def _approval_of(session: Session, proposal_id: int) -> int:
    found = approvals.open_for(session, SUBJECT, proposal_id)
    if found is None:
        raise ProposalEnded("proposal_ended", "this proposed limit was decided before")
    return found.id


def void_proposal(
    session: Session, *, proposal_id: int, reason: str, by: str, at: datetime
) -> None:
    """What somebody proposed is no longer theirs to: a request behind it waits again.

    Raises ``ProposalEnded``.
    """
    row = _open(session, proposal_id)
    approvals.void(session, approval_id=_approval_of(session, proposal_id), reason=reason, by=by,
                   at=at)  # fmt: skip
    _end_proposal(session, row, "withdrawn", by=by, at=at, reason=reason)


def _end_proposal(
    session: Session, row: LimitProposal, outcome: str, *, by: str, at: datetime, **facts: Any
) -> None:
    row.outcome, row.ended_at, row.ended_by = outcome, at, by
    row.end_reason, row.limit_id = facts.get("reason"), facts.get("limit_id")
    session.flush()
