"""Remittances as people read them: lists, one with its states, its lines and their reasons."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.parties.models import Client, Company
from cessio.plumbing.keyset import sorted_page
from cessio.receivables.models import (
    Remittance,
    RemittanceLine,
    SubrogationReceipt,
)
from cessio.receivables.models import RemittanceState as StateRow
from cessio.receivables.queries.locks import RemittanceUnknown
from cessio.receivables.rules import (
    DocumentKind,
    Reason,
    RemittanceState,
    Source,
    Verdict,
    read_reason,
)


@dataclass(frozen=True, slots=True)
class RemittanceRow:
    """A remittance in a list. Amounts are of the lines that are, or would be, assigned, signed."""

    id: int
    number: int
    contract_id: int
    contract_reference: str
    currency: str
    client_id: int
    client_name: str
    state: RemittanceState
    source: Source
    filename: str | None
    created_at: datetime
    created_by: str
    checked_at: datetime | None
    line_count: int
    accepted_count: int
    warning_count: int
    refused_count: int
    invoices_minor: int
    credit_notes_minor: int
    hold_reasons: tuple[str, ...]
    document_id: int | None
    mapping: dict[str, Any] | None

    @property
    def total_minor(self) -> int:
        """Invoices less credit notes."""
        return self.invoices_minor + self.credit_notes_minor

    @property
    def reference(self) -> str:
        """What people call it, and its receipt's number once assigned."""
        return f"{self.contract_reference}-{self.number:05d}"


@dataclass(frozen=True, slots=True)
class StateView:
    """A state a remittance entered."""

    state: RemittanceState
    at: datetime
    by: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class RemittanceView:
    """One remittance whole, but for its lines."""

    remittance: RemittanceRow
    states: tuple[StateView, ...]
    receipt_number: str | None
    reasons: tuple[tuple[str, Verdict, int], ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as it was sent, and all that is said of it."""

    line: int
    receivable_id: int
    kind: DocumentKind
    number: str | None
    debtor_id: int | None
    debtor_siren: str | None
    debtor_vat: str | None
    debtor_name: str | None
    issue_date: date | None
    due_date: date | None
    amount_minor: int | None
    vat_minor: int | None
    currency: str | None
    order_ref: str | None
    original_number: str | None
    verdict: Verdict
    reasons: tuple[Reason, ...]
    raw: dict[str, Any]


def remittances(
    session: Session, request: PageRequest, *, client_id: int | None = None,
    contract_id: int | None = None, states: Collection[RemittanceState] | None = None,
    named: str | None = None, faulty: bool = False, sort: str = "-created",
) -> Page[RemittanceRow]:  # fmt: skip
    """Remittances, latest first; ``client_id`` keeps to one client's: give it for the portal.

    ``named`` is part of the client's name, ``faulty`` those with refused or warned lines; ``sort``
    is one of ``SORTS``.
    """
    return sorted_page(
        session, _rows().where(*_where(client_id, contract_id, states, named, faulty)), request,
        sort=sort, sorts=SORTS, default="-created", unique=Remittance.id, read=_row,
    )  # fmt: skip


#: What a list of remittances is sorted by.
SORTS: dict[str, Any] = {
    "created": Remittance.id, "client": Company.name_key, "documents": Remittance.line_count,
    "state": Remittance.state, "amount": Remittance.invoices_minor + Remittance.credit_notes_minor,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RemittanceTotals:
    """What the remittances of a list come to, in one currency."""

    currency: str
    count: int
    line_count: int
    refused_count: int
    warning_count: int
    total_minor: int


def remittance_totals(
    session: Session, *, contract_id: int | None = None,
    states: Collection[RemittanceState] | None = None, named: str | None = None,
    faulty: bool = False,
) -> tuple[RemittanceTotals, ...]:  # fmt: skip
    """The totals of a whole list, by currency."""
    sums = [func.sum(column) for column in (
        Remittance.line_count, Remittance.refused_count, Remittance.warning_count,
        Remittance.invoices_minor + Remittance.credit_notes_minor,
    )]  # fmt: skip
    query = (
        select(Contract.currency, func.count(), *sums)
        .select_from(Remittance)
        .join(Contract, Contract.id == Remittance.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .join(Company, Company.id == Client.company_id)
        .where(*_where(None, contract_id, states, named, faulty))
        .group_by(Contract.currency).order_by(Contract.currency)
    )  # fmt: skip
    return tuple(
        RemittanceTotals(currency, *(int(value) for value in figures))
        for currency, *figures in session.execute(query)
    )


def next_submitted(session: Session, *, after: int) -> int | None:
    """The remittance to decide that comes next, oldest first; from the first when none is left."""
    waits = Remittance.state == RemittanceState.SUBMITTED.value
    later = select(func.min(Remittance.id)).where(waits, Remittance.id > after)
    return session.scalar(later) or session.scalar(
        select(func.min(Remittance.id)).where(waits, Remittance.id != after)
    )


def _where(
    client_id: int | None, contract_id: int | None, states: Collection[RemittanceState] | None,
    named: str | None, faulty: bool,
) -> list[ColumnElement[bool]]:  # fmt: skip
    found: list[ColumnElement[bool]] = []
    if client_id is not None:
        found.append(Contract.client_id == client_id)
    if contract_id is not None:
        found.append(Remittance.contract_id == contract_id)
    if states is not None:
        found.append(Remittance.state.in_([state.value for state in states]))
    if named:
        found.append(Company.name.icontains(named, autoescape=True))
    if faulty:
        found.append(Remittance.refused_count + Remittance.warning_count > 0)
    return found


def remittances_called(session: Session, text: str) -> tuple[RemittanceRow, ...]:
    """The remittance of a reference (``CT-000003-00012``), if there is one."""
    contract, _, number = text.strip().upper().rpartition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return ()
    query = _rows().where(Contract.reference == contract, Remittance.number == int(number))
    return tuple(_row(row) for row in session.execute(query))


def remittance(
    session: Session, remittance_id: int, *, client_id: int | None = None
) -> RemittanceView:
    """One remittance with its states and how often each reason is given.

    Raises ``RemittanceUnknown``, also for another client's.
    """
    query = _rows().where(Remittance.id == remittance_id)
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise RemittanceUnknown(
            "remittance_unknown", "there is no remittance {id}", id=remittance_id
        )
    states = session.execute(
        select(StateRow.state, StateRow.at, StateRow.by, StateRow.reason)
        .where(StateRow.remittance_id == remittance_id)
        .order_by(StateRow.id)
    )
    receipt = session.scalar(
        select(SubrogationReceipt.number).where(SubrogationReceipt.remittance_id == remittance_id)
    )
    return RemittanceView(
        _row(row),
        tuple(StateView(RemittanceState(s), at, by, reason) for s, at, by, reason in states),
        receipt,
        _reason_counts(session, remittance_id),
    )


def lines(
    session: Session, remittance_id: int, request: PageRequest, *,
    verdict: Verdict | None = None, reason: str | None = None, staff: bool = False,
) -> Page[LineView]:  # fmt: skip
    """Lines in order, all or those of one verdict or reason.

    ``staff`` shows what only the factor's own people may read (whose duplicate a line is). The
    caller checked whose remittance it is (``remittance``).
    """
    line = RemittanceLine
    query = select(line).where(line.remittance_id == remittance_id)
    if verdict is not None:
        query = query.where(line.verdict == verdict.value)
    if reason is not None:
        query = query.where(line.reasons.contains([{"code": reason}]))
    if request.key is not None:
        key = request.key[0]
        query = query.where(line.line < key if request.backwards else line.line > key)
    order = line.line.desc() if request.backwards else line.line.asc()
    rows = session.scalars(query.order_by(order).limit(request.fetch))
    return page_of([_line(row, staff) for row in rows], request, lambda one: (one.line,))


@cache
def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Remittance,
            Contract.reference,
            Contract.currency,
            Client.id,
            Company.name,
        )
        .join(Contract, Contract.id == Remittance.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .join(Company, Company.id == Client.company_id)
    )


def _row(found: Any) -> RemittanceRow:
    row, reference, currency, client_id, client_name = found
    return RemittanceRow(
        id=row.id, number=row.number, contract_id=row.contract_id, contract_reference=reference,
        currency=currency, client_id=client_id, client_name=client_name,
        state=RemittanceState(row.state), source=Source(row.source), filename=row.filename,
        created_at=row.created_at, created_by=row.created_by, checked_at=row.checked_at,
        line_count=row.line_count, accepted_count=row.accepted_count,
        warning_count=row.warning_count, refused_count=row.refused_count,
        invoices_minor=row.invoices_minor, credit_notes_minor=row.credit_notes_minor,
        hold_reasons=tuple(row.hold_reasons), document_id=row.document_id, mapping=row.mapping,
    )  # fmt: skip


def _reason_counts(session: Session, remittance_id: int) -> tuple[tuple[str, Verdict, int], ...]:
    line = RemittanceLine
    said = func.jsonb_array_elements(line.reasons).table_valued("value").lateral()
    code: ColumnElement[str] = literal_column("value ->> 'code'")
    rows = session.execute(
        select(code, func.count())
        .select_from(line)
        .join(said, literal_column("true"))
        .where(line.remittance_id == remittance_id)
        .group_by(code)
        .order_by(func.count().desc(), code)
    )
    return tuple((name, Reason(name).weight.verdict, count) for name, count in rows)


def _line(row: RemittanceLine, staff: bool) -> LineView:
    return LineView(
        line=row.line, receivable_id=row.receivable_id, kind=DocumentKind(row.kind),
        number=row.number, debtor_id=row.debtor_id, debtor_siren=row.debtor_siren,
        debtor_vat=row.debtor_vat, debtor_name=row.debtor_name, issue_date=row.issue_date,
        due_date=row.due_date, amount_minor=row.amount_minor, vat_minor=row.vat_minor,
        currency=row.currency, order_ref=row.order_ref, original_number=row.original_number,
        verdict=Verdict(row.verdict),
        reasons=tuple(read_reason(one, staff=staff) for one in row.reasons), raw=row.raw or {},
    )  # fmt: skip
