"""Facts that operations decide on, and the locks they take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine
from cessio.cash.models import (
    CashAllocation,
    CashApplication,
    MatchingSettings,
    ParkedLine,
    PayerAlias,
)
from cessio.cash.rules import Allocation, AllocationKind
from cessio.parties.models import Company, Debtor, PartyAccount

#: The confidence of what a person decides is not the matcher's to give.
BY_HAND = Decimal("1.000")


@dataclass(frozen=True, slots=True)
class SettingsView:
    """How sure is sure enough, and how much may be missing without a word."""

    auto_apply_from: Decimal
    tolerance_minor: int


DEFAULT_SETTINGS = SettingsView(Decimal("0.950"), 0)


def matching_settings(session: Session) -> SettingsView:
    """The settings in force: the latest set, or the defaults of the house."""
    model = MatchingSettings
    row = session.execute(
        select(model.auto_apply_from, model.tolerance_minor).order_by(model.id.desc()).limit(1)
    ).first()
    return SettingsView(row[0], row[1]) if row else DEFAULT_SETTINGS


def allocations_of(session: Session, *, application_id: int) -> list[Allocation]:
    """The parts of an application."""
    model = CashAllocation
    rows = session.execute(
        select(model.receivable_id, model.amount_minor, model.kind, model.kept_minor)
        .where(model.application_id == application_id)
        .order_by(model.id)
    )
    return [Allocation(row[0], row[1], AllocationKind(row[2]), row[3]) for row in rows]


def payer_known(session: Session, *, kind: str, key: str, debtor_id: int) -> bool:
    """Whether a debtor is known under a name or an account already."""
    alias = exists().where(
        PayerAlias.kind == kind, PayerAlias.key == key, PayerAlias.debtor_id == debtor_id,
        PayerAlias.ended_at.is_(None),
    )  # fmt: skip
    own = select(Company.id).join(Debtor, Debtor.company_id == Company.id)
    own = own.where(Debtor.id == debtor_id)
    if kind == "iban":
        own = own.join(PartyAccount, PartyAccount.company_id == Company.id)
        own = own.where(PartyAccount.iban == key, PartyAccount.ended_at.is_(None))
    else:
        own = own.where(Company.name_key == key)
    return bool(session.scalar(select(alias)) or session.scalar(select(own.exists())))


def parked_line_ids(session: Session) -> set[int]:
    """Lines set aside now."""
    return set(
        session.scalars(select(ParkedLine.bank_line_id).where(ParkedLine.ended_at.is_(None)))
    )


def end_parking(session: Session, *, line_id: int, by: str, at: datetime) -> None:
    """End the parking of a line, if it is parked."""
    session.execute(
        update(ParkedLine)
        .where(ParkedLine.bank_line_id == line_id, ParkedLine.ended_at.is_(None))
        .values(ended_at=at, ended_by=by)
    )


def lock_line(session: Session, *, line_id: int) -> bool:
    """Lock a bank line so that two people do not apply it at once; tells whether it is there."""
    found = session.scalar(select(BankLine.id).where(BankLine.id == line_id).with_for_update())
    return found is not None


def application_for_update(session: Session, *, application_id: int) -> CashApplication | None:
    """An application's row, locked."""
    return session.get(CashApplication, application_id, with_for_update=True)
