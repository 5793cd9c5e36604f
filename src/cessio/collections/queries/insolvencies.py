"""Reading insolvency proceedings: of a debtor, those whose claim waits, what a declaration does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.collections.models import Insolvency, Promise
from cessio.collections.rules.insolvency import Procedure, claims_due_on
from cessio.correspondence.models import Message
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.parties.models import Company, Debtor


@dataclass(frozen=True, slots=True)
class InsolvencyView:
    """Proceedings against a debtor, and how far we are with them."""

    id: int
    debtor_id: int
    debtor_name: str
    procedure: Procedure
    judged_on: date
    published_on: date | None
    court: str | None
    representative: str | None
    address: tuple[str, ...]
    limits: tuple[dict[str, int], ...]
    declared_at: datetime
    declared_by: str
    document_id: int | None
    claimed_on: date | None
    claimed_by: str | None
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None

    @property
    def claims_due_on(self) -> date | None:
        """The last day to declare claims."""
        return claims_due_on(self.published_on)


def insolvencies_of(session: Session, debtor_id: int) -> tuple[InsolvencyView, ...]:
    """The proceedings against a debtor, latest first; the first may be open."""
    rows = session.execute(_rows().where(Insolvency.debtor_id == debtor_id)).all()
    return tuple(_view(row) for row in rows)


def open_insolvencies(session: Session, request: PageRequest) -> Page[InsolvencyView]:
    """Proceedings that are not over, latest first."""
    query = _rows().where(Insolvency.ended_at.is_(None))
    if request.key:
        key = int(str(request.key[0]))
        query = query.where(Insolvency.id > key if request.backwards else Insolvency.id < key)
    if request.backwards:
        query = query.order_by(None).order_by(Insolvency.id)
    rows = session.execute(query.limit(request.fetch)).all()
    return page_of([_view(row) for row in rows], request, lambda one: (one.id,))


def locked_insolvency(session: Session, debtor_id: int) -> Insolvency | None:
    """The open proceedings of a debtor, locked."""
    return session.scalar(
        select(Insolvency)
        .where(Insolvency.debtor_id == debtor_id, Insolvency.ended_at.is_(None))
        .with_for_update()
    )


def open_promise_ids(session: Session, debtor_id: int) -> tuple[int, ...]:
    """The promises of a debtor that are still waited for."""
    return tuple(session.scalars(
        select(Promise.id).where(Promise.debtor_id == debtor_id, Promise.ended_at.is_(None))
        .order_by(Promise.id)
    ))  # fmt: skip


def open_insolvency_count(session: Session) -> int:
    """How many are not over."""
    query = select(func.count()).select_from(Insolvency).where(Insolvency.ended_at.is_(None))
    return int(session.scalar(query) or 0)


def _rows() -> Any:
    return (
        select(Insolvency, Company.name, Message.document_id)
        .join(Debtor, Debtor.id == Insolvency.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .outerjoin(Message, Message.id == Insolvency.message_id)
        .order_by(Insolvency.id.desc())
    )


def _view(found: Any) -> InsolvencyView:
    row, name, document_id = found
    return InsolvencyView(
        row.id, row.debtor_id, name, Procedure(row.procedure), row.judged_on, row.published_on,
        row.court, row.representative, tuple(row.address), tuple(row.limits), row.declared_at,
        row.declared_by, document_id, row.claimed_on, row.claimed_by, row.ended_at, row.ended_by,
        row.end_reason,
    )  # fmt: skip
