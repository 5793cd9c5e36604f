"""What was opened by the code of a letter, and what was said there."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class LetterAccess(Base):
    """A look or an answer by a code: when, from which network. ``detail`` is the IBAN asked about.

    Written once, in the transaction that answers.
    """

    __tablename__ = "letter_access"
    __table_args__ = (
        CheckConstraint("act IN ('look', 'paid', 'disputed', 'genuine', 'foreign')", name="act"),
        Index(None, "code_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("letter_code.id"))
    at: Mapped[datetime]
    act: Mapped[str]
    network: Mapped[str]
    detail: Mapped[str | None]


class DebtorReply(Base):
    """What the holder of a letter says: paid, or disputed. Open until one of us decided.

    Never a payment and never a dispute by itself. ``digest`` is what was said, so that the same
    said twice is one; ``answer`` is what its author reads of the decision.
    """

    __tablename__ = "debtor_reply"
    __table_args__ = (
        CheckConstraint("kind IN ('paid', 'disputed')", name="kind"),
        CheckConstraint("state IN ('open', 'accepted', 'refused')", name="state"),
        CheckConstraint("(kind = 'paid') = (paid_on IS NOT NULL)", name="paid"),
        CheckConstraint("(kind = 'disputed') = (reason IS NOT NULL)", name="disputed"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)"
            " AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided",
        ),
        Index(
            "uq_debtor_reply_open", "code_id", "digest", unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_debtor_reply_open", "id", postgresql_where=text("state = 'open'")),
        Index(None, "code_id", "id"),
        Index(None, "debtor_id", "id"),
        Index(None, "client_id", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("letter_code.id"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    digest: Mapped[bytes]
    name: Mapped[str]
    contact: Mapped[str | None]
    amount_minor: Mapped[int]
    paid_on: Mapped[date | None]
    means: Mapped[str | None]
    reference: Mapped[str | None]
    paid_to: Mapped[str | None]
    reason: Mapped[str | None]
    comment: Mapped[str | None]
    said_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    answer: Mapped[str | None]


class DebtorReplyInvoice(Base):
    """An invoice that a reply speaks of; ``dispute_id`` is the dispute that came of it."""

    __tablename__ = "debtor_reply_invoice"
    __table_args__ = (Index(None, "receivable_id"),)

    reply_id: Mapped[int] = mapped_column(ForeignKey("debtor_reply.id"), primary_key=True)
    receivable_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    open_minor: Mapped[int]
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("dispute.id"))
