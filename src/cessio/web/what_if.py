"""What a limit would do to cover and availability, computed and not written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from cessio.funding import queries as funding
from cessio.funding.rules import Availability
from cessio.limits import LimitKind, NewLimit, effective_limits
from cessio.receivables.operations.limits import LimitPreview, preview_limit
from cessio.web.comparing import LineChange, compared


@dataclass(frozen=True, slots=True)
class LimitEffect:
    """A limit as it is and as it would be: cover of its invoices, and the availability."""

    preview: LimitPreview
    before: Availability
    after: Availability
    changes: tuple[LineChange, ...]


def limit_effect(session: Session, limit: NewLimit, on: date) -> LimitEffect:
    """What a decision would do to cover and to the availability. Raises ``Problems``."""
    preview = preview_limit(session, limit=limit, on=on)
    held = effective_limits(
        session, contract_id=limit.contract_id, debtor_id=limit.debtor_id, on=on
    )
    after = preview.after
    changed = replace(
        held, cover_minor=after.limit_minor, funding_minor=after.funding_minor,
        named_funding_minor=(
            limit.amount_minor if limit.kind is LimitKind.FUNDING else held.named_funding_minor
        ),
    )  # fmt: skip
    was = funding.availability(session, contract_id=limit.contract_id, on=on)
    would = funding.availability(
        session, contract_id=limit.contract_id, on=on, limits_changed={limit.debtor_id: changed}
    )
    return LimitEffect(preview, was, would, compared(was, would))
