"""Cover of a debtor invoice by invoice, now or as it was, and the order payments are applied in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.contracts.queries import terms_in_force
from cessio.contracts.rules import Terms
from cessio.kernel.calendar import end_of_day
from cessio.limits.models import CoverPosition, ReceivableCover
from cessio.limits.queries import EffectiveLimits, effective_limits
from cessio.limits.rules import CoverInvoice, Indemnity, cover_order, indemnity
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Receivable
from cessio.receivables.queries.due_dates import MOVED_SINCE


@dataclass(frozen=True, slots=True)
class CoveredInvoice:
    """An open invoice and how much of it is covered.

    ``kept_minor`` is cover it keeps although the limit was cut (0 in views of a past day).
    """

    receivable_id: int
    number: str
    issue_date: date
    due_date: date
    assigned_on: date
    open_minor: int
    disputed_minor: int
    kept_minor: int
    covered_minor: int

    @property
    def queued_minor(self) -> int:
        """What would be covered if there were room."""
        return max(0, self.open_minor - self.disputed_minor) - self.covered_minor


@dataclass(frozen=True, slots=True)
class DebtorCover:
    """The cover of one debtor under one contract on a day, in cover order."""

    contract_id: int
    debtor_id: int
    on: date
    limits: EffectiveLimits
    invoices: tuple[CoveredInvoice, ...]

    @property
    def used_minor(self) -> int:
        """Sum covered; above the limit only by what was kept when it was cut."""
        return sum(invoice.covered_minor for invoice in self.invoices)

    @property
    def free_minor(self) -> int:
        """What is left of the limit."""
        return max(0, self.limits.cover_minor - self.used_minor)

    @property
    def queued_minor(self) -> int:
        """Undisputed and not covered, for want of room."""
        return sum(invoice.queued_minor for invoice in self.invoices)

    @property
    def disputed_minor(self) -> int:
        """Open and in dispute: not covered meanwhile."""
        return sum(min(i.open_minor, i.disputed_minor) for i in self.invoices)

    @property
    def indemnity(self) -> Indemnity:
        """What the client would be paid if the debtor failed now, and its own share."""
        return indemnity(self.used_minor, self.limits.cover_rate)


@dataclass(frozen=True, slots=True)
class PairCover:
    """How one debtor's limit under one contract is used, without its invoices."""

    contract_id: int
    contract_reference: str
    client_id: int
    client_name: str
    currency: str
    debtor_id: int
    debtor_name: str
    limit_minor: int
    covered_minor: int
    queued_minor: int
    kept_minor: int

    @property
    def free_minor(self) -> int:
        """What is left of the limit."""
        return max(0, self.limit_minor - self.covered_minor)


@dataclass(frozen=True, slots=True)
class PaymentSlot:
    """Part of an invoice that an unreferenced payment pays, in this order.

    ``is_covered`` parts come first once the limit is cancelled: paying one uses up the cover the
    invoice kept (``bulk.cover.use_kept_cover``).
    """

    receivable_id: int
    number: str
    due_date: date
    amount_minor: int
    is_covered: bool


_NOW = """
    SELECT invoice.id AS receivable_id, invoice.number, invoice.issue_date, invoice.due_date,
           invoice.assigned_on, invoice.open_minor,
           coalesce(dispute.amount_minor, 0) AS disputed_minor,
           coalesce(floor.floor_minor, 0) AS floor_minor,
           coalesce(cover.covered_minor, 0) AS covered_minor
      FROM receivable AS invoice
      LEFT JOIN dispute ON dispute.receivable_id = invoice.id AND dispute.ended_at IS NULL
      LEFT JOIN cover_floor AS floor ON floor.receivable_id = invoice.id
      LEFT JOIN invoice_cover AS cover ON cover.receivable_id = invoice.id
     WHERE invoice.contract_id = :contract_id AND invoice.debtor_id = :debtor_id
       AND invoice.closed_on IS NULL AND invoice.kind = 'invoice'
"""

_THEN = f"""
    SELECT invoice.id AS receivable_id, invoice.number, invoice.issue_date,
           coalesce(moved.from_on, invoice.due_date) AS due_date,
           invoice.assigned_on, known.open_minor::bigint AS open_minor,
           coalesce(dispute.amount_minor, 0) AS disputed_minor, 0 AS floor_minor,
           CASE WHEN regime.is_full
                THEN greatest(0, known.open_minor - coalesce(dispute.amount_minor, 0))
                ELSE coalesce(history.covered_minor, 0) END::bigint AS covered_minor
      FROM receivable AS invoice
      LEFT JOIN LATERAL (
        SELECT is_full FROM cover_regime
         WHERE contract_id = invoice.contract_id AND debtor_id = invoice.debtor_id
           AND from_on <= :on
         ORDER BY from_on DESC LIMIT 1
      ) AS regime ON true
      JOIN LATERAL (
        SELECT sum(entry.amount_minor) AS open_minor
          FROM ledger_entry AS entry
          JOIN ledger_transaction AS head ON head.id = entry.transaction_id
         WHERE entry.receivable_id = invoice.id AND head.recorded_at < :before
      ) AS known ON known.open_minor > 0
      LEFT JOIN LATERAL (
        SELECT covered_minor FROM cover_history
         WHERE receivable_id = invoice.id AND from_on <= :on ORDER BY from_on DESC LIMIT 1
      ) AS history ON true
      LEFT JOIN LATERAL (
        SELECT amount_minor FROM dispute
         WHERE receivable_id = invoice.id AND opened_at < :before
           AND (ended_at IS NULL OR ended_at >= :before) LIMIT 1
      ) AS dispute ON true
      LEFT JOIN ({MOVED_SINCE}) AS moved ON moved.receivable_id = invoice.id
     WHERE invoice.contract_id = :contract_id AND invoice.debtor_id = :debtor_id
       AND invoice.kind = 'invoice' AND invoice.assigned_at < :before
"""  # noqa: S608


def rationed_cover(session: Session, *, contract_id: int, debtor_id: int) -> dict[int, int]:
    """Cover by invoice of a pair beyond its limit; empty where all that may be covered is."""
    model = ReceivableCover
    rows = session.execute(
        select(model.receivable_id, model.covered_minor)
        .where(model.contract_id == contract_id, model.debtor_id == debtor_id)
    )  # fmt: skip
    return {row.receivable_id: row.covered_minor for row in rows}


def debtor_cover(
    session: Session, *, contract_id: int, debtor_id: int, on: date, as_of: date | None = None
) -> DebtorCover:
    """The cover of a debtor's open invoices today (``on``), or as it was known on ``as_of``."""
    if as_of is None:
        rows = _rows(session, _NOW, contract_id, debtor_id)
        day, before = on, None
    else:
        day, before = as_of, end_of_day(as_of)
        rows = _rows(session, _THEN, contract_id, debtor_id, on=as_of, before=before)
    limits = effective_limits(
        session, contract_id=contract_id, debtor_id=debtor_id, on=day, recorded_before=before
    )
    terms = terms_in_force(session, contract_id, day, recorded_before=before)
    invoices = _in_cover_order(rows, terms)
    return DebtorCover(contract_id, debtor_id, day, limits, invoices)


def cover_invoices(session: Session, *, contract_id: int, debtor_id: int) -> list[CoverInvoice]:
    """A debtor's open invoices as facts for ``limits.rules``."""
    return [_fact(row) for row in _rows(session, _NOW, contract_id, debtor_id)]


def applied_limit(session: Session, *, contract_id: int, debtor_id: int) -> int | None:
    """The limit that a debtor's cover was last computed with; None if it never was."""
    position = CoverPosition
    return session.scalar(
        select(position.limit_minor).where(
            position.contract_id == contract_id, position.debtor_id == debtor_id
        )
    )


def pair_covers(
    session: Session, *, contract_id: int | None = None, client_id: int | None = None,
    debtor_id: int | None = None, queued_only: bool = False, limit: int = 500,
) -> tuple[PairCover, ...]:  # fmt: skip
    """Use of the limits of a contract, a client or a debtor, those with most waiting first."""
    position, client_company = CoverPosition, Company.__table__.alias("client_company")
    queued = position.coverable_minor - position.covered_minor
    query = (
        select(
            position.contract_id, Contract.reference, Contract.client_id, client_company.c.name,
            Contract.currency, position.debtor_id, Company.name, position.limit_minor,
            position.covered_minor, queued, position.kept_minor,
        )
        .join(Contract, Contract.id == position.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .join(client_company, client_company.c.id == Client.company_id)
        .join(Debtor, Debtor.id == position.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .order_by(queued.desc(), position.covered_minor.desc(), position.debtor_id)
        .limit(limit)
    )  # fmt: skip
    if contract_id is not None:
        query = query.where(position.contract_id == contract_id)
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    if debtor_id is not None:
        query = query.where(position.debtor_id == debtor_id)
    if queued_only:
        query = query.where(queued > 0)
    return tuple(PairCover(*row) for row in session.execute(query))


def receivables_in_payment_order(
    session: Session, *, contract_id: int, debtor_id: int, on: date
) -> tuple[PaymentSlot, ...]:
    """What an unreferenced payment of a debtor pays, in order: due date, then number.

    Once the limit is cancelled or has run out, amounts that kept their cover come first, in cover
    order, then the rest (GRIF: the right of succession has ceased; domain.md C4).
    """
    terms = terms_in_force(session, contract_id, on)
    invoices = cover_invoices(session, contract_id=contract_id, debtor_id=debtor_id)
    limits = effective_limits(
        session, contract_id=contract_id, debtor_id=debtor_id, on=on, terms=terms
    )
    if limits.cover_minor or not any(invoice.kept_minor for invoice in invoices):
        ordered = sorted(invoices, key=lambda i: (i.due_date, i.number, i.receivable_id))
        return tuple(_slot(i, i.open_minor, is_covered=False) for i in ordered)
    ordered = list(cover_order(invoices, terms.cover_order_key))
    covered = [_slot(i, i.kept_minor, is_covered=True) for i in ordered]
    rest = [_slot(i, i.open_minor - i.kept_minor, is_covered=False) for i in ordered]
    return tuple(slot for slot in (*covered, *rest) if slot.amount_minor)


def outstanding(session: Session, *, contract_id: int, debtor_id: int) -> int:
    """What a debtor owes under a contract: open invoices less open credits, signed."""
    model = Receivable
    opened = session.scalars(
        select(model.open_minor).where(
            model.contract_id == contract_id, model.debtor_id == debtor_id,
            model.closed_on.is_(None),
        )
    )  # fmt: skip
    return sum(opened)


def _rows(
    session: Session, statement: str, contract_id: int, debtor_id: int, *,
    on: date | None = None, before: datetime | None = None,
) -> Sequence[Mapping[str, Any]]:  # fmt: skip
    facts: dict[str, Any] = {"contract_id": contract_id, "debtor_id": debtor_id}
    if before is not None:
        facts |= {"on": on, "before": before}
    return [dict(row) for row in session.execute(text(statement), facts).mappings()]


def _fact(row: Mapping[str, Any]) -> CoverInvoice:
    return CoverInvoice(
        receivable_id=row["receivable_id"], number=row["number"], due_date=row["due_date"],
        open_minor=row["open_minor"], issue_date=row["issue_date"],
        assigned_on=row["assigned_on"], disputed_minor=row["disputed_minor"],
        floor_minor=row["floor_minor"],
    )  # fmt: skip


def _in_cover_order(rows: Sequence[Mapping[str, Any]], terms: Terms) -> tuple[CoveredInvoice, ...]:
    by_id = {row["receivable_id"]: row for row in rows}
    return tuple(
        CoveredInvoice(
            receivable_id=fact.receivable_id, number=fact.number,
            issue_date=by_id[fact.receivable_id]["issue_date"], due_date=fact.due_date,
            assigned_on=by_id[fact.receivable_id]["assigned_on"], open_minor=fact.open_minor,
            disputed_minor=fact.disputed_minor, kept_minor=fact.kept_minor,
            covered_minor=by_id[fact.receivable_id]["covered_minor"],
        )
        for fact in cover_order([_fact(row) for row in rows], terms.cover_order_key)
    )  # fmt: skip


def _slot(invoice: CoverInvoice, amount_minor: int, *, is_covered: bool) -> PaymentSlot:
    return PaymentSlot(
        invoice.receivable_id, invoice.number, invoice.due_date, amount_minor, is_covered
    )
