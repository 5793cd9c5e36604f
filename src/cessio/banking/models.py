"""The factor's bank accounts, statements received, payment orders sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cessio.plumbing.database import Base


class FactorAccount(Base):
    """A bank account of the factor: where debtors pay and payouts leave from."""

    __tablename__ = "factor_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    iban: Mapped[str] = mapped_column(unique=True)
    bic: Mapped[str]
    holder: Mapped[str]
    currency: Mapped[str]
    is_payout: Mapped[bool] = mapped_column(server_default="false")
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]


class BankStatement(Base):
    """One statement of one account, as received; imported once."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        UniqueConstraint("account_id", "statement_ref", "from_on", "to_on"),
        CheckConstraint(
            "closing_minor = opening_minor + movements_minor OR NOT balances_known",
            name="balances",
        ),
        Index(None, "account_id", "to_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("factor_account.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    format: Mapped[str]
    statement_ref: Mapped[str]
    sequence: Mapped[int | None]
    from_on: Mapped[date]
    to_on: Mapped[date]
    balances_known: Mapped[bool]
    opening_minor: Mapped[int]
    movements_minor: Mapped[int]
    closing_minor: Mapped[int]
    line_count: Mapped[int]
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]


class BankLine(Base):
    """One booked movement on a statement; positive is money in.

    ``applied_minor`` is the part that left suspense, in the line's own sign; the rest is
    unallocated cash.
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("account_id", "fingerprint", "occurrence"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        CheckConstraint(
            "applied_minor BETWEEN least(amount_minor, 0) AND greatest(amount_minor, 0)",
            name="applied_within",
        ),
        Index(None, "statement_id", "position"),
        Index(None, "end_to_end_id"),
        Index(None, "amount_minor"),
        Index(None, "party_iban", postgresql_where=text("party_iban IS NOT NULL")),
        Index(None, "party_name", postgresql_where=text("party_name IS NOT NULL")),
        {"postgresql_with": {"fillfactor": 45}},
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    statement_id: Mapped[int]
    account_id: Mapped[int]
    position: Mapped[int]
    fingerprint: Mapped[bytes]
    occurrence: Mapped[int]
    amount_minor: Mapped[int]
    applied_minor: Mapped[int] = mapped_column(server_default="0")
    booked_on: Mapped[date]
    value_date: Mapped[date]
    is_reversal: Mapped[bool] = mapped_column(server_default="false")
    bank_ref: Mapped[str | None]
    end_to_end_id: Mapped[str | None]
    transaction_code: Mapped[str | None]
    party_name: Mapped[str | None]
    party_iban: Mapped[str | None]
    remittance_text: Mapped[str | None]
    references: Mapped[list[str]] = mapped_column("structured_references", ARRAY(Text))
    return_code: Mapped[str | None]


class WaitingLine(Base):
    """A bank line of which something is not applied; kept by triggers on ``bank_line``.

    What waits is found here, however many lines there are altogether.
    """

    __tablename__ = "waiting_line"

    bank_line_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class PaymentOrder(Base):
    """A batch of payouts: its bytes are sealed once and never change."""

    __tablename__ = "payment_order"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("factor_account.id"))
    message_id: Mapped[str] = mapped_column(unique=True)
    execute_on: Mapped[date]
    payment_count: Mapped[int]
    total_minor: Mapped[int]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    sha256: Mapped[bytes]
    sealed_at: Mapped[datetime]
    sealed_by: Mapped[str]
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]
    cancelled_reason: Mapped[str | None]


class OrderSignature(Base):
    """One person's signature on the sealed bytes of an order; two of them let it leave.

    ``for_id`` lent the right to sign, where it was lent: never somebody who signs it as well.
    """

    __tablename__ = "order_signature"
    __table_args__ = (
        UniqueConstraint("order_id", "person_id"),
        Index(None, "person_id", "signed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"))
    person_id: Mapped[int]
    for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    sha256: Mapped[bytes]
    payees_sha256: Mapped[bytes | None]
    signed_at: Mapped[datetime]
    signed_by: Mapped[str]


class BankAnswer(Base):
    """A pain.002 received for one of our orders, and what it said of each payment."""

    __tablename__ = "bank_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    group_status: Mapped[str | None]
    statuses: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    received_at: Mapped[datetime]
    received_by: Mapped[str]
