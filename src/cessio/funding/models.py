"""Drawdowns and the payouts that carry them to the client's bank."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Numeric, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class Drawdown(Base):
    """A client's request for money on its availability, and how it was decided.

    States: requested (waits for approval) → granted → ordered → paid | rejected; refused;
    cancelled. ``facts`` keeps what the decision saw; ``commission_minor`` was taken with it in
    advance, where the contract says so. ``debited_line_id`` is the movement by which it left.
    """

    __tablename__ = "drawdown"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "state IN ('requested','granted','ordered','paid','rejected','refused','cancelled')",
            name="state",
        ),
        Index(None, "contract_id", "requested_at"),
        Index(None, "state", postgresql_where=text("state IN ('requested','granted','ordered')")),
        Index(None, "end_to_end_id", unique=True),
        Index(
            "ix_drawdown_not_debited", "id",
            postgresql_where=text("state = 'paid' AND debited_line_id IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    state: Mapped[str]
    requested_at: Mapped[datetime]
    requested_on: Mapped[date]
    requested_by: Mapped[str]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    iban: Mapped[str | None]
    bic: Mapped[str | None]
    creditor_name: Mapped[str | None]
    end_to_end_id: Mapped[str | None]
    transaction_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transaction.id"))
    commission_minor: Mapped[int] = mapped_column(server_default="0")
    commission_transaction_id: Mapped[int | None] = mapped_column(
        ForeignKey("ledger_transaction.id")
    )
    order_id: Mapped[int | None] = mapped_column(ForeignKey("payment_order.id"), index=True)
    debited_line_id: Mapped[int | None]


class PayoutLimits(Base):
    """The house's limits of payouts and hours of the run; None is no limit; the latest row holds.

    Per payout, per account paid to and day, per person who signs and day, per order. ``cut_off`` is
    the house's when it was written: what holds is in ``house_cut_off``.
    """

    __tablename__ = "payout_limits"

    id: Mapped[int] = mapped_column(primary_key=True)
    per_payout_minor: Mapped[int | None]
    per_payee_day_minor: Mapped[int | None]
    per_person_day_minor: Mapped[int | None]
    per_order_minor: Mapped[int | None]
    cut_off: Mapped[time]
    cooling_hours: Mapped[int]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class PayeeCheck(Base):
    """What a bank said of a name and an account together; the latest of the two holds."""

    __tablename__ = "payee_check"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('match', 'close', 'no_match', 'not_possible')", name="outcome"
        ),
        CheckConstraint("(outcome = 'close') = (returned_name IS NOT NULL)", name="returned"),
        CheckConstraint("source IN ('portal', 'file', 'gateway')", name="source"),
        Index(None, "iban", "name", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    iban: Mapped[str]
    outcome: Mapped[str]
    returned_name: Mapped[str | None]
    source: Mapped[str]
    person_id: Mapped[int | None]
    checked_at: Mapped[datetime]
    checked_by: Mapped[str]


class PayeeAcceptance(Base):
    """A second person lets a payee be paid whom its bank does not recognise."""

    __tablename__ = "payee_acceptance"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("payee_check.id"), unique=True)
    reason: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime]
    accepted_by: Mapped[str]


class PrepaidPart(Base):
    """A part of a drawdown whose days until ``to_on`` (excluded) were paid for in advance.

    ``commission_minor`` is its share of the drawdown's commission.
    """

    __tablename__ = "prepaid_part"
    __table_args__ = (CheckConstraint("amount_minor > 0 AND to_on >= from_on", name="part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    drawdown_id: Mapped[int] = mapped_column(ForeignKey("drawdown.id"), index=True)
    amount_minor: Mapped[int]
    commission_minor: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date]
    rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    day_basis: Mapped[int]


class DrawdownState(Base):
    """A state a drawdown entered: who, when, why."""

    __tablename__ = "drawdown_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    drawdown_id: Mapped[int] = mapped_column(ForeignKey("drawdown.id"), index=True)
    state: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str | None]


class AvailabilitySnapshot(Base):
    """The availability of a contract at the end of a day, with every line of its explanation.

    Kept as the day closes, so that no page computes a past month. ``withheld_minor`` is what
    invoices are withheld for, whatever the reason; ``lines`` are kind, reason and amount.
    """

    __tablename__ = "availability_snapshot"
    __table_args__ = (Index(None, "day"),)

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    on: Mapped[date] = mapped_column("day", primary_key=True)
    outstanding_minor: Mapped[int]
    current_account_minor: Mapped[int] = mapped_column(server_default="0")
    funds_in_use_minor: Mapped[int] = mapped_column(server_default="0")
    drawings_net_minor: Mapped[int] = mapped_column(server_default="0")
    retention_minor: Mapped[int] = mapped_column(server_default="0")
    fundable_minor: Mapped[int]
    withheld_minor: Mapped[int] = mapped_column(server_default="0")
    available_minor: Mapped[int]
    payable_minor: Mapped[int]
    facility_minor: Mapped[int] = mapped_column(server_default="0")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    taken_at: Mapped[datetime]


class StandingInstruction(Base):
    """What a client wants drawn by itself; the latest row whose day has come holds, none is ended.

    Amounts in the contract's currency; ``weekdays`` 1 (Monday) to 5; nothing is drawn before
    ``paused_until``. ``effective_from`` is the first business day it decides.
    """

    __tablename__ = "standing_instruction"
    __table_args__ = (
        CheckConstraint("mode IN ('off','daily','weekdays','above')", name="mode"),
        CheckConstraint(
            "above_minor >= 0 AND reserve_minor >= 0 AND minimum_minor >= 0", name="amounts"
        ),
        CheckConstraint(
            "weekdays <@ ARRAY[1,2,3,4,5]::smallint[]"
            " AND (mode <> 'weekdays' OR cardinality(weekdays) > 0)",
            name="weekdays",
        ),
        Index(None, "contract_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    mode: Mapped[str]
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    above_minor: Mapped[int]
    reserve_minor: Mapped[int]
    minimum_minor: Mapped[int]
    paused_until: Mapped[date | None]
    effective_from: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class StandingRun(Base):
    """That a contract's instruction was carried out for a business day, and what it drew, once.

    ``quiet`` says why nothing was drawn; a drawdown that was refused says why itself.
    """

    __tablename__ = "standing_run"
    __table_args__ = (
        CheckConstraint("(quiet IS NULL) = (drawdown_id IS NOT NULL)", name="says_what"),
    )

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    on: Mapped[date] = mapped_column("day", primary_key=True)
    payable_minor: Mapped[int]
    amount_minor: Mapped[int]
    quiet: Mapped[str | None]
    drawdown_id: Mapped[int | None] = mapped_column(ForeignKey("drawdown.id"), index=True)
    at: Mapped[datetime]
