"""The debtors of a contract: what each owes, what is late, how its limit is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import Session

from cessio.kernel.errors import NotFound
from cessio.limits.models import CoverPosition, CreditLimit, LimitRequest
from cessio.limits.queries import EffectiveLimits, all_effective_limits
from cessio.parties.models import Company, Debtor
from cessio.receivables.models import Receivable


@dataclass(frozen=True, slots=True)
class ContractDebtor:
    """A debtor that a contract knows: assigned, limited or asked about."""

    debtor_id: int
    name: str
    siren: str | None
    vat_number: str | None
    city: str | None

    @property
    def identity(self) -> str:
        """Its SIREN, else its VAT number, else nothing."""
        return self.siren or self.vat_number or ""


@dataclass(frozen=True, slots=True)
class DebtorStanding:
    """A debtor with what it owes and its limit. Amounts in the contract's currency.

    ``outstanding_minor`` is signed; ``queued_minor`` would be covered if there were room.
    """

    debtor: ContractDebtor
    outstanding_minor: int
    overdue_minor: int
    invoice_count: int
    covered_minor: int
    queued_minor: int
    limits: EffectiveLimits

    @property
    def limit_minor(self) -> int:
        """The cover limit in force."""
        return self.limits.cover_minor

    @property
    def free_minor(self) -> int:
        """What is left of it."""
        return max(0, self.limits.cover_minor - self.covered_minor)


def contract_debtors(
    session: Session, *, contract_id: int, debtor_id: int | None = None
) -> tuple[ContractDebtor, ...]:
    """The debtors of a contract by name, or the one asked for if it is one of them."""
    known = union(
        *(
            select(model.debtor_id).where(model.contract_id == contract_id)
            for model in (CoverPosition, CreditLimit, LimitRequest)
        )
    ).subquery()
    query = (
        select(Debtor.id, Company.name, Company.siren, Company.vat_number, Company.city)
        .join(Company, Company.id == Debtor.company_id)
        .where(Debtor.id.in_(select(known.c.debtor_id)))
        .order_by(Company.name_key, Debtor.id)
    )
    if debtor_id is not None:
        query = query.where(Debtor.id == debtor_id)
    return tuple(ContractDebtor(*row) for row in session.execute(query))


def debtor_standings(
    session: Session, *, contract_id: int, on: date, debtor_id: int | None = None
) -> tuple[DebtorStanding, ...]:
    """How the debtors of a contract stand on a date, those who owe most first."""
    debtors = contract_debtors(session, contract_id=contract_id, debtor_id=debtor_id)
    pairs = [(contract_id, one.debtor_id) for one in debtors]
    limits = all_effective_limits(session, on=on, pairs=pairs, contract_ids=[contract_id])
    owed = {
        row[0]: (int(row[1]), int(row[2]), row[3])
        for row in session.execute(_owed(contract_id, on))
    }
    cover = {row[0]: (row[1], row[2]) for row in session.execute(_cover(contract_id))}
    found = []
    for one in debtors:
        outstanding, overdue, count = owed.get(one.debtor_id, (0, 0, 0))
        covered, queued = cover.get(one.debtor_id, (0, 0))
        limit = limits[(contract_id, one.debtor_id)]
        found.append(DebtorStanding(one, outstanding, overdue, count, covered, queued, limit))
    return tuple(sorted(found, key=lambda one: (-one.outstanding_minor, one.debtor.name)))


def debtor_standing(
    session: Session, *, contract_id: int, debtor_id: int, on: date
) -> DebtorStanding:
    """One debtor of a contract. Raises ``NotFound`` when the contract does not know it."""
    found = debtor_standings(session, contract_id=contract_id, debtor_id=debtor_id, on=on)
    if not found:
        raise NotFound("debtor_unknown", "there is no debtor {id}", id=debtor_id)
    return found[0]


def _owed(contract_id: int, on: date) -> Select[int, int, int, int]:
    model = Receivable
    late = (model.open_minor > 0) & (model.due_date < on)
    return (
        select(
            model.debtor_id,
            func.sum(model.open_minor),
            func.coalesce(func.sum(model.open_minor).filter(late), 0),
            func.count().filter(model.open_minor > 0),
        )
        .where(model.contract_id == contract_id, model.closed_on.is_(None))
        .group_by(model.debtor_id)
    )


def _cover(contract_id: int) -> Select[int, int, int]:
    position = CoverPosition
    queued = position.coverable_minor - position.covered_minor
    return select(position.debtor_id, position.covered_minor, queued).where(
        position.contract_id == contract_id
    )
