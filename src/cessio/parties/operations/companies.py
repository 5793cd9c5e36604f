"""Companies: registered once, changed with their history, gathered in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cessio import audit
from cessio.kernel.errors import Conflict, Invalid, NotFound, Problems
from cessio.parties import queries, rules
from cessio.parties.models import Company, CompanyGroup
from cessio.parties.operations.naming import tell_named
from cessio.parties.rules import CompanyDetails


def register_company(session: Session, *, details: CompanyDetails, by: str, at: datetime) -> int:
    """Record a company nobody knew. Raises ``Problems``; ``Conflict`` when it is known already."""
    kept = valid(details)
    company_id, created = ensure_company(session, details=kept, by=by, at=at)
    if not created:
        raise Conflict("company_known", "{name} is registered already", name=kept.name,
                       company_id=company_id)  # fmt: skip
    return company_id


def valid(details: CompanyDetails) -> CompanyDetails:
    """The details in their kept spelling, or ``Problems`` with every fault."""
    kept, problems = rules.checked(details)
    if problems:
        raise Problems([*problems])
    return kept


def ensure_company(
    session: Session, *, details: CompanyDetails, by: str, at: datetime
) -> tuple[int, bool]:
    """The company that (checked) details identify, created if new; tells whether it was.

    What is known of an existing company is left as it is. ``Conflict`` when the details identify
    two companies (a VAT number of one, a registration number of another).
    """
    if (known := _identified(session, details)) is not None:
        return known, False
    created: int | None = session.scalar(
        insert(Company)
        .values(**company_values(details))
        .on_conflict_do_nothing()
        .returning(Company.id)
    )
    if created is None:  # somebody registered it meanwhile
        if (known := _identified(session, details)) is not None:
            return known, False
        raise _taken()
    audit.record(session, verb="register", subject_kind="company", subject_id=created,
                 after=_present(details), by=by, at=at)  # fmt: skip
    tell_named(session, created, by=by, at=at)
    return created, True


def _identified(session: Session, details: CompanyDetails) -> int | None:
    known = queries.companies_identified_by(session, details)
    if len(known) > 1:
        raise Conflict(
            "identity_split", "These numbers belong to two different companies",
            field="registration_number",
        )  # fmt: skip
    return known[0] if known else None


def change_company(
    session: Session,
    *,
    company_id: int,
    details: CompanyDetails,
    version: int,
    why: str | None = None,
    by: str,
    at: datetime,
) -> int:
    """Replace the details of a company; returns its new version.

    ``version`` is the one the editor saw: ``Conflict`` when somebody changed the company since, or
    when a number is another company's. Raises ``Problems`` and ``NotFound``.
    """
    kept = valid(details)
    row = session.get(Company, company_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("company_not_found", "There is no such company")
    if row.version != version:
        raise Conflict("stale", "Somebody else changed this meanwhile, look again")
    before = {name: getattr(row, name) for name in CompanyDetails.__slots__}
    old, new = audit.narrowed(before, asdict(kept))
    if not new:
        return version
    for name, value in company_values(kept).items():
        setattr(row, name, value)
    row.version = version + 1
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise _taken() from error
    tell_named(session, company_id, by=by, at=at)
    client_id = queries.client_of_company(session, company_id)
    audit.record(session, verb="change", subject_kind="company", subject_id=company_id,
                 before=old, after=new, why=why, by=by, at=at, client_id=client_id)  # fmt: skip
    return row.version


def join_group(
    session: Session, *, company_ids: Sequence[int], name: str, by: str, at: datetime
) -> int:
    """Put companies under one group, made if new; returns the group's id. Raises ``Invalid``."""
    kept = " ".join(name.split())
    if not 1 <= len(kept) <= 120:
        raise Invalid("name_missing", "A group has a name", field="name")
    session.execute(insert(CompanyGroup).values(name=kept).on_conflict_do_nothing())
    group_id: int = session.execute(
        update(CompanyGroup)
        .where(CompanyGroup.name == kept)
        .values(name=kept)
        .returning(CompanyGroup.id)
    ).scalar_one()
    _move(session, company_ids, group_id, kept, by, at)
    return group_id


def leave_group(session: Session, *, company_id: int, by: str, at: datetime) -> None:
    """Take a company out of its group."""
    _move(session, [company_id], None, None, by, at)


def _move(
    session: Session,
    company_ids: Sequence[int],
    group_id: int | None,
    name: str | None,
    by: str,
    at: datetime,
) -> None:
    for company_id in sorted(set(company_ids)):
        row = session.get(Company, company_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound("company_not_found", "There is no such company")
        if row.group_id == group_id:
            continue
        former = queries.company(session, company_id).group_name
        row.group_id, row.version = group_id, row.version + 1
        session.flush()
        audit.record(
            session,
            verb="join_group" if group_id is not None else "leave_group",
            subject_kind="company",
            subject_id=company_id,
            before={"group": former},
            after={"group": name},
            by=by,
            at=at,
        )


def company_values(details: CompanyDetails) -> dict[str, Any]:
    """The columns of a company, with the keys its names are compared by."""
    trade = details.trade_name
    return {
        **{name: getattr(details, name) for name in CompanyDetails.__slots__},
        "name_key": rules.name_key(details.name),
        "trade_key": None if trade is None else rules.name_key(trade),
    }


def _present(details: CompanyDetails) -> dict[str, Any]:
    return {name: value for name, value in asdict(details).items() if value is not None}


def _taken() -> Conflict:
    return Conflict("identity_taken", "One of these numbers belongs to another company")
