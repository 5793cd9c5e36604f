"""Payouts against the bank: what left our availability and did not leave our account yet.

The sum of what is open here is the ledger's PAYOUT_CLEARING, to the cent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine, FactorAccount, PaymentOrder, WaitingLine
from cessio.contracts.models import Contract
from cessio.funding.models import Drawdown
from cessio.funding.rules import DrawdownStateName as State
from cessio.ledger.models import LedgerAccount
from cessio.parties.models import Client, Company


@dataclass(frozen=True, slots=True)
class OpenPayout:
    """A payout that is not debited yet; ``state`` says how far it is."""

    drawdown_id: int
    client_name: str
    contract_reference: str
    amount_minor: int
    currency: str
    state: State
    end_to_end_id: str | None
    order_id: int | None
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class StrayDebit:
    """A debit that names a payout of ours which is given back: it must not have left."""

    line_id: int
    booked_on: date
    amount_minor: int
    currency: str
    drawdown_id: int
    state: State


@dataclass(frozen=True, slots=True)
class Settled:
    """Of an order: what was debited, and by how many movements' payouts."""

    debited_count: int = 0
    debited_minor: int = 0


_WAITS = [State.REQUESTED.value, State.GRANTED.value, State.ORDERED.value]


def open_payouts(session: Session, *, limit: int = 500) -> list[OpenPayout]:
    """Every payout between availability and debit, the oldest first."""
    rows = session.execute(
        select(
            Drawdown.id, Company.name, Contract.reference, Drawdown.amount_minor,
            Drawdown.currency, Drawdown.state, Drawdown.end_to_end_id, Drawdown.order_id,
            Drawdown.requested_at,
        )
        .join(Contract, Contract.id == Drawdown.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .join(Company, Company.id == Client.company_id)
        .where(_is_open())
        .order_by(Drawdown.id)
        .limit(limit)
    )  # fmt: skip
    return [
        OpenPayout(row[0], row[1], row[2], row[3], row[4], State(row[5]), row[6], row[7], row[8])
        for row in rows
    ]


def open_sums(session: Session) -> dict[tuple[State, str], tuple[int, int]]:
    """(count, sum) of the same by state and currency."""
    rows = session.execute(
        select(Drawdown.state, Drawdown.currency, func.count(), func.sum(Drawdown.amount_minor))
        .where(_is_open())
        .group_by(Drawdown.state, Drawdown.currency)
    )
    return {(State(row[0]), row[1]): (row[2], int(row[3])) for row in rows}


def sealed_sums(session: Session) -> dict[str, int]:
    """What of it is sealed in an order that was not handed to the bank yet, by currency."""
    rows = session.execute(
        select(Drawdown.currency, func.sum(Drawdown.amount_minor))
        .join(PaymentOrder, PaymentOrder.id == Drawdown.order_id)
        .where(Drawdown.state == State.ORDERED.value, PaymentOrder.sent_at.is_(None))
        .where(PaymentOrder.cancelled_at.is_(None))
        .group_by(Drawdown.currency)
    )
    return {row[0]: int(row[1]) for row in rows}


def clearing(session: Session) -> dict[str, int]:
    """What the ledger says is on its way to clients, by currency (a positive number)."""
    rows = session.execute(
        select(LedgerAccount.currency, func.sum(LedgerAccount.balance_minor))
        .where(LedgerAccount.kind == "PAYOUT_CLEARING")
        .group_by(LedgerAccount.currency)
    )
    return {row[0]: -int(row[1]) for row in rows}


def settled(session: Session, order_ids: Collection[int]) -> dict[int, Settled]:
    """What of orders was debited by the bank."""
    rows = session.execute(
        select(Drawdown.order_id, func.count(), func.sum(Drawdown.amount_minor))
        .where(Drawdown.order_id.in_(order_ids), Drawdown.debited_line_id.is_not(None))
        .group_by(Drawdown.order_id)
    )
    return {row[0] or 0: Settled(row[1], int(row[2])) for row in rows}


def stray_debits(session: Session) -> list[StrayDebit]:
    """Movements out that wait and name a payout that is given back."""
    rows = session.execute(
        select(
            BankLine.id, BankLine.booked_on, BankLine.amount_minor, FactorAccount.currency,
            Drawdown.id, Drawdown.state,
        )
        .join(WaitingLine, WaitingLine.bank_line_id == BankLine.id)
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .join(Drawdown, Drawdown.end_to_end_id == BankLine.end_to_end_id)
        .where(BankLine.amount_minor < 0)
        .order_by(BankLine.id)
        .limit(100)
    )  # fmt: skip
    return [StrayDebit(row[0], row[1], row[2], row[3], row[4], State(row[5])) for row in rows]


def unknown_payouts(session: Session) -> dict[str, tuple[int, int]]:
    """(count, sum) by currency of payouts nobody knows the end of: they may be with the bank."""
    rows = session.execute(
        select(Drawdown.currency, func.count(), func.sum(Drawdown.amount_minor))
        .outerjoin(PaymentOrder, PaymentOrder.id == Drawdown.order_id)
        .where(Drawdown.state == State.ORDERED.value)
        .where(PaymentOrder.id.is_(None) | PaymentOrder.sent_at.is_not(None)
               | PaymentOrder.cancelled_at.is_not(None))
        .group_by(Drawdown.currency)
    )  # fmt: skip
    return {row[0]: (row[1], int(row[2])) for row in rows}


def lost_debits(session: Session) -> dict[str, tuple[int, int]]:
    """(count, sum) by currency of debits that name a payout this book never made."""
    rows = session.execute(
        select(FactorAccount.currency, func.count(), -func.sum(BankLine.amount_minor))
        .join(WaitingLine, WaitingLine.bank_line_id == BankLine.id)
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .outerjoin(Drawdown, Drawdown.end_to_end_id == BankLine.end_to_end_id)
        .where(BankLine.amount_minor < 0, Drawdown.id.is_(None))
        .where(BankLine.end_to_end_id.regexp_match("^D[0-9]{10}$"))
        .group_by(FactorAccount.currency)
    )
    return {row[0]: (row[1], int(row[2])) for row in rows}


def _is_open() -> ColumnElement[bool]:
    not_debited = (Drawdown.state == State.PAID.value) & Drawdown.debited_line_id.is_(None)
    return or_(Drawdown.state.in_(_WAITS), not_debited)
