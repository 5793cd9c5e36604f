"""The cover of each receivable, now and as it was."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


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
