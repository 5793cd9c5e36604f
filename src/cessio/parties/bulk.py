"""Debtors by the thousand: what a remittance import needs, in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import audit
from cessio.audit import Fact
from cessio.kernel.errors import CessioError, Conflict
from cessio.parties import rules
from cessio.parties.operations.companies import company_values
from cessio.parties.rules import CompanyDetails, Segment

#: What one company is known by: its SIREN, else its VAT number, else its register's number.
Identity = tuple[str, str, str]

_TYPES = {"founded_on": "date", "share_capital_minor": "bigint"}


@dataclass(frozen=True, slots=True)
class Ensured:
    """The debtor of each row, in the order of the rows; ``None`` where ``problems`` says why.

    ``created`` counts the debtors that nobody knew before.
    """

    debtor_ids: tuple[int | None, ...]
    problems: Mapping[int, tuple[CessioError, ...]]
    created: int


def ensure_debtors(
    session: Session, *, rows: Sequence[CompanyDetails], by: str, at: datetime
) -> Ensured:
    """The one debtor record of each row's company; unknown valid ones are created as ``new``.

    Rows may repeat a company: the first describes it. What is known of an existing company stays
    as it is. A row with faults creates nothing and does not stop the others. Companies are
    inserted in the order of their identity, so that imports at the same time cannot deadlock.
    """
    found = {details: rules.checked(details) for details in dict.fromkeys(rows)}
    wanted: dict[Identity, CompanyDetails] = {}
    for kept, faults in found.values():
        if not faults:
            wanted.setdefault(_identity(kept), kept)
    companies, new_companies = _ensure_companies(session, dict(sorted(wanted.items())))
    debtors, created = _debtors(
        session, sorted({each for each in companies.values() if each is not None}), by, at
    )
    _record(session, wanted, companies, new_companies, created, by, at)
    ids: list[int | None] = []
    problems: dict[int, tuple[CessioError, ...]] = {}
    for number, details in enumerate(rows):
        kept, faults = found[details]
        company_id = None if faults else companies[_identity(kept)]
        ids.append(None if company_id is None else debtors[company_id])
        if company_id is None:
            problems[number] = tuple(faults) or (_contradiction(),)
    return Ensured(tuple(ids), problems, len(created))


def _identity(details: CompanyDetails) -> Identity:
    if details.siren is not None:
        return ("siren", "FR", details.siren)
    if details.vat_number is not None:
        return ("vat", "", details.vat_number)
    return ("registration", details.country, details.registration_number or "")


def _ensure_companies(
    session: Session, wanted: Mapping[Identity, CompanyDetails]
) -> tuple[dict[Identity, int | None], set[int]]:
    """The company of each identity (``None``: its numbers are of two), and which are new."""
    companies = _companies(session, wanted)
    missing = {name: details for name, details in wanted.items() if name not in companies}
    if not missing:
        return companies, set()
    created = _insert_companies(session, list(missing.values()))
    found = _companies(session, missing)
    return companies | dict.fromkeys(missing) | found, created


def _insert_companies(session: Session, wanted: Sequence[CompanyDetails]) -> set[int]:
    values = [company_values(details) for details in wanted]
    columns = list(values[0])
    arrays = ", ".join(f"CAST(:{column} AS {_TYPES.get(column, 'text')}[])" for column in columns)
    statement = (
        f"INSERT INTO company ({', '.join(columns)}) SELECT * FROM unnest({arrays}) "  # noqa: S608
        "ON CONFLICT DO NOTHING RETURNING id"
    )
    parameters = {column: [each[column] for each in values] for column in columns}
    return set(session.scalars(text(statement), parameters))


_COMPANIES = text("""
WITH wanted AS (
  SELECT * FROM unnest(CAST(:number AS bigint[]), CAST(:siren AS text[]), CAST(:vat AS text[]),
                       CAST(:country AS text[]), CAST(:registration AS text[]))
         AS w (number, siren, vat, country, registration)
), found AS (
  SELECT number, company.id FROM wanted JOIN company ON company.siren = wanted.siren
  UNION
  SELECT number, company.id FROM wanted JOIN company ON company.vat_number = wanted.vat
   WHERE wanted.siren IS NULL
  UNION
  SELECT number, company.id FROM wanted
    JOIN company ON company.country = wanted.country
                AND company.registration_number = wanted.registration
   WHERE wanted.siren IS NULL
)
SELECT number, min(id), count(*) FROM found GROUP BY number
""")


def _companies(
    session: Session, wanted: Mapping[Identity, CompanyDetails]
) -> dict[Identity, int | None]:
    """The known company of each identity; ``None`` where its numbers are of two companies."""
    details = list(wanted.values())
    rows = session.execute(
        _COMPANIES,
        {
            "number": list(range(len(details))),
            "siren": [each.siren for each in details],
            "vat": [each.vat_number for each in details],
            "country": [each.country for each in details],
            "registration": [each.registration_number for each in details],
        },
    )
    names = list(wanted)
    return {names[number]: company_id if count == 1 else None for number, company_id, count in rows}


_INSERT_DEBTORS = text("""
INSERT INTO debtor (company_id, segment, created_at, created_by)
SELECT company_id, :segment, :at, :by FROM unnest(CAST(:companies AS bigint[])) AS c (company_id)
ON CONFLICT (company_id) DO NOTHING RETURNING company_id, id
""")
_SELECT_DEBTORS = text("SELECT company_id, id FROM debtor WHERE company_id = ANY(:companies)")


def _debtors(
    session: Session, companies: Sequence[int], by: str, at: datetime
) -> tuple[dict[int, int], dict[int, int]]:
    """Debtor ids by company: all of them, and those just created."""
    known: dict[int, int] = dict(
        session.execute(_SELECT_DEBTORS, {"companies": list(companies)}).all()
    )
    missing = [company_id for company_id in companies if company_id not in known]
    if not missing:
        return known, {}
    author = {"segment": Segment.NEW.value, "at": at, "by": by}
    made = session.execute(_INSERT_DEBTORS, author | {"companies": missing})
    created: dict[int, int] = dict(made.all())
    every = session.execute(_SELECT_DEBTORS, {"companies": missing})
    return known | dict(every.all()), created


def _record(
    session: Session,
    wanted: Mapping[Identity, CompanyDetails],
    companies: Mapping[Identity, int | None],
    new_companies: set[int],
    created: Mapping[int, int],
    by: str,
    at: datetime,
) -> None:
    facts: list[Fact] = []
    for identity, details in wanted.items():
        company_id = companies[identity]
        if company_id is None:
            continue
        if company_id in new_companies:
            after: dict[str, Any] = {"name": details.name, identity[0]: identity[2]}
            facts.append(Fact("register", "company", company_id, after=after))
        if company_id in created:
            after = {"company_id": company_id, "segment": Segment.NEW}
            facts.append(Fact("register", "debtor", created[company_id], after=after))
    audit.record_all(session, facts=facts, by=by, at=at)


def _contradiction() -> Conflict:
    return Conflict(
        "identity_split", "These numbers belong to two different companies",
        field="registration_number",
    )  # fmt: skip
