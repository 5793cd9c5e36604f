"""Shares, and what was opened by them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger, Text

from cessio.plumbing.database import Base


class Share(Base):
    """Some of a client's book, for a named reader, until a day.

    ``contract_ids`` is all of the client's contracts when null, those to come included.
    ``promised_on`` is when the last day was given, at first or by prolonging.
    """

    __tablename__ = "share"
    __table_args__ = (
        CheckConstraint("kind IN ('guest', 'link')", name="kind"),
        CheckConstraint("role IN ('accountant', 'banker')", name="role"),
        CheckConstraint("language IN ('fr', 'en')", name="language"),
        CheckConstraint(
            "parts <@ ARRAY['statements', 'costs', 'invoices', 'today', 'documents', 'accounting',"
            " 'indicators'] AND cardinality(parts) > 0",
            name="parts",
        ),
        CheckConstraint("cardinality(contract_ids) > 0", name="contracts"),
        CheckConstraint("length(name) BETWEEN 1 AND 120", name="name"),
        CheckConstraint("until_on >= from_on AND promised_on >= from_on", name="days"),
        CheckConstraint("until_on <= promised_on + '1 year 1 mon'::interval", name="not_for_ever"),
        CheckConstraint(
            "(kind = 'guest') = (person_id IS NOT NULL) AND (kind = 'guest') = (email IS NOT NULL)",
            name="guest_is_somebody",
        ),
        CheckConstraint("(kind = 'link') = (token_hash IS NOT NULL)", name="link_is_secret"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(None, "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    kind: Mapped[str]
    role: Mapped[str]
    name: Mapped[str]
    firm: Mapped[str]
    email: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[bytes | None] = mapped_column(unique=True)
    language: Mapped[str]
    parts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    contract_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    from_on: Mapped[date]
    until_on: Mapped[date]
    promised_on: Mapped[date]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class ShareAccess(Base):
    """A page or file opened by a share. Written once, in the transaction that made the answer."""

    __tablename__ = "share_access"
    __table_args__ = (
        CheckConstraint("act IN ('page', 'file')", name="act"),
        CheckConstraint("(act = 'file') = (format IS NOT NULL)", name="format"),
        Index(None, "share_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    share_id: Mapped[int] = mapped_column(ForeignKey("share.id"))
    at: Mapped[datetime]
    act: Mapped[str]
    part: Mapped[str | None]
    subject: Mapped[str | None]
    format: Mapped[str | None]
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    network: Mapped[str]
