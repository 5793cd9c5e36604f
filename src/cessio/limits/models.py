"""Cover and funding limits, requests for them, and the cover of each receivable."""

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


class CoverPosition(Base):
    """How one debtor's cover stands under one contract, as last computed.

    ``is_full``: the limit covers everything that may be covered, so that each invoice's cover
    follows from its open amount; else it is in ``receivable_cover``. The view ``invoice_cover``
    tells both. ``limit_minor`` is the limit that was applied: when the limit in force is found
    lower, the invoices covered until then keep their cover (``CoverFloor``).
    """

    __tablename__ = "cover_position"
    __table_args__ = (Index(None, "debtor_id"), {"postgresql_with": {"fillfactor": 50}})

    contract_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    debtor_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    limit_minor: Mapped[int] = mapped_column(server_default="0")
    order_key: Mapped[str] = mapped_column(server_default="due_date")
    is_full: Mapped[bool] = mapped_column(server_default="true")
    coverable_minor: Mapped[int] = mapped_column(server_default="0")
    kept_minor: Mapped[int] = mapped_column(server_default="0")
    covered_minor: Mapped[int] = mapped_column(server_default="0")
    last_assigned_on: Mapped[date | None]
    computed_at: Mapped[datetime | None]


class CoverRegime(Base):
    """Whether a pair was covered in full from a date on; the last row on or before a day holds."""

    __tablename__ = "cover_regime"

    contract_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    debtor_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    on: Mapped[date] = mapped_column("from_on", primary_key=True)
    is_full: Mapped[bool]


class ReceivableCover(Base):
    """How much of an open invoice is covered now, where not all of its pair can be.

    No row is no cover, unless the pair is covered in full: read the view ``invoice_cover``. A
    narrow side table, rewritten set by set; contract and debtor are the invoice's own.
    """

    __tablename__ = "receivable_cover"
    __table_args__ = (
        CheckConstraint("covered_minor > 0", name="covered"),
        Index(None, "contract_id", "debtor_id"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    receivable_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contract_id: Mapped[int]
    debtor_id: Mapped[int]
    covered_minor: Mapped[int]


class CoverFloor(Base):
    """Cover an existing receivable keeps after its debtor's limit was cut or cancelled.

    ``limit_id`` is the debtor's latest decision when it was; none if blanket cover was cut.
    """

    __tablename__ = "cover_floor"
    __table_args__ = (CheckConstraint("floor_minor >= 0", name="floor"),)

    receivable_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    floor_minor: Mapped[int]
    limit_id: Mapped[int | None] = mapped_column(ForeignKey("credit_limit.id"))
    set_at: Mapped[datetime]


class CoverHistory(Base):
    """Cover of a receivable from a date on, while its pair is not covered in full.

    The last row on or before a day is that day's cover, unless ``CoverRegime`` says that all of
    the pair was covered: then it is what was open and undisputed that day.
    """

    __tablename__ = "cover_history"

    receivable_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    on: Mapped[date] = mapped_column("from_on", primary_key=True)
    covered_minor: Mapped[int]
