"""What waits in the workbench, what was applied, what is known of payers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from cessio.banking.models import BankLine, FactorAccount, WaitingLine
from cessio.cash.models import (
    CashAllocation,
    CashApplication,
    MatchProposal,
    ParkedLine,
)
from cessio.cash.rules import Allocation, AllocationKind, MatchReason, Proposal, ReasonCode
from cessio.contracts.models import Contract
from cessio.identity.models import Person
from cessio.kernel.errors import NotFound
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Receivable


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal of the matcher as it waits in the workbench."""

    proposal_id: int
    line_id: int
    rank: int
    proposal: Proposal
    receivables: tuple[ReceivableLabel, ...]

    @property
    def documents(self) -> tuple[ReceivableLabel, ...]:
        """The documents it names, each once: a discount is a second part of the same invoice."""
        return tuple(dict.fromkeys(self.receivables))


@dataclass(frozen=True, slots=True)
class ReceivableLabel:
    """A receivable as the workbench names it."""

    receivable_id: int
    number: str
    kind: str
    contract_id: int
    contract_reference: str
    client_name: str
    debtor_id: int
    debtor_name: str
    due_date: date
    open_minor: int


@dataclass(frozen=True, slots=True)
class WorkbenchLine:
    """A bank line with money left, its best proposal's confidence, and who holds it if parked."""

    line_id: int
    bank_account_id: int
    account_name: str
    currency: str
    amount_minor: int
    open_minor: int
    booked_on: date
    value_date: date
    party_name: str | None
    party_iban: str | None
    text: str | None
    end_to_end_id: str | None
    references: tuple[str, ...]
    return_code: str | None
    best_confidence: Decimal | None
    owner_name: str | None
    parked_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application made, with its parts; undone when ``undone_at`` is set."""

    application_id: int
    line_id: int | None
    kind: str
    amount_minor: int
    applied_on: date
    at: datetime
    by: str
    confidence: Decimal | None
    reasons: tuple[MatchReason, ...]
    allocations: tuple[tuple[Allocation, ReceivableLabel], ...]
    undone_at: datetime | None
    undone_by: str | None
    undone_reason: str | None
    currency: str = "EUR"

    @property
    def documents(self) -> tuple[ReceivableLabel, ...]:
        """The documents it settled, each once."""
        return tuple(dict.fromkeys(label for _part, label in self.allocations))


_WAITING = select(WaitingLine.bank_line_id)


def workbench(
    session: Session, *, parked: bool = False, after_id: int | None = None,
    before_id: int | None = None, limit: int = 50,
) -> list[WorkbenchLine]:  # fmt: skip
    """Credit lines with money left, the oldest first; ``parked`` lists those set aside instead.

    Keyset by line id: those after one, or the nearest before one.
    """
    best = (
        select(func.max(MatchProposal.confidence))
        .where(MatchProposal.bank_line_id == BankLine.id)
        .scalar_subquery()
    )
    query = (
        select(BankLine, FactorAccount.name, FactorAccount.currency, best, Person.name,
               ParkedLine.parked_at, ParkedLine.note)
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .outerjoin(
            ParkedLine,
            (ParkedLine.bank_line_id == BankLine.id) & ParkedLine.ended_at.is_(None),
        )
        .outerjoin(Person, Person.id == ParkedLine.owner_id)
        .where(BankLine.id.in_(_WAITING), BankLine.amount_minor > 0)
        .where(ParkedLine.id.is_not(None) if parked else ParkedLine.id.is_(None))
        .limit(limit)
    )  # fmt: skip
    if before_id is not None:
        query = query.where(BankLine.id < before_id).order_by(BankLine.id.desc())
        return [_line_view(row) for row in session.execute(query)][::-1]
    if after_id is not None:
        query = query.where(BankLine.id > after_id)
    return [_line_view(row) for row in session.execute(query.order_by(BankLine.id))]


def workbench_line(session: Session, *, line_id: int) -> WorkbenchLine | None:
    """One bank line as the workbench shows it, applied or not."""
    best = (
        select(func.max(MatchProposal.confidence))
        .where(MatchProposal.bank_line_id == line_id)
        .scalar_subquery()
    )
    row = session.execute(
        select(BankLine, FactorAccount.name, FactorAccount.currency, best, Person.name,
               ParkedLine.parked_at, ParkedLine.note)
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .outerjoin(
            ParkedLine,
            (ParkedLine.bank_line_id == BankLine.id) & ParkedLine.ended_at.is_(None),
        )
        .outerjoin(Person, Person.id == ParkedLine.owner_id)
        .where(BankLine.id == line_id)
    ).first()  # fmt: skip
    return _line_view(row) if row else None


def proposals_of(session: Session, *, line_id: int) -> list[StoredProposal]:
    """A line's proposals, surest first, with the receivables they name."""
    rows = session.scalars(
        select(MatchProposal)
        .where(MatchProposal.bank_line_id == line_id)
        .order_by(MatchProposal.rank)
    ).all()
    wanted = {a["receivable_id"] for row in rows for a in row.allocations}
    labels = receivable_labels(session, sorted(wanted))
    currency = _currencies(session, [line_id]).get(line_id)
    return [_stored(row, labels, currency) for row in rows]


def named(session: Session, *, line_id: int, proposals: Sequence[Proposal]) -> list[StoredProposal]:
    """Proposals just found, as those that are stored are seen; they have no number yet (0)."""
    wanted = {a.receivable_id for one in proposals for a in one.allocations}
    labels = receivable_labels(session, sorted(wanted))
    currency = _currencies(session, [line_id]).get(line_id)
    return [
        StoredProposal(
            0, line_id, rank, replace(one, reasons=tuple(_in(r, currency) for r in one.reasons)),
            tuple(labels[a.receivable_id] for a in one.allocations if a.receivable_id in labels),
        )
        for rank, one in enumerate(proposals, start=1)
    ]  # fmt: skip


def proposal(session: Session, *, proposal_id: int) -> StoredProposal | None:
    """One proposal, if it still stands."""
    row = session.get(MatchProposal, proposal_id)
    if row is None:
        return None
    labels = receivable_labels(session, [a["receivable_id"] for a in row.allocations])
    return _stored(row, labels, _currencies(session, [row.bank_line_id]).get(row.bank_line_id))


def applications_of(session: Session, *, line_id: int) -> list[ApplicationView]:
    """What was done with a bank line, latest first, undone ones too."""
    return applications_of_lines(session, line_ids=[line_id])


def applications_of_lines(session: Session, *, line_ids: Sequence[int]) -> list[ApplicationView]:
    """What was done with some lines, latest first, undone ones too."""
    rows = session.scalars(
        select(CashApplication)
        .where(CashApplication.bank_line_id.in_(line_ids))
        .order_by(CashApplication.id.desc())
    ).all()
    return _applications(session, rows)


def applications_by_id(session: Session, *, ids: Sequence[int]) -> list[ApplicationView]:
    """Some applications, latest first."""
    rows = session.scalars(
        select(CashApplication)
        .where(CashApplication.id.in_(ids))
        .order_by(CashApplication.id.desc())
    ).all()
    return _applications(session, rows)


def application(session: Session, *, application_id: int) -> ApplicationView:
    """One application. Raises ``NotFound``."""
    row = session.get(CashApplication, application_id)
    if row is None:
        raise NotFound("application_unknown", "there is no such application")
    return _applications(session, [row])[0]


def applications_to(session: Session, *, receivable_id: int) -> list[ApplicationView]:
    """What was applied to a receivable, latest first."""
    named = exists().where(
        CashAllocation.application_id == CashApplication.id,
        CashAllocation.receivable_id == receivable_id,
    )
    rows = session.scalars(
        select(CashApplication).where(named).order_by(CashApplication.id.desc())
    ).all()
    return _applications(session, rows)


def recent_applications(
    session: Session, *, kind: str | None = None, limit: int = 50
) -> list[ApplicationView]:
    """The latest applications over all lines."""
    query = select(CashApplication).order_by(CashApplication.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(CashApplication.kind == kind)
    return _applications(session, session.scalars(query).all())


def receivable_labels(session: Session, ids: Sequence[int]) -> dict[int, ReceivableLabel]:
    """Receivables as the workbench names them, by id."""
    owner = aliased(Company)
    rows = session.execute(
        select(
            Receivable.id, Receivable.number, Receivable.kind, Receivable.contract_id,
            Contract.reference, owner.name, Receivable.debtor_id, Company.name, Receivable.due_date,
            Receivable.open_minor,
        )
        .join(Contract, Contract.id == Receivable.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .join(owner, owner.id == Client.company_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .where(Receivable.id.in_(ids))
    )  # fmt: skip
    return {row[0]: ReceivableLabel(*tuple[Any, ...](row)) for row in rows}


def _line_view(row: Any) -> WorkbenchLine:
    line, account_name, currency, best, owner, parked_at, note = row
    return WorkbenchLine(
        line_id=line.id, bank_account_id=line.account_id, account_name=account_name,
        currency=currency, amount_minor=line.amount_minor,
        open_minor=line.amount_minor - line.applied_minor, booked_on=line.booked_on,
        value_date=line.value_date, party_name=line.party_name, party_iban=line.party_iban,
        text=line.remittance_text, end_to_end_id=line.end_to_end_id,
        references=tuple(line.references or ()), return_code=line.return_code,
        best_confidence=best, owner_name=owner, parked_at=parked_at, note=note,
    )  # fmt: skip


def _stored(
    row: MatchProposal, labels: dict[int, ReceivableLabel], currency: str | None
) -> StoredProposal:
    allocations = tuple(
        Allocation(
            a["receivable_id"],
            a["amount_minor"],
            AllocationKind(a["kind"]),
            a.get("kept_minor", 0),
        )
        for a in row.allocations
    )
    return StoredProposal(
        proposal_id=row.id, line_id=row.bank_line_id, rank=row.rank,
        proposal=Proposal(
            allocations, row.rest_minor, row.confidence, _reasons(row.reasons, currency)
        ),
        receivables=tuple(
            labels[a.receivable_id] for a in allocations if a.receivable_id in labels
        ),
    )  # fmt: skip


def _part(row: CashAllocation) -> Allocation:
    kind = AllocationKind(row.kind)
    return Allocation(row.receivable_id, row.amount_minor, kind, row.kept_minor)


def _reasons(stored: list[dict[str, Any]], currency: str | None) -> tuple[MatchReason, ...]:
    return tuple(
        _in(
            MatchReason(ReasonCode(one["code"]), {key: one[key] for key in one if key != "code"}),
            currency,
        )
        for one in stored
    )


def _in(reason: MatchReason, currency: str | None) -> MatchReason:
    """The reason with the currency its amounts are in, so that its sentence says it."""
    if currency is None or not any(key.endswith("_minor") for key in reason.params):
        return reason
    return replace(reason, params={**reason.params, "currency": currency})


def _currencies(session: Session, line_ids: Sequence[int]) -> dict[int, str]:
    """The currency of lines, by id."""
    rows = session.execute(
        select(BankLine.id, FactorAccount.currency)
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .where(BankLine.id.in_(line_ids))
    )
    return {row[0]: row[1] for row in rows}


def _applications(session: Session, rows: Sequence[CashApplication]) -> list[ApplicationView]:
    parts = session.execute(
        select(CashAllocation)
        .where(CashAllocation.application_id.in_([row.id for row in rows]))
        .order_by(CashAllocation.id)
    ).scalars()
    by_application: dict[int, list[CashAllocation]] = {}
    for part in parts:
        by_application.setdefault(part.application_id, []).append(part)
    wanted = {part.receivable_id for group in by_application.values() for part in group}
    labels = receivable_labels(session, sorted(wanted))
    line_ids = sorted({row.bank_line_id for row in rows if row.bank_line_id is not None})
    currencies = _currencies(session, line_ids) if line_ids else {}
    return [
        ApplicationView(
            application_id=row.id, line_id=row.bank_line_id, kind=row.kind,
            amount_minor=row.amount_minor, applied_on=row.applied_on, at=row.at, by=row.by,
            confidence=row.confidence,
            reasons=_reasons(row.reasons, currencies.get(row.bank_line_id or 0)),
            currency=currencies.get(row.bank_line_id or 0, "EUR"),
            allocations=tuple(
                (
                    _part(p),
                    labels[p.receivable_id],
                )
                for p in by_application.get(row.id, [])
            ),
            undone_at=row.undone_at, undone_by=row.undone_by, undone_reason=row.undone_reason,
        )
        for row in rows
    ]  # fmt: skip
