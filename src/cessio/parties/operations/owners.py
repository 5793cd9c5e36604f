"""Who owns or controls a company in the end: recorded, ended, never changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.kernel.errors import Conflict, Invalid, NotFound, Problems
from cessio.parties import queries
from cessio.parties.models import BeneficialOwner, Company
from cessio.parties.operations.naming import tell_named
from cessio.parties.rules.owners import WHOLE_BP, OwnerDetails, checked_owner


def add_owner(
    session: Session, *, company_id: int, owner: OwnerDetails, on: date, by: str, at: datetime
) -> int:
    """Record a person; the name is held against the lists at once. Returns the owner's id.

    Raises ``Problems``; ``Conflict`` for somebody known, and for shares of more than the whole.
    """
    if session.get(Company, company_id, with_for_update=True, populate_existing=True) is None:
        raise NotFound("company_not_found", "There is no such company")
    kept, problems = checked_owner(owner, on=on)
    if problems:
        raise Problems([*problems])
    known = queries.owners(session, company_id)
    if any((one.name, one.born_on) == (kept.name, kept.born_on) for one in known):
        raise Conflict("owner_known", "{name} is recorded already", field="name", name=kept.name)
    if sum(one.share_bp or 0 for one in known) + (kept.share_bp or 0) > WHOLE_BP:
        raise Conflict("owner_shares", "with this share the owners would hold more than the whole",
                       field="share")  # fmt: skip
    row = BeneficialOwner(company_id=company_id, **asdict(kept), added_at=at, added_by=by)
    session.add(row)
    session.flush()
    audit.record(session, verb="add_owner", subject_kind="company", subject_id=company_id,
                 after=asdict(kept), by=by, at=at)  # fmt: skip
    tell_named(session, company_id, by=by, at=at)
    return row.id


def end_owner(
    session: Session, *, company_id: int, owner_id: int, until_on: date, on: date, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """The person is no longer one since a day; what the lists said of the name stays as it is.

    Raises ``NotFound``, ``Conflict`` when ended already, ``Invalid`` for the day.
    """
    row = session.get(BeneficialOwner, owner_id, with_for_update=True, populate_existing=True)
    if row is None or row.company_id != company_id:
        raise NotFound("owner_not_found", "There is no such owner")
    if row.ended_at is not None:
        raise Conflict("owner_ended", "This owner is ended already")
    if not row.since_on <= until_on <= on:
        raise Invalid("owner_until", "between the day since when and today", field="until_on")
    row.until_on, row.ended_at, row.ended_by = until_on, at, by
    session.flush()
    audit.record(
        session, verb="end_owner", subject_kind="company", subject_id=company_id,
        before={"name": row.name}, after={"until_on": until_on}, by=by, at=at,
    )  # fmt: skip
