"""Lending one's right to decide to a colleague, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.identity import queries, rules
from cessio.identity.models import Delegation
from cessio.identity.rules import Audience, Permission
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Forbidden, Invalid, Problems


def lend(
    session: Session, *, lender_id: int, deputy_id: int, permissions: Sequence[Permission],
    up_to_minor: int | None, from_on: date, to_on: date, reason: str, by: str, at: datetime,
) -> int:  # fmt: skip
    """Let a colleague decide for somebody from a day to a day; returns its id.

    ``up_to_minor`` in cents is the most they decide so (none: what the lender decides). Raises
    ``Problems``.
    """
    lender, deputy = queries.person(session, lender_id), queries.person(session, deputy_id)
    faults = rules.delegation_faults(
        lender=(lender_id, lender.role), deputy=(deputy_id, deputy.role), permissions=permissions,
        up_to_minor=up_to_minor, days=(from_on, to_on), on=business_date(at),
    )  # fmt: skip
    faults += [
        Invalid("not_staff", "{name} is not one of the staff with access", field=field,
                name=one.name)
        for field, one in (("lender", lender), ("deputy", deputy))
        if one.audience is not Audience.STAFF or one.disabled_at is not None
    ]  # fmt: skip
    if not reason.strip():
        faults.append(Invalid("reason_missing", "Say why", field="reason"))
    if faults:
        raise Problems(faults)
    row = Delegation(
        lender_id=lender_id, deputy_id=deputy_id, up_to_minor=up_to_minor, from_on=from_on,
        permissions=[one.value for one in permissions], to_on=to_on, reason=reason.strip(),
        given_at=at, given_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, verb="lend_rights", subject_kind="person", subject_id=lender_id,
        after={"delegation": row.id, "person": lender.name, "substitute": deputy.name,
               "permissions": row.permissions, "up_to_minor": up_to_minor, "from_on": from_on,
               "to_on": to_on},
        why=row.reason, by=by, at=at,
    )  # fmt: skip
    return row.id


def end_delegation(session: Session, *, delegation_id: int, by: str, at: datetime) -> None:
    """Take it back at once: the lender, the deputy, or who manages people.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` where it is over.
    """
    seen = queries.delegation(session, delegation_id)
    who = queries.person_behind(session, by)
    if who not in {seen.lender_id, seen.deputy_id,
                   *queries.staff_who_may(session, Permission.MANAGE_PEOPLE)}:  # fmt: skip
        raise Forbidden("not_yours", "Only who lent it, who holds it, or an administrator ends it")
    row = queries.delegation_row(session, delegation_id)
    if row is None or row.ended_at is not None or row.to_on < business_date(at):
        raise Conflict("delegation_over", "This delegation is over")
    row.ended_at, row.ended_by = at, by
    session.flush()
    audit.record(
        session, verb="end_delegation", subject_kind="person", subject_id=row.lender_id,
        before={"delegation": row.id, "person": seen.lender, "substitute": seen.deputy},
        by=by, at=at,
    )  # fmt: skip
