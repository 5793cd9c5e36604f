"""Reading the statements that were kept, and how often a contract has one made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.documents.models import Document
from cessio.kernel.calendar import Period
from cessio.kernel.errors import NotFound
from cessio.kernel.ids import lock_key
from cessio.statements.formats import StatementFormat
from cessio.statements.models import KeptStatement, StatementOrder
from cessio.statements.rules.rhythm import Rhythm, Wanted, periods_until


@dataclass(frozen=True, slots=True)
class OrderView:
    """How often a contract's statements are made; ``set_by`` None: as for everybody."""

    wanted: Wanted
    effective_from: date | None = None
    set_at: datetime | None = None
    set_by: str | None = None


@dataclass(frozen=True, slots=True)
class KeptView:
    """A statement kept as a file, whose bytes never change."""

    id: int
    contract_id: int
    from_on: date
    to_on: date
    format: str
    rhythm: str
    verification_code: str
    document_id: int
    filename: str
    size: int
    sha256: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class KeptPeriod:
    """The files of one period of a contract."""

    from_on: date
    to_on: date
    rhythm: str
    made_at: datetime
    files: tuple[KeptView, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """A period of a contract that is to be told."""

    contract_id: int
    period: Period
    rhythm: Rhythm


def order_of(session: Session, contract_id: int) -> OrderView:
    """What holds for a contract: monthly as PDF, in its language, unless somebody chose."""
    row = session.scalars(
        select(StatementOrder)
        .where(StatementOrder.contract_id == contract_id)
        .order_by(StatementOrder.id.desc())
        .limit(1)
    ).first()
    if row is not None:
        return OrderView(_wanted(row), row.effective_from, row.set_at, row.set_by)
    language = session.scalar(select(Contract.language).where(Contract.id == contract_id))
    if language is None:
        raise NotFound("contract_unknown", "There is no such contract")
    return OrderView(Wanted(Rhythm.MONTHLY, (StatementFormat.PDF.value,), language))


def due_periods(session: Session, *, until: date) -> list[Due]:
    """The periods that ended by a closed day and were not told, by contract, oldest first."""
    orders = {
        row.contract_id: row
        for row in session.scalars(
            select(StatementOrder)
            .ext(distinct_on(StatementOrder.contract_id))
            .order_by(StatementOrder.contract_id, StatementOrder.id.desc())
        )
    }
    periods = {rhythm: list(periods_until(rhythm, until)) for rhythm in Rhythm}
    first = min(one.start for found in periods.values() for one in found)
    told = {
        (row[0], row[1], row[2])
        for row in session.execute(
            select(KeptStatement.contract_id, KeptStatement.from_on, KeptStatement.to_on)
            .where(KeptStatement.rhythm != "asked", KeptStatement.from_on >= first)
            .distinct()
        )
    }
    running = session.execute(
        select(Contract.id, Contract.starts_on, Contract.ended_on)
        .where(Contract.starts_on <= until,
               or_(Contract.ended_on.is_(None), Contract.ended_on >= first))
        .order_by(Contract.id)
    )  # fmt: skip
    return [
        Due(contract_id, period, rhythm)
        for contract_id, starts_on, ended_on in running
        for rhythm, since in [_rhythm(orders.get(contract_id), starts_on)]
        for period in periods[rhythm]
        if period.end >= since
        and period.end >= starts_on
        and (ended_on is None or ended_on >= period.start)
        and (contract_id, period.start, period.end) not in told
    ]


def kept_statements(
    session: Session, *, contract_id: int, client_id: int | None = None, limit: int = 200
) -> tuple[KeptView, ...]:
    """The files kept of a contract, latest period first; ``client_id`` is who may see them."""
    query = _kept().where(KeptStatement.contract_id == contract_id)
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    query = query.order_by(
        KeptStatement.to_on.desc(), KeptStatement.from_on.desc(), KeptStatement.id
    )
    return tuple(KeptView(*row) for row in session.execute(query.limit(limit)))


def kept_periods(
    session: Session, *, contract_id: int, client_id: int | None = None
) -> list[KeptPeriod]:
    """The same by period, without what was asked for."""
    found: dict[tuple[date, date], list[KeptView]] = {}
    for one in kept_statements(session, contract_id=contract_id, client_id=client_id):
        if one.rhythm != "asked":
            found.setdefault((one.from_on, one.to_on), []).append(one)
    return [
        KeptPeriod(from_on, to_on, files[0].rhythm, files[0].made_at, tuple(files))
        for (from_on, to_on), files in found.items()
    ]


def kept_statement(session: Session, kept_id: int, *, client_id: int | None = None) -> KeptView:
    """One file kept. Raises ``NotFound``, also for another client's."""
    query = _kept().where(KeptStatement.id == kept_id)
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("statement_unknown", "There is no such statement")
    return KeptView(*row)


def kept_as(
    session: Session, *, contract_id: int, period: Period, file_format: StatementFormat, code: str
) -> int | None:
    """The file of a period in a format with these very figures, if one is kept."""
    kept = KeptStatement
    return session.scalar(
        select(kept.id)
        .where(
            kept.contract_id == contract_id, kept.from_on == period.start,
            kept.to_on == period.end, kept.format == file_format.value,
            kept.verification_code == code,
        )
        .order_by(kept.id)
        .limit(1)
    )  # fmt: skip


def lock_statements(session: Session, contract_id: int) -> None:
    """Let one at a time keep statements of a contract; the next then sees what was kept."""
    session.execute(select(func.pg_advisory_xact_lock(lock_key("statement", contract_id))))


def kept_formats(session: Session, *, contract_id: int, period: Period) -> set[str]:
    """The formats that a period was told in by itself."""
    return set(
        session.scalars(
            select(KeptStatement.format).where(
                KeptStatement.contract_id == contract_id, KeptStatement.rhythm != "asked",
                tuple_(KeptStatement.from_on, KeptStatement.to_on) == (period.start, period.end),
            )
        )
    )  # fmt: skip


def _rhythm(row: StatementOrder | None, starts_on: date) -> tuple[Rhythm, date]:
    return (Rhythm.MONTHLY, starts_on) if row is None else (Rhythm(row.rhythm), row.effective_from)


def _wanted(row: StatementOrder) -> Wanted:
    return Wanted(Rhythm(row.rhythm), tuple(row.formats), row.language)


def _kept() -> Select[*tuple[Any, ...]]:
    kept = KeptStatement
    return (
        select(
            kept.id, kept.contract_id, kept.from_on, kept.to_on, kept.format, kept.rhythm,
            kept.verification_code, kept.document_id, Document.filename, Document.size,
            func.encode(Document.sha256, "hex"), kept.made_at,
        )
        .join(Document, Document.id == kept.document_id)
        .join(Contract, Contract.id == kept.contract_id)
    )  # fmt: skip
