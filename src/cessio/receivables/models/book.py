"""Remittances and what they assign: invoices, credit notes, and credits held on account."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cessio.plumbing.database import Base

_OPEN = text("closed_on IS NULL")


class ColumnMapping(Base):
    """How one client's files name their columns, remembered from the last upload."""

    __tablename__ = "column_mapping"
    __table_args__ = (UniqueConstraint("client_id", "header_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    header_hash: Mapped[bytes]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    saved_at: Mapped[datetime]
    saved_by: Mapped[str]


class Remittance(Base):
    """A schedule of invoices and credit notes that a client assigns under one contract.

    States: draft → submitted → assigned | refused | withdrawn; assigned → reversed.
    Each state has who and when in ``remittance_state``; ``state`` is the latest.
    """

    __tablename__ = "remittance"
    __table_args__ = (
        UniqueConstraint("contract_id", "number"),
        CheckConstraint(
            "state IN ('draft','submitted','assigned','refused','withdrawn','reversed')",
            name="state",
        ),
        Index(None, "state", postgresql_where=text("state IN ('draft','submitted')")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    number: Mapped[int]
    state: Mapped[str]
    source: Mapped[str]
    filename: Mapped[str | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    mapping: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    checked_at: Mapped[datetime | None]
    line_count: Mapped[int] = mapped_column(server_default="0")
    accepted_count: Mapped[int] = mapped_column(server_default="0")
    refused_count: Mapped[int] = mapped_column(server_default="0")
    warning_count: Mapped[int] = mapped_column(server_default="0")
    invoices_minor: Mapped[int] = mapped_column(server_default="0")
    credit_notes_minor: Mapped[int] = mapped_column(server_default="0")
    hold_reasons: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")


class RemittanceState(Base):
    """A state a remittance entered: who, when, why."""

    __tablename__ = "remittance_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    remittance_id: Mapped[int] = mapped_column(ForeignKey("remittance.id"), index=True)
    state: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str | None]


class RemittanceLine(Base):
    """One document of a remittance as it was sent, and its verdict.

    ``verdict`` is accepted, warning or refused; ``reasons`` are codes with their values, all of
    them; ``faults`` those that reading the line gave, which no later check takes away; ``raw``
    what the client wrote where it could not be read. ``amount_minor`` is signed. ``receivable_id``
    is reserved when the line is written: it is the receivable's id if the line is assigned.
    """

    __tablename__ = "remittance_line"
    __table_args__ = (
        CheckConstraint("verdict IN ('accepted','warning','refused')", name="verdict"),
    )

    remittance_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    receivable_id: Mapped[int]
    kind: Mapped[str]
    number: Mapped[str | None]
    number_key: Mapped[str | None]
    debtor_id: Mapped[int | None]
    debtor_siren: Mapped[str | None]
    debtor_vat: Mapped[str | None]
    debtor_name: Mapped[str | None]
    issue_date: Mapped[date | None]
    due_date: Mapped[date | None]
    amount_minor: Mapped[int | None]
    vat_minor: Mapped[int | None]
    currency: Mapped[str | None]
    order_ref: Mapped[str | None]
    original_number: Mapped[str | None]
    original_key: Mapped[str | None]
    verdict: Mapped[str] = mapped_column(server_default="accepted")
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    faults: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    raw: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    must_verify: Mapped[bool] = mapped_column(server_default="false")


class SubrogationReceipt(Base):
    """The immutable proof that a remittance was paid for at the instant it was assigned."""

    __tablename__ = "subrogation_receipt"

    id: Mapped[int] = mapped_column(primary_key=True)
    remittance_id: Mapped[int] = mapped_column(ForeignKey("remittance.id"), unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    assigned_at: Mapped[datetime]
    document_count: Mapped[int]
    amount_minor: Mapped[int]
    content_sha256: Mapped[bytes]
    content: Mapped[bytes] = mapped_column(deferred=True)
    signed_by: Mapped[str]


class Receivable(Base):
    """A claim on a debtor: an invoice (open > 0), a credit note or a credit on account (< 0).

    ``open_minor`` is signed and equals the sum of its ledger entries. ``fingerprint`` is unique
    over all clients while the receivable is assigned: one invoice, one assignment, ever.
    ``number_key`` sorts by bytes, so that its index finds numbers by how they begin.
    """

    __tablename__ = "receivable"
    __table_args__ = (
        CheckConstraint("kind IN ('invoice','credit_note','on_account')", name="kind"),
        CheckConstraint("(kind = 'invoice') = (amount_minor > 0)", name="sign"),
        CheckConstraint("open_minor BETWEEN least(amount_minor, 0) AND greatest(amount_minor, 0)",
                        name="open_within"),
        CheckConstraint("(open_minor = 0) = (closed_on IS NOT NULL)", name="closed"),
        Index("uq_receivable_fingerprint", "fingerprint", unique=True,
              postgresql_where=text("reversed_at IS NULL AND fingerprint IS NOT NULL")),
        Index("ix_receivable_open", "contract_id", "debtor_id", "due_date", "number",
              postgresql_where=_OPEN, postgresql_include=["issue_date", "open_minor"]),
        Index("ix_receivable_credit", "id",
              postgresql_where=text("closed_on IS NULL AND kind <> 'invoice'")),
        Index("ix_receivable_part_paid", "open_minor",
              postgresql_where=text("closed_on IS NULL AND open_minor <> amount_minor")),
        Index(None, "debtor_id", postgresql_where=_OPEN),
        Index(None, "debtor_id", "closed_on", postgresql_where=text("closed_on IS NOT NULL")),
        # A part payment costs these an entry; a whole one leaves the indexes of the open anyway.
        *(Index(f"ix_receivable_{name}", day, "id", postgresql_where=_OPEN,
                postgresql_include=["open_minor", "contract_id"])
          for name, day in (("due", "due_date"), ("issued", "issue_date"))),
        *(Index(None, one, "id")
          for one in ("number_key", "amount_minor", "contract_id", "debtor_id")),
        *(Index(f"ix_receivable_{name}", "id", postgresql_where=text(f"{name}_{at} IS NOT NULL"))
          for name, at in (("closed", "on"), ("reversed", "at"))),
        Index(None, "remittance_id"),
        *(Index(None, day, postgresql_using="brin") for day in ("issue_date", "assigned_on")),
        {"postgresql_with": {"fillfactor": 80}},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contract_id: Mapped[int]
    client_id: Mapped[int]
    debtor_id: Mapped[int]
    remittance_id: Mapped[int | None]
    kind: Mapped[str]
    number: Mapped[str] = mapped_column(Text(collation="C"))
    number_key: Mapped[str] = mapped_column(Text(collation="C"))
    fingerprint: Mapped[bytes | None]
    issue_date: Mapped[date]
    due_date: Mapped[date]
    amount_minor: Mapped[int]
    vat_minor: Mapped[int | None]
    open_minor: Mapped[int]
    order_ref: Mapped[str | None]
    original_id: Mapped[int | None]
    assigned_on: Mapped[date]
    assigned_at: Mapped[datetime]
    closed_on: Mapped[date | None]
    reversed_at: Mapped[datetime | None]


class SetOff(Base):
    """Part of a credit note (or of a credit on account) used against an invoice of its debtor.

    ``remittance_id`` is the remittance whose assignment made it, if one did. Undone, never deleted.
    """

    __tablename__ = "set_off"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(None, "remittance_id", postgresql_where=text("remittance_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contract_id: Mapped[int]
    credit_id: Mapped[int] = mapped_column(index=True)
    invoice_id: Mapped[int] = mapped_column(index=True)
    amount_minor: Mapped[int]
    remittance_id: Mapped[int | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]


class Dispute(Base):
    """The debtor contests part or all of an invoice; ended with an outcome.

    ``defunds_on``: the first day on which it may be defunded, by the terms when it was opened, or
    as somebody put it off since.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(
            "uq_dispute_open", "receivable_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "defunds_on", "id", postgresql_where=text("ended_at IS NULL")),
        Index(None, "opened_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    receivable_id: Mapped[int] = mapped_column(index=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    amount_minor: Mapped[int]
    reason: Mapped[str]
    comment: Mapped[str | None]
    opened_at: Mapped[datetime]
    opened_on: Mapped[date]
    opened_by: Mapped[str]
    defunds_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    outcome: Mapped[str | None]


class Hold(Base):
    """The factor withholds funding of an invoice, with a reason (verification, contra, other)."""

    __tablename__ = "hold"
    __table_args__ = (
        Index(
            "uq_hold_open", "receivable_id", "reason",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "placed_at"), Index(None, "ended_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    receivable_id: Mapped[int] = mapped_column(index=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    reason: Mapped[str]
    comment: Mapped[str | None]
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class Follow(Base):
    """Who follows an invoice: chases it, answers its dispute. One at a time; ended, not deleted."""

    __tablename__ = "receivable_follow"
    __table_args__ = (
        Index(
            "uq_receivable_follow_open", "receivable_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "person_id", "receivable_id", postgresql_where=text("ended_at IS NULL")),
        Index(None, "given_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    receivable_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    comment: Mapped[str | None]
    given_at: Mapped[datetime]
    given_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
