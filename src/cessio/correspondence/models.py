"""The house's edited texts, what was sent with them, and who the factor says it is."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from cessio.plumbing.database import Base


class FactorIdentity(Base):
    """Who the factor is, as its documents say it; the row not ended holds."""

    __tablename__ = "factor_identity"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    legal: Mapped[str]
    siren: Mapped[str]
    street: Mapped[str]
    post_code: Mapped[str]
    city: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]


class MessageTemplate(Base):
    """One wording of a text in one language, from when it was saved until the next one.

    Without an open row the wording in the code holds.
    """

    __tablename__ = "message_template"
    __table_args__ = (
        Index(
            "uq_message_template_open", "code", "language", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "code", "language", "id"),
        CheckConstraint("language IN ('fr', 'en')", name="language"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    note: Mapped[str | None]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class Message(Base):
    """What was said to whom, when and about what; a mail or a printed letter carries it."""

    __tablename__ = "message"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id", "id"),
        Index(None, "client_id", "id", postgresql_where=text("client_id IS NOT NULL")),
        Index(None, "template", "id"),
        CheckConstraint("channel IN ('mail', 'letter', 'sms')", name="channel"),
        CheckConstraint("(channel = 'mail') = (mail_id IS NOT NULL)", name="mailed"),
        CheckConstraint("(channel = 'letter') = (document_id IS NOT NULL)", name="printed"),
        CheckConstraint("(channel = 'sms') = (sms_id IS NOT NULL)", name="texted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    business_key: Mapped[str] = mapped_column(unique=True)
    template: Mapped[str]
    template_id: Mapped[int | None] = mapped_column(ForeignKey("message_template.id"))
    channel: Mapped[str]
    language: Mapped[str]
    recipient: Mapped[str]
    address: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    client_id: Mapped[int | None]
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_mail.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    sms_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_sms.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class LetterCode(Base):
    """The code of a letter or mail to a debtor: what it opens, for whom, and until when.

    One that is about several contracts has a code of each; its reader gets the first, and goes
    from there to the others.

    It is kept as it was printed, since the letter that bears it is kept too. ``receivable_ids`` is
    everything of the debtor under the contract when null; the account is the one the letter names.
    """

    __tablename__ = "letter_code"
    __table_args__ = (
        CheckConstraint("cardinality(receivable_ids) > 0", name="receivables"),
        CheckConstraint("until_on >= from_on", name="days"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)"
            " AND (revoked_at IS NULL) = (revoked_why IS NULL)",
            name="revoked",
        ),
        UniqueConstraint("message_id", "contract_id"),
        Index(None, "debtor_id", "contract_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    debtor_id: Mapped[int]
    contract_id: Mapped[int]
    receivable_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    iban: Mapped[str]
    bic: Mapped[str | None]
    holder: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    revoked_why: Mapped[str | None]
