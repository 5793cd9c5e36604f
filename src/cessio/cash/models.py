"""Cash application: bank lines matched to receivables, undone exactly when wrong."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class MatchProposal(Base):
    """What the matcher would do with a bank line, with its reason and how sure it is."""

    __tablename__ = "match_proposal"
    __table_args__ = (Index(None, "bank_line_id", "rank", unique=True),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bank_line_id: Mapped[int]
    rank: Mapped[int]
    confidence: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    allocations: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    rest_minor: Mapped[int]
    made_at: Mapped[datetime]


class CashApplication(Base):
    """One act of applying money: a bank line (or a direct payment) to receivables.

    ``amount_minor`` is the money used of the line. Its ledger transactions, one per contract, are
    those of source ``cash_application`` and this id. ``contract_id`` is set where money goes to a
    client's account instead of receivables.
    """

    __tablename__ = "cash_application"
    __table_args__ = (Index(None, "bank_line_id"), Index(None, "applied_on", "by"))

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bank_line_id: Mapped[int | None]
    kind: Mapped[str]
    amount_minor: Mapped[int]
    applied_on: Mapped[date]
    at: Mapped[datetime]
    by: Mapped[str]
    confidence: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    contract_id: Mapped[int | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    undone_reason: Mapped[str | None]


class CashAllocation(Base):
    """The part of an application that goes to one receivable (signed as the receivable).

    ``kept_minor`` of it used up cover the invoice had kept under a cancelled limit.
    """

    __tablename__ = "cash_allocation"
    __table_args__ = (
        Index(None, "application_id"),
        Index(None, "receivable_id"),
        CheckConstraint("amount_minor <> 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    application_id: Mapped[int]
    receivable_id: Mapped[int]
    amount_minor: Mapped[int]
    kind: Mapped[str]
    kept_minor: Mapped[int] = mapped_column(server_default="0")


class PayerAlias(Base):
    """An IBAN or a name that a debtor pays under, learned from a confirmed match or entered."""

    __tablename__ = "payer_alias"
    __table_args__ = (
        CheckConstraint("kind IN ('iban', 'name')", name="kind"),
        Index(
            "uq_payer_alias_open", "kind", "key", "debtor_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "debtor_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    kind: Mapped[str]
    key: Mapped[str]
    seen: Mapped[str]
    application_id: Mapped[int | None] = mapped_column(index=True)
    learned_at: Mapped[datetime]
    learned_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class ParkedLine(Base):
    """A bank line set aside for somebody to find out about, with an owner and a note."""

    __tablename__ = "parked_line"
    __table_args__ = (
        Index(
            "uq_parked_line_open", "bank_line_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_line_id: Mapped[int]
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str]
    parked_at: Mapped[datetime]
    parked_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class MatchingSettings(Base):
    """How sure the matcher must be to apply by itself; the latest row holds."""

    __tablename__ = "matching_settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    auto_apply_from: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    tolerance_minor: Mapped[int]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
