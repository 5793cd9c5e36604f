"""Caps over groups: decided, replaced, lifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.contracts import contract as contract_view
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Invalid, NotFound, Problems
from cessio.kernel.money import MAX_MINOR
from cessio.limits.models import GroupLimit
from cessio.limits.queries import locked
from cessio.limits.rules import LimitKind
from cessio.parties import queries as parties


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroupLimit:
    """A cap to decide over a group, for one contract or (None) over the house."""

    group_id: int
    amount_minor: int
    kind: LimitKind = LimitKind.COVER
    contract_id: int | None = None
    currency: str = "EUR"
    valid_from: date | None = None
    valid_to: date | None = None
    insurer: str | None = None
    insurer_reference: str | None = None
    conditions: str | None = None
    reason: str | None = None


def decide_group_limit(session: Session, *, limit: NewGroupLimit, by: str, at: datetime) -> int:
    """Cap what the limits of a group may add up to; replaces the cap of the same kind and scope.

    No limit given before is taken back: what is beyond is shown until somebody cuts it. Returns
    the cap's id. Raises ``NotFound``, ``Problems``.
    """
    today = business_date(at)
    parties.group(session, limit.group_id)
    locked.lock_group(session, limit.group_id)
    if limit.contract_id is not None:
        contract = contract_view(session, limit.contract_id)
        if contract.currency != limit.currency:
            raise Invalid("currency_of_contract", "the contract is in {currency}",
                          field="currency", currency=contract.currency)  # fmt: skip
    starts = limit.valid_from or today
    faults = _faults(limit, starts, today)
    if faults:
        raise Problems([*faults])
    before = locked.open_group_limit(
        session, group_id=limit.group_id, contract_id=limit.contract_id, kind=limit.kind,
        currency=limit.currency,
    )  # fmt: skip
    if before is not None:
        _end(before, on=starts, reason=limit.reason or "replaced", by=by, at=at)
        session.flush()
    row = GroupLimit(
        group_id=limit.group_id, contract_id=limit.contract_id, kind=limit.kind.value,
        currency=limit.currency, amount_minor=limit.amount_minor, valid_from=starts,
        valid_to=limit.valid_to, insurer=limit.insurer,
        insurer_reference=limit.insurer_reference, conditions=limit.conditions,
        reason=limit.reason, decided_at=at, decided_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, verb="decide_group_limit", subject_kind="group", subject_id=limit.group_id,
        why=limit.reason, by=by, at=at,
        before=None if before is None else {"amount_minor": before.amount_minor}, after=limit,
    )  # fmt: skip
    return row.id


def end_group_limit(session: Session, *, limit_id: int, reason: str, by: str, at: datetime) -> None:
    """Lift a cap today. Raises ``NotFound``, ``Invalid`` without a reason."""
    if not reason.strip():
        raise Invalid("reason_missing", "say why the limit ends", field="reason")
    row = locked.group_limit_to_end(session, limit_id)
    if row is None:
        raise NotFound("group_limit_unknown", "there is no group limit {id}", id=limit_id)
    _end(row, on=business_date(at), reason=reason, by=by, at=at)
    session.flush()
    audit.record(
        session, verb="end_group_limit", subject_kind="group", subject_id=row.group_id,
        why=reason, by=by, at=at, before={"amount_minor": row.amount_minor}, after=None,
    )  # fmt: skip


def _faults(limit: NewGroupLimit, starts: date, today: date) -> list[Invalid]:
    faults = []
    if not 0 <= limit.amount_minor <= MAX_MINOR:
        faults.append(Invalid("amount_out_of_range", "a limit is an amount from zero up",
                              field="amount_minor"))  # fmt: skip
    if limit.valid_to is not None and limit.valid_to < max(starts, today):
        faults.append(Invalid("validity_over", "the validity ends before it starts, or is over",
                              field="valid_to"))  # fmt: skip
    return faults


def _end(row: GroupLimit, *, on: date, reason: str, by: str, at: datetime) -> None:
    row.ended_at, row.ended_on, row.ended_by, row.end_reason = at, on, by, reason
