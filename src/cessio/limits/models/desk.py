"""How the limits desk works: promised answers, authority, caps over groups, decisions proposed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class AnswerPromise(Base):
    """Business days within which a request of so much or more is answered; ended when changed."""

    __tablename__ = "answer_promise"
    __table_args__ = (
        CheckConstraint("from_minor >= 0", name="from"),
        CheckConstraint("business_days BETWEEN 0 AND 60", name="days"),
        Index(
            "uq_answer_promise_open", "from_minor", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    from_minor: Mapped[int]
    business_days: Mapped[int]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class LimitPolicy(Base):
    """The house's rule of limits; the latest row holds.

    Clients are told ``notice_days`` before a limit ends. ``alone_upto_minor`` is what one person
    decided up to before the house's authority said so.
    """

    __tablename__ = "limit_policy"
    __table_args__ = (
        CheckConstraint("alone_upto_minor >= 0", name="alone"),
        CheckConstraint("notice_days BETWEEN 1 AND 180", name="notice"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    alone_upto_minor: Mapped[int | None]
    notice_days: Mapped[int]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class GroupLimit(Base):
    """A cap: the limits of a group's companies together may not exceed it.

    Under one contract, or (none) over all contracts of the house in the currency. Replaced or
    lifted, it is ended, never changed.
    """

    __tablename__ = "group_limit"
    __table_args__ = (
        CheckConstraint("kind IN ('cover', 'funding')", name="kind"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index(
            "uq_group_limit_open", "group_id", "contract_id", "kind", "currency", unique=True,
            postgresql_where=text("ended_at IS NULL"), postgresql_nulls_not_distinct=True,
        ),
        Index(None, "group_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("company_group.id"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    kind: Mapped[str]
    currency: Mapped[str]
    amount_minor: Mapped[int]
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


class LimitProposal(Base):
    """A decision that one person may not take alone, as a second one is asked to.

    ``why`` holds the reasons, as codes with their values. Taken, it is the limit ``limit_id``.
    """

    __tablename__ = "limit_proposal"
    __table_args__ = (
        CheckConstraint("kind IN ('cover', 'funding')", name="kind"),
        CheckConstraint("outcome IN ('approved', 'rejected', 'withdrawn')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(limit_id IS NOT NULL) = (outcome = 'approved')", name="taken"),
        Index(
            "uq_limit_proposal_open", "contract_id", "debtor_id", "kind", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("limit_request.id"))
    kind: Mapped[str]
    amount_minor: Mapped[int]
    cover_rate: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    is_temporary: Mapped[bool] = mapped_column(server_default="false")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    insurer: Mapped[str | None]
    insurer_reference: Mapped[str | None]
    conditions: Mapped[str | None]
    reason: Mapped[str | None]
    why: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    end_reason: Mapped[str | None]
    limit_id: Mapped[int | None] = mapped_column(ForeignKey("credit_limit.id"))
