"""What the demonstration's people look up before they act."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from cessio.approvals.models import Approval
from cessio.audit.models import AuditEvent
from cessio.banking.models import BankLine, PaymentOrder, WaitingLine
from cessio.cash.models import ParkedLine
from cessio.funding.models import Drawdown
from cessio.parties.models import Client
from cessio.plumbing.models import Job, JobState
from cessio.receivables.models import Dispute, Hold, Receivable, Remittance, RemittanceLine
from cessio.settlement.models import UnpaidSettlement


@dataclass(frozen=True, slots=True)
class OpenCredit:
    """A bank line with money left, by the bank's own reference."""

    line_id: int
    bank_ref: str
    open_minor: int
    booked_on: date


def has_clients(session: Session) -> bool:
    """Whether anybody lives in this book already."""
    return session.scalar(select(func.count()).select_from(Client)) != 0


def marks(session: Session) -> set[str]:
    """Which marks of a demonstration the book bears: that it began, that it ended."""
    told = select(AuditEvent.verb).where(AuditEvent.subject_kind == "demonstration")
    return set(session.scalars(told))


def open_credits(session: Session, *, since: date) -> list[OpenCredit]:
    """Money received since a day and not wholly applied, oldest first."""
    rows = session.execute(
        select(BankLine.id, BankLine.bank_ref, BankLine.amount_minor - BankLine.applied_minor,
               BankLine.booked_on)
        .where(BankLine.amount_minor > BankLine.applied_minor, BankLine.amount_minor > 0)
        .where(BankLine.booked_on >= since)
        .order_by(BankLine.id)
    )  # fmt: skip
    return [OpenCredit(row[0], row[1] or "", row[2], row[3]) for row in rows]


def waiting_with(session: Session, words: Collection[str]) -> list[tuple[int, str]]:
    """Lines not applied whose text is one of these, as the bank sent them."""
    rows = session.execute(
        select(BankLine.id, BankLine.remittance_text)
        .join(WaitingLine, WaitingLine.bank_line_id == BankLine.id)
        .where(BankLine.remittance_text.in_(words))
        .order_by(BankLine.id)
    )
    return [(row[0], row[1] or "") for row in rows]


def open_documents(
    session: Session, *, contract_ids: Collection[int], numbers: Collection[str]
) -> dict[tuple[int, str], tuple[int, int]]:
    """Receivable id and open amount of documents, by contract and number."""
    rows = session.execute(
        select(Receivable.contract_id, Receivable.number, Receivable.id, Receivable.open_minor)
        .where(Receivable.contract_id.in_(contract_ids), Receivable.number.in_(numbers))
        .where(Receivable.closed_on.is_(None))
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def settable(session: Session, *, before: date) -> list[tuple[int, int]]:
    """An open credit and the oldest open invoice of its debtor under its contract."""
    credit = (
        select(Receivable.id, Receivable.contract_id, Receivable.debtor_id)
        .where(Receivable.closed_on.is_(None), Receivable.open_minor < 0)
        .where(Receivable.assigned_on < before)
        .subquery()
    )
    rows = session.execute(
        select(credit.c.id, Receivable.id)
        .join(
            Receivable,
            (Receivable.contract_id == credit.c.contract_id)
            & (Receivable.debtor_id == credit.c.debtor_id),
        )
        .where(Receivable.closed_on.is_(None), Receivable.open_minor > 0)
        .order_by(credit.c.id, Receivable.due_date, Receivable.id)
        .ext(distinct_on(credit.c.id))
    )
    return [(row[0], row[1]) for row in rows]


def remittances_since(session: Session, since: datetime) -> list[int]:
    """The remittances of the last days, oldest first."""
    return list(session.scalars(
        select(Remittance.id).where(Remittance.created_at >= since).order_by(Remittance.id)
    ))  # fmt: skip


def largest_fresh(session: Session, *, most: int) -> list[int]:
    """The largest invoices of the last remittances that still owe all."""
    latest = select(Receivable.id).where(Receivable.kind == "invoice").order_by(
        Receivable.id.desc()
    ).limit(200)  # fmt: skip
    return list(session.scalars(
        select(Receivable.id)
        .where(Receivable.id.in_(latest), Receivable.open_minor == Receivable.amount_minor)
        .order_by(Receivable.amount_minor.desc(), Receivable.id).limit(most)
    ))  # fmt: skip


def unverified(session: Session, *, before: datetime) -> list[tuple[int, int]]:
    """Contract and invoice of the verification holds placed before an instant."""
    rows = session.execute(
        select(Hold.contract_id, Hold.receivable_id)
        .where(Hold.reason == "not_verified", Hold.ended_at.is_(None), Hold.placed_at < before)
        .order_by(Hold.id)
    )
    return [(row[0], row[1]) for row in rows]


def refused_numbers(session: Session, remittance_id: int) -> set[str]:
    """Numbers of the lines a remittance left out."""
    found = session.scalars(
        select(RemittanceLine.number).where(
            RemittanceLine.remittance_id == remittance_id, RemittanceLine.verdict == "refused"
        )
    )
    return {number for number in found if number}


def asked_drawdowns(session: Session) -> list[int]:
    """Drawdowns that wait for a second person, in the order they were asked for."""
    return list(session.scalars(
        select(Approval.subject_id)
        .where(Approval.subject_kind == "drawdown", Approval.decision.is_(None))
        .order_by(Approval.id)
    ))  # fmt: skip


def silent_payouts(session: Session, *, before: datetime) -> list[int]:
    """Drawdowns whose orders left before an instant and that the bank did not answer."""
    return list(session.scalars(
        select(Drawdown.id)
        .join(PaymentOrder, PaymentOrder.id == Drawdown.order_id)
        .where(Drawdown.state == "ordered", PaymentOrder.sent_at < before)
        .order_by(Drawdown.id)
    ))  # fmt: skip


def contested(session: Session, *, most: int) -> list[int]:
    """The receivables under dispute, the latest first."""
    return list(session.scalars(
        select(Dispute.receivable_id).where(Dispute.ended_at.is_(None))
        .order_by(Dispute.id.desc()).limit(most)
    ))  # fmt: skip


def parked_lines(session: Session) -> set[int]:
    """The bank lines somebody set aside."""
    return set(session.scalars(
        select(ParkedLine.bank_line_id).where(ParkedLine.ended_at.is_(None))
    ))  # fmt: skip


def settled(session: Session, receivable_id: int) -> int:
    """What was last done with an unpaid invoice."""
    return session.scalars(
        select(func.max(UnpaidSettlement.id)).where(UnpaidSettlement.receivable_id == receivable_id)
    ).one()


def mail_to_send(session: Session, *, before: datetime) -> Job | None:
    """The last mail asked for before an instant that waits for its turn."""
    return session.scalars(
        select(Job)
        .where(Job.kind == "mail.send", Job.state == JobState.QUEUED, Job.created_at < before)
        .order_by(Job.id.desc())
        .limit(1)
    ).first()
