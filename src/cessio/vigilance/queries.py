"""Reading signals: lists, one, those about a thing, and how many are open."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest
from cessio.parties.models import Client, Company, Debtor
from cessio.plumbing.keyset import sorted_page
from cessio.receivables.models import Receivable, Remittance, RemittanceLine
from cessio.vigilance.models import Signal
from cessio.vigilance.rules import Level, SignalKind, SignalState

#: The company of the client, beside the debtor's.
_HOUSE = Company.__table__.alias("house")


@dataclass(frozen=True, slots=True)
class SignalView:
    """A signal; ``params`` are the figures its sentence (``code``) speaks of."""

    id: int
    kind: SignalKind
    level: Level
    state: SignalState
    client_id: int
    client_name: str
    contract_id: int | None
    contract_reference: str | None
    debtor_id: int | None
    debtor_name: str | None
    remittance_id: int | None
    remittance_number: int | None
    document_ids: tuple[int, ...]
    amount_minor: int
    currency: str
    params: dict[str, Any]
    found_at: datetime
    looked_at: datetime | None
    looked_by: str | None
    note: str | None

    @property
    def code(self) -> str:
        """What its sentence is registered under."""
        return f"signal_{self.kind}"

    @property
    def remittance_reference(self) -> str | None:
        """What people call its remittance."""
        if self.remittance_number is None:
            return None
        return f"{self.contract_reference}-{self.remittance_number:05d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFilter:
    """Which signals a list shows; ``None`` is any."""

    state: SignalState | None = SignalState.OPEN
    level: Level | None = None
    kind: SignalKind | None = None
    client_id: int | None = None
    debtor_id: int | None = None
    contract_id: int | None = None
    remittance_id: int | None = None
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class OpenSignals:
    """Open signals of one client: how many of each level, the oldest, the most at stake."""

    client_id: int
    client_name: str
    high: int
    medium: int
    low: int
    first_id: int
    since: datetime
    amount_minor: int
    currency: str


def signals(
    session: Session, request: PageRequest, wanted: SignalFilter | None = None, *,
    sort: str | None = None,
) -> Page[SignalView]:  # fmt: skip
    """Signals, latest first or by a column."""
    query = _views().where(*_where(wanted or SignalFilter()))
    return sorted_page(session, query, request, sort=sort, sorts=_SORTS, default="-found",
                       unique=Signal.id, read=_view)  # fmt: skip


_SORTS: dict[str, Any] = {
    "found": Signal.id, "kind": Signal.kind, "client": _HOUSE.c.name, "state": Signal.state,
    "amount": Signal.amount_minor,
    "level": case({each.value: place for place, each in enumerate(Level)}, value=Signal.level,
                  else_=len(Level)),
}  # fmt: skip


def signals_about(
    session: Session, wanted: SignalFilter, *, most: int = 20
) -> tuple[SignalView, ...]:
    """Signals about one thing (a remittance, client, debtor, invoice).

    Open ones come first, the heaviest of them on top.
    """
    is_done = Signal.state != SignalState.OPEN.value
    weight = case({level.value: place for place, level in enumerate(Level)}, value=Signal.level)
    order = (is_done, weight, Signal.id.desc())
    query = _views().where(*_where(wanted)).order_by(*order).limit(most)
    return tuple(_view(row) for row in session.execute(query))


def signal(session: Session, signal_id: int) -> SignalView:
    """One signal. Raises ``NotFound``."""
    row = session.execute(_views().where(Signal.id == signal_id)).one_or_none()
    if row is None:
        raise NotFound("signal_unknown", "there is no signal {id}", id=signal_id)
    return _view(row)


def locked_signal(session: Session, signal_id: int) -> Signal | None:
    """A signal, locked until the transaction ends."""
    return session.scalar(
        select(Signal).where(Signal.id == signal_id).with_for_update()
        .execution_options(populate_existing=True)
    )  # fmt: skip


def high_documents(
    session: Session, *, remittance_id: int | None = None, documents: Collection[int] = ()
) -> set[int]:
    """The documents of open high signals: of a remittance, or among some."""
    query = select(Signal.document_ids).where(
        Signal.state == SignalState.OPEN.value, Signal.level == Level.HIGH.value
    )
    if remittance_id is not None:
        query = query.where(Signal.remittance_id == remittance_id)
    else:
        query = query.where(Signal.document_ids.overlap(sorted(documents)))
    found = {one for ids in session.scalars(query) for one in ids}
    return found if remittance_id is not None else found & set(documents)


def next_open(session: Session, *, before_id: int) -> int | None:
    """The open signal that comes next in the list, latest first; from its top when it ended."""
    is_open = Signal.state == SignalState.OPEN.value
    below = select(func.max(Signal.id)).where(is_open, Signal.id < before_id)
    return session.scalar(below) or session.scalar(select(func.max(Signal.id)).where(is_open))


def open_counts(session: Session, wanted: SignalFilter | None = None) -> dict[Level, int]:
    """How many signals are open, by level."""
    query = select(Signal.level, func.count()).group_by(Signal.level)
    rows = session.execute(query.where(*_where(wanted or SignalFilter())))
    return {Level(level): count for level, count in rows}


def totals(session: Session, wanted: SignalFilter) -> tuple[tuple[str, int, int], ...]:
    """Of a list: currency, how many, and what is at stake in all."""
    query = (
        select(Signal.currency, func.count(), func.sum(Signal.amount_minor))
        .where(*_where(wanted)).group_by(Signal.currency).order_by(Signal.currency)
    )  # fmt: skip
    return tuple((row[0], row[1], int(row[2])) for row in session.execute(query))


def by_remittance(session: Session, remittance_ids: list[int]) -> dict[int, int]:
    """How many open signals each remittance has."""
    rows = session.execute(
        select(Signal.remittance_id, func.count())
        .where(Signal.remittance_id.in_(remittance_ids), Signal.state == SignalState.OPEN.value)
        .group_by(Signal.remittance_id)
    )
    return {remittance_id: count for remittance_id, count in rows if remittance_id is not None}


def open_signals(session: Session, *, most: int = 100) -> tuple[OpenSignals, ...]:
    """Clients with open signals, the heaviest first: for the work queue."""
    tally = {level: func.count().filter(Signal.level == level.value) for level in Level}
    query = (
        select(
            Signal.client_id, Company.name, *tally.values(), func.max(Signal.id),
            func.min(Signal.found_at), func.max(Signal.amount_minor), func.min(Signal.currency),
        )
        .join(Client, Client.id == Signal.client_id)
        .join(Company, Company.id == Client.company_id)
        .where(Signal.state == SignalState.OPEN.value)
        .group_by(Signal.client_id, Company.name)
        .order_by(*(each.desc() for each in tally.values()), Signal.client_id)
        .limit(most)
    )  # fmt: skip
    rows: Iterable[Any] = session.execute(query)
    return tuple(OpenSignals(*row) for row in rows)


def document_numbers(session: Session, ids: set[int]) -> dict[int, str]:
    """The number of each document that is in the book."""
    if not ids:
        return {}
    book = session.execute(
        select(Receivable.id, Receivable.number).where(Receivable.id.in_(ids))
    ).all()
    return {row.id: row.number for row in book}


def line_numbers(session: Session, remittance_id: int, ids: set[int]) -> dict[int, str]:
    """The number of lines of a remittance by their reserved ids."""
    line = RemittanceLine
    rows = session.execute(
        select(line.receivable_id, line.number)
        .where(line.remittance_id == remittance_id, line.receivable_id.in_(ids))
    )  # fmt: skip
    return {key: number or "–" for key, number in rows}


def _where(wanted: SignalFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(Signal.state == wanted.state.value)
    if wanted.level is not None:
        found.append(Signal.level == wanted.level.value)
    if wanted.kind is not None:
        found.append(Signal.kind == wanted.kind.value)
    if wanted.client_id is not None:
        found.append(Signal.client_id == wanted.client_id)
    if wanted.debtor_id is not None:
        found.append(Signal.debtor_id == wanted.debtor_id)
    if wanted.contract_id is not None:
        found.append(Signal.contract_id == wanted.contract_id)
    if wanted.remittance_id is not None:
        found.append(Signal.remittance_id == wanted.remittance_id)
    if wanted.document_id is not None:
        found.append(Signal.document_ids.contains([wanted.document_id]))
    return found


def _views() -> Select[*tuple[Any, ...]]:
    owing = Company.__table__.alias("owing")
    return (
        select(Signal, _HOUSE.c.name, Contract.reference, owing.c.name, Remittance.number)
        .join(Client, Client.id == Signal.client_id)
        .join(_HOUSE, _HOUSE.c.id == Client.company_id)
        .outerjoin(Contract, Contract.id == Signal.contract_id)
        .outerjoin(Debtor, Debtor.id == Signal.debtor_id)
        .outerjoin(owing, owing.c.id == Debtor.company_id)
        .outerjoin(Remittance, Remittance.id == Signal.remittance_id)
    )


def _view(found: Any) -> SignalView:
    row, client_name, reference, debtor_name, remittance_number = found
    return SignalView(
        id=row.id, kind=SignalKind(row.kind), level=Level(row.level),
        state=SignalState(row.state), client_id=row.client_id, client_name=client_name,
        contract_id=row.contract_id, contract_reference=reference, debtor_id=row.debtor_id,
        debtor_name=debtor_name, remittance_id=row.remittance_id,
        remittance_number=remittance_number,
        document_ids=tuple(row.document_ids), amount_minor=row.amount_minor,
        currency=row.currency, params=dict(row.figures), found_at=row.found_at,
        looked_at=row.looked_at, looked_by=row.looked_by, note=row.note,
    )  # fmt: skip
