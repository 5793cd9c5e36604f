"""Keeping what each contract's availability was at the end of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.contracts.rules import Terms
from cessio.funding.models import AvailabilitySnapshot
from cessio.funding.queries.availability import book_at_end_of
from cessio.funding.rules import Availability


def keep_day(
    session: Session, *, on: date, found: Mapping[int, Availability], terms: Mapping[int, Terms],
    at: datetime,
) -> int:  # fmt: skip
    """Keep the figures of a day's end; returns how many contracts. What is kept stays."""
    rows = [_row(contract, on, found[contract], terms[contract], at) for contract in sorted(found)]
    if not rows:
        return 0
    keep = insert(AvailabilitySnapshot).on_conflict_do_nothing()
    return len(session.scalars(keep.returning(AvailabilitySnapshot.contract_id), rows).all())


def back_fill(session: Session, *, on: date, at: datetime) -> int:
    """Keep the figures of a past day as they were known at its end; returns how many contracts."""
    terms, found = book_at_end_of(session, on)
    return keep_day(session, on=on, found=found, terms=terms, at=at)


def _row(
    contract_id: int, on: date, found: Availability, terms: Terms, at: datetime
) -> dict[str, Any]:
    return {
        "contract_id": contract_id, "on": on, "outstanding_minor": found.outstanding_minor,
        "current_account_minor": found.current_account_minor,
        "funds_in_use_minor": found.funds_in_use_minor,
        "drawings_net_minor": found.drawings_net_minor,
        "retention_minor": found.retention_minor, "fundable_minor": found.fundable_minor,
        "withheld_minor": found.withheld_minor, "available_minor": found.available_minor,
        "payable_minor": found.payable_now_minor, "facility_minor": terms.facility_limit_minor,
        "lines": [
            {"kind": line.kind.value, "reason": line.reason.value if line.reason else None,
             "amount_minor": line.amount_minor}
            for line in found.lines
        ],
        "taken_at": at,
    }  # fmt: skip
