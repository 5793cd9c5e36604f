"""Asking a second person, and deciding."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio import audit, identity
from cessio.approvals import queries, rules
from cessio.approvals.models import Approval
from cessio.approvals.queries import ApprovalView
from cessio.approvals.rules import Asked, Decision
from cessio.identity import queries as people
from cessio.identity.queries import staff_who_may
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from cessio.notifications import notify


def ask(
    session: Session,
    *,
    subject_kind: str,
    subject_id: int,
    subject_hash: bytes,
    summary: Mapping[str, Any],
    client_id: int | None = None,
    by: str,
    at: datetime,
) -> int:
    """Ask a second person to decide on exactly what ``subject_hash`` stands for; returns the id.

    ``summary`` is what the second person is shown. Raises ``Conflict`` while another request about
    the same thing is open.
    """
    shown = audit.json_safe(summary)
    approval_id: int | None = session.scalar(
        insert(Approval)
        .values(
            subject_kind=subject_kind,
            subject_id=subject_id,
            client_id=client_id,
            subject_hash=subject_hash,
            summary=shown,
            maker=by,
            maker_id=identity.person_behind(session, by),
            asked_at=at,
        )
        .on_conflict_do_nothing()
        .returning(Approval.id)
    )
    if approval_id is None:
        raise Conflict("approval_open", "Somebody was asked about this already")
    audit.record(session, verb="ask", subject_kind=subject_kind, subject_id=subject_id,
                 after={"approval": approval_id, "summary": shown}, by=by, at=at,
                 client_id=client_id)  # fmt: skip
    _tell_who_decides(session, approval_id, subject_kind, shown, by, at)
    return approval_id


def _tell_who_decides(
    session: Session, approval_id: int, subject_kind: str, shown: Mapping[str, Any], by: str,
    at: datetime,
) -> None:  # fmt: skip
    permission = rules.permission_for(subject_kind)
    if permission is None:
        return
    maker = identity.person_behind(session, by)
    lent = people.lent(session, permission, business_date(at))
    deciding = [*staff_who_may(session, permission),
                *(one.deputy_id for one in lent if one.lender_id != maker)]  # fmt: skip
    notify(
        session, person_ids=[one for one in dict.fromkeys(deciding) if one != maker],
        kind="approval_waits",
        values=_told(subject_kind, shown), href=f"/backoffice/approvals/{approval_id}", at=at,
        key=f"approval/{approval_id}",
    )  # fmt: skip


def _told(subject_kind: str, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What a sentence about a request says of its subject: its kind, and whose it is."""
    about = next(
        (str(shown[name]) for name in ("client", "debtor", "name", "contract") if shown.get(name)),
        "",
    )
    return {"subject": subject_kind, "about": about}


def approve(
    session: Session,
    *,
    approval_id: int,
    subject_hash: bytes,
    reason: str | None = None,
    by: str,
    at: datetime,
) -> ApprovalView:
    """A second person agrees to exactly what was asked; the caller then acts.

    ``subject_hash`` is of the thing as it is *now*. Raises ``Conflict`` when it differs from what
    was asked or a decision was taken, ``Forbidden`` for who asked (under whatever token) and for
    jobs, ``NotFound``.
    """
    return _decide(session, Decision.APPROVED, approval_id, subject_hash, reason, by, at)


def reject(
    session: Session,
    *,
    approval_id: int,
    subject_hash: bytes,
    reason: str,
    by: str,
    at: datetime,
) -> ApprovalView:
    """A second person declines, and says why. Raises as ``approve`` does, and ``Invalid``."""
    return _decide(session, Decision.REJECTED, approval_id, subject_hash, reason, by, at)


def _decide(
    session: Session,
    decision: Decision,
    approval_id: int,
    subject_hash: bytes,
    reason: str | None,
    by: str,
    at: datetime,
) -> ApprovalView:
    row = _locked(session, approval_id)
    checker_id = identity.person_behind(session, by)
    asked = Asked(row.maker, row.maker_id, row.subject_hash, row.decision)
    refusal = rules.refusal(asked, checker=by, checker_id=checker_id, subject_hash=subject_hash)
    if refusal is not None:
        raise refusal
    lender_id = _whose_right(session, row, checker_id, business_date(at))
    if decision is Decision.REJECTED and not (reason or "").strip():
        raise Invalid("reason_missing", "say why you refuse", field="reason")
    row.for_id = lender_id
    return _close(session, row, decision, checker_id, reason, by, at)


def _whose_right(
    session: Session, row: Approval, checker_id: int | None, on: date
) -> int | None:  # fmt: skip
    """Who lends the right this is decided by; nobody where it is one's own.

    Refuses who may not decide such a thing now, whatever a page once showed them.
    """
    wanted = rules.permissions_for(row.subject_kind)
    if not wanted or checker_id is None:
        return None
    checker = people.person(session, checker_id)
    if checker.disabled_at is None and any(identity.rules.may(checker.role, one) for one in wanted):
        return None
    asked = queries.approval(session, row.id)
    for one in people.lent_to(session, checker_id, on):
        if not set(wanted).isdisjoint(one.permissions) and _is_enough(asked, one):
            return one.lender_id
    raise Forbidden(
        "not_the_second", "Another than you decides on this: {names}",
        names=", ".join(one.name for one in who_may_decide(session, asked, on)) or "–",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decider:
    """Who may decide, and in whose place where the right is lent."""

    person_id: int
    name: str
    lender: str | None = None


def who_may_decide(session: Session, asked: ApprovalView, on: date) -> tuple[Decider, ...]:
    """The staff who may decide on a request on a day: their role includes it, or somebody away
    lends it to them, and neither they nor who lends it asked."""
    permission = rules.permission_for(asked.subject_kind)
    if permission is None:
        return ()
    own = [one for one in staff_who_may(session, permission) if one != asked.maker_id]
    lent = [
        Decider(one.deputy_id, one.deputy, one.lender)
        for one in people.lent(session, permission, on)
        if one.deputy_id not in {*own, asked.maker_id} and _is_enough(asked, one)
    ]
    return (*(Decider(one, people.person(session, one).name) for one in own), *lent)


def _is_enough(asked: ApprovalView, lent: people.DelegationView) -> bool:
    return rules.may_use_lent(asked.maker_id, asked.summary, lender_id=lent.lender_id,
                              up_to_minor=lent.up_to_minor)  # fmt: skip


def void_of_maker(
    session: Session, *, person_id: int, kinds: Collection[str], reason: str, by: str, at: datetime
) -> int:
    """End every open request of somebody about such things; how many."""
    mine = queries.pending(session, subject_kinds=kinds, by=person_id, limit=None)
    for one in mine:
        void(session, approval_id=one.id, reason=reason, by=by, at=at)
    return len(mine)


def void(session: Session, *, approval_id: int, reason: str, by: str, at: datetime) -> ApprovalView:
    """Withdraw a request, or end it because its subject changed. ``Conflict`` once decided."""
    row = _locked(session, approval_id)
    if row.decision is not None:
        raise Conflict("approval_decided", "This was decided already: {decision}",
                       decision=row.decision)  # fmt: skip
    return _close(session, row, Decision.VOID, None, reason, by, at)


def void_open(
    session: Session, *, subject_kind: str, subject_id: int, reason: str, by: str, at: datetime
) -> bool:
    """End the open request about a thing that changes, if there is one; tells whether there was."""
    known = queries.open_for(session, subject_kind, subject_id)
    if known is None:
        return False
    void(session, approval_id=known.id, reason=reason, by=by, at=at)
    return True


def _locked(session: Session, approval_id: int) -> Approval:
    row = session.get(Approval, approval_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("approval_not_found", "There is no such request")
    return row


def _close(
    session: Session,
    row: Approval,
    decision: Decision,
    checker_id: int | None,
    reason: str | None,
    by: str,
    at: datetime,
) -> ApprovalView:
    row.decision, row.decided_at, row.reason = decision.value, at, reason
    if decision is not Decision.VOID:
        row.checker, row.checker_id = by, checker_id
    session.flush()
    audit.record(session, verb=decision.value, subject_kind=row.subject_kind,
                 subject_id=row.subject_id, after={"approval": row.id}, why=reason, by=by, at=at,
                 client_id=row.client_id)  # fmt: skip
    if by != row.maker:
        notify(
            session, person_ids=[row.maker_id], kind="approval_decided",
            values={**_told(row.subject_kind, row.summary), "decision": decision.value,
                    "why": reason or ""},
            href=f"/backoffice/approvals/{row.id}", at=at, key=f"decided/{row.id}",
        )  # fmt: skip
    return queries.approval(session, row.id)
