"""The names of the base to be screened, by company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cessio.parties.models import BeneficialOwner, Company, Contact, PartyAccount
from cessio.screening.rules import SubjectKind


@dataclass(frozen=True, slots=True)
class Named:
    """What a company is known by: each name once, with whose it is, and its numbers."""

    company_id: int
    names: tuple[tuple[SubjectKind, str], ...]
    numbers: tuple[str, ...]


def named(session: Session, company_ids: Sequence[int]) -> Iterator[Named]:
    """The names of some companies, of the people known there or behind them, and of who holds
    their accounts."""
    found: dict[int, dict[str, SubjectKind]] = {}
    numbers: dict[int, tuple[str, ...]] = {}
    for row in session.execute(
        select(Company.id, Company.name, Company.trade_name, Company.siren, Company.vat_number,
               Company.registration_number)
        .where(Company.id.in_(company_ids)).order_by(Company.id)
    ):  # fmt: skip
        names = found[row.id] = {row.name: SubjectKind.COMPANY}
        if row.trade_name:
            names.setdefault(row.trade_name, SubjectKind.TRADE_NAME)
        numbers[row.id] = tuple(number for number in row[3:] if number)
    others = (
        (SubjectKind.CONTACT, Contact, Contact.name),
        (SubjectKind.HOLDER, PartyAccount, PartyAccount.holder),
        (SubjectKind.PERSON, BeneficialOwner, BeneficialOwner.name),
    )
    for kind, model, name in others:
        rows = session.execute(
            select(model.company_id, name)
            .where(model.company_id.in_(company_ids), model.ended_at.is_(None))
            .order_by(model.id)
        )
        for company_id, said in rows:
            found[company_id].setdefault(said, kind)
    for company_id, names in found.items():
        kept = tuple((kind, name) for name, kind in names.items())
        yield Named(company_id, kept, numbers[company_id])


def mark_screened(
    session: Session, names: Mapping[int, int], *, versions: Sequence[int], at: datetime
) -> None:
    """Say that companies were held against these versions, with so many names each."""
    session.execute(
        text(
            """UPDATE screened_company AS done SET is_due = false, versions = :versions,
                      name_count = one.count, screened_at = :at
                 FROM unnest(CAST(:ids AS bigint[]), CAST(:counts AS bigint[])) AS one (id, count)
                WHERE done.company_id = one.id"""
        ),
        {"versions": list(versions), "ids": list(names), "counts": list(names.values()), "at": at},
    )
