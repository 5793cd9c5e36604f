"""Statements issued: what was given to whom, with the code that proves it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class IssuedStatement(Base):
    """A statement of account as it was issued: period, figures, hash of its lines."""

    __tablename__ = "issued_statement"
    __table_args__ = (Index(None, "contract_id", "from_on", "to_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    format: Mapped[str]
    opening_minor: Mapped[int]
    closing_minor: Mapped[int]
    lines_sha256: Mapped[bytes]
    verification_code: Mapped[str] = mapped_column(index=True)
    #: Of the file itself: what proves one that has no place for a code. None before there was one.
    file_sha256: Mapped[bytes | None] = mapped_column(index=True)
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]


class ClientChart(Base):
    """The account numbers a client's accountant posts on; the latest row of a client holds."""

    __tablename__ = "client_chart"
    __table_args__ = (Index(None, "client_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    journal: Mapped[str]
    factor: Mapped[str]
    retention: Mapped[str]
    customers: Mapped[str]
    fees: Mapped[str]
    vat: Mapped[str]
    financing: Mapped[str]
    bank: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class StatementOrder(Base):
    """How often a contract's statements are made by themselves, and as what; the latest holds."""

    __tablename__ = "statement_order"
    __table_args__ = (
        CheckConstraint("rhythm IN ('monthly', 'weekly', 'daily', 'none')", name="rhythm"),
        CheckConstraint("rhythm = 'none' OR cardinality(formats) > 0", name="formats"),
        Index(None, "contract_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    rhythm: Mapped[str]
    formats: Mapped[list[str]] = mapped_column(ARRAY(Text))
    language: Mapped[str]
    effective_from: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class KeptStatement(Base):
    """A statement that was made and kept as a file: by itself once a period and format.

    One asked for is kept once per code: a period that is not over has another the next day.
    """

    __tablename__ = "kept_statement"
    __table_args__ = (
        CheckConstraint("rhythm IN ('monthly', 'weekly', 'daily', 'asked')", name="rhythm"),
        Index(
            "uq_kept_statement_period", "contract_id", "from_on", "to_on", "format", unique=True,
            postgresql_where=text("rhythm <> 'asked'"),
        ),
        Index(
            "uq_kept_statement_asked", "contract_id", "from_on", "to_on", "format",
            "verification_code", unique=True, postgresql_where=text("rhythm = 'asked'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    format: Mapped[str]
    rhythm: Mapped[str]
    verification_code: Mapped[str]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class FeeInvoicePaper(Base):
    """The file of a fee invoice, made once, and the code it is verified by."""

    __tablename__ = "fee_invoice_paper"

    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("fee_invoice.id"), primary_key=True, autoincrement=False
    )
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)
    verification_code: Mapped[str] = mapped_column(index=True)
    made_at: Mapped[datetime]
