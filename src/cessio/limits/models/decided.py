"""Cover and funding limits, requests for them, what clients were told of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class CreditLimit(Base):
    """A decision: up to this much of a debtor, for one contract, from a date to a date.

    ``kind`` is cover (who bears insolvency) or funding (what may be drawn on). A temporary limit
    stands beside the permanent one; the higher holds while it runs. A limit replaced, reduced or
    cancelled is ended, never changed.
    """

    __tablename__ = "credit_limit"
    __table_args__ = (
        CheckConstraint("kind IN ('cover', 'funding')", name="kind"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint("cover_rate BETWEEN 0 AND 1", name="cover_rate"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        CheckConstraint("NOT is_temporary OR valid_to IS NOT NULL", name="temporary_ends"),
        Index(
            "uq_credit_limit_permanent", "contract_id", "debtor_id", "kind", unique=True,
            postgresql_where=text("ended_at IS NULL AND NOT is_temporary"),
        ),
        Index(None, "debtor_id"),
        Index(None, "contract_id", "debtor_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    kind: Mapped[str]
    amount_minor: Mapped[int]
    cover_rate: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    is_temporary: Mapped[bool] = mapped_column(server_default="false")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    insurer: Mapped[str | None]
    insurer_reference: Mapped[str | None]
    conditions: Mapped[str | None]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]
    ended_by: Mapped[str | None]
    end_reason: Mapped[str | None]


class LimitRequest(Base):
    """A client asks for cover on a debtor; answered by a decision with its reason."""

    __tablename__ = "limit_request"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("answer IN ('granted', 'partly', 'refused')", name="answer"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        Index(None, "answer_due_on", postgresql_where=text("answer IS NULL")),
        Index(None, "answered_at", "id", postgresql_where=text("answered_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    amount_minor: Mapped[int]
    comment: Mapped[str | None]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    answer_due_on: Mapped[date]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    answer_reason: Mapped[str | None]
    limit_id: Mapped[int | None] = mapped_column(ForeignKey("credit_limit.id"))


class ApprovalNotice(Base):
    """The client was told that an approval it does not use is about to be cancelled."""

    __tablename__ = "approval_notice"
    __table_args__ = (UniqueConstraint("limit_id", "cancels_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    limit_id: Mapped[int] = mapped_column(ForeignKey("credit_limit.id"))
    cancels_on: Mapped[date]
    noticed_at: Mapped[datetime]
    noticed_by: Mapped[str]


class EndingNotice(Base):
    """The client was told that a limit of its debtor ends on a date."""

    __tablename__ = "ending_notice"
    __table_args__ = (UniqueConstraint("limit_id", "ends_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    limit_id: Mapped[int] = mapped_column(ForeignKey("credit_limit.id"))
    ends_on: Mapped[date]
    noticed_at: Mapped[datetime]
    noticed_by: Mapped[str]
