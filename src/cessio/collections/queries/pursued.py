"""What is no longer collected in the usual way: at law, or from a debtor that is insolvent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.collections.models import Insolvency, RecoveryFile, RecoveryLine
from cessio.collections.queries.recovery import handed_over
from cessio.kernel.calendar import business_date
from cessio.parties.models import Debtor
from cessio.receivables.queries import ReceivableRow


class Pursuit(StrEnum):
    """A turn in how an invoice is pursued."""

    HANDED_OVER = "handed_over"
    RECOVERY_ENDED = "recovery_ended"
    INSOLVENT = "insolvent"
    INSOLVENCY_ENDED = "insolvency_ended"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn; ``on`` is the judgment of an insolvency, else the day itself."""

    what: Pursuit
    at: datetime
    on: date
    by: str | None


@dataclass(frozen=True, slots=True)
class Pursued:
    """Of some invoices those that are at law, and the debtors that are insolvent."""

    handed: frozenset[int]
    insolvent: frozenset[int]


def pursued(session: Session, rows: Collection[ReceivableRow]) -> Pursued:
    """Which open invoices of a list are at law, and which of their debtors insolvent."""
    owed = [one for one in rows if one.closed_on is None]
    insolvent = select(Debtor.id).where(
        Debtor.id.in_({one.debtor_id for one in owed}), Debtor.insolvent_on.is_not(None)
    )
    return Pursued(
        frozenset(handed_over(session, [one.id for one in owed])),
        frozenset(session.scalars(insolvent)),
    )


def turns(session: Session, row: ReceivableRow) -> tuple[Turn, ...]:
    """How an invoice was pursued while it was owed, oldest first."""
    files = session.execute(
        select(RecoveryFile.handed_at, RecoveryFile.on, RecoveryFile.handed_by,
               RecoveryFile.ended_at, RecoveryFile.ended_by)
        .join(RecoveryLine, RecoveryLine.file_id == RecoveryFile.id)
        .where(RecoveryLine.receivable_id == row.id)
    ).all()  # fmt: skip
    lost = session.execute(
        select(Insolvency.declared_at, Insolvency.judged_on, Insolvency.declared_by,
               Insolvency.ended_at, Insolvency.ended_by)
        .where(Insolvency.debtor_id == row.debtor_id)
    ).all()  # fmt: skip
    found = []
    for begins, ends, rows in (
        (Pursuit.HANDED_OVER, Pursuit.RECOVERY_ENDED, files),
        (Pursuit.INSOLVENT, Pursuit.INSOLVENCY_ENDED, lost),
    ):
        for at, on, by, ended_at, ended_by in rows:
            found.append(Turn(begins, at, on, by))
            if ended_at is not None:
                found.append(Turn(ends, ended_at, business_date(ended_at), ended_by))
    closed = row.closed_on
    kept = [one for one in found if closed is None or business_date(one.at) <= closed]
    return tuple(sorted(kept, key=lambda one: one.at))
