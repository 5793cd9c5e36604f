"""Statements issued: what was given to whom, with the code that proves it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
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
