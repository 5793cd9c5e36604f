"""Noting what came of a call to a debtor."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.collections.models import Call
from cessio.collections.queries import calls as queries
from cessio.collections.rules.calls import CallOutcome
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Invalid


def note_call(
    session: Session, *, debtor_id: int, outcome: CallOutcome, contact: str | None = None,
    comment: str | None = None, again_on: date | None = None, promise_id: int | None = None,
    by: str, at: datetime,
) -> int:  # fmt: skip
    """Note a call; the plan's calls that waited for it are made. Returns the call's id.

    Raises ``Invalid`` when a day to call again is missing or past.
    """
    on = business_date(at)
    if outcome is CallOutcome.AGAIN and (again_on is None or again_on <= on):
        raise Invalid("again_on_missing", "say on which later day to call again", field="again_on")
    call = Call(
        debtor_id=debtor_id, outcome=outcome.value, contact=contact, comment=comment,
        again_on=again_on if outcome is CallOutcome.AGAIN else None, promise_id=promise_id,
        called_on=on, called_at=at, called_by=by,
    )  # fmt: skip
    session.add(call)
    for asked in queries.waiting_calls(session, debtor_id):
        asked.written_at, asked.written_by = at, by
    session.flush()
    audit.record(
        session, verb="debtor.call", subject_kind="debtor", subject_id=debtor_id, why=comment,
        after={"outcome": outcome, "contact": contact, "again_on": call.again_on}, by=by, at=at,
    )  # fmt: skip
    return call.id
