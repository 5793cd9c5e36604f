"""What debtors promise to pay, and the plans by which they are reminded."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cessio.plumbing.database import Base


class Promise(Base):
    """A debtor said it would pay so much by a day: named invoices, or any of what it owes.

    Whether it kept its word follows from what was applied since (``rules.promises``); ``ended_at``
    says that somebody withdrew it, or that a later promise took its place. Instalments agreed
    together are promises of one ``schedule_id``, the first one's id: money goes to the earliest.
    """

    __tablename__ = "promise"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended"),
        Index(None, "due_on", "id", postgresql_where=text("ended_at IS NULL")),
        Index(None, "debtor_id", "id"),
        Index(None, "schedule_id", postgresql_where=text("schedule_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("promise.id"))
    currency: Mapped[str]
    amount_minor: Mapped[int]
    due_on: Mapped[date]
    contact: Mapped[str | None]
    comment: Mapped[str | None]
    noted_at: Mapped[datetime]
    noted_on: Mapped[date]
    noted_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    end_reason: Mapped[str | None]


class PromiseLine(Base):
    """The part of a promise that is about one invoice."""

    __tablename__ = "promise_line"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)

    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"), primary_key=True)
    receivable_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    amount_minor: Mapped[int]


class DunningPlan(Base):
    """A way of reminding debtors, by name; what it says is in its versions."""

    __tablename__ = "dunning_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class DunningVersion(Base):
    """The steps of a plan as somebody wrote them; written once, in use by a ``DunningSwitch``."""

    __tablename__ = "dunning_version"
    __table_args__ = (UniqueConstraint("plan_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("dunning_plan.id"))
    version: Mapped[int]
    catch_up_days: Mapped[int]
    quiet_days: Mapped[int]
    note: Mapped[str | None]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class DunningStep(Base):
    """One step of a version. Mirrors ``collections.rules.plans.Step``."""

    __tablename__ = "dunning_step"
    __table_args__ = (
        CheckConstraint(
            "channel IN ('mail','sms','letter','registered','call','legal')", name="channel"
        ),
        CheckConstraint("track IN ('written','called')", name="track"),
        CheckConstraint("(template IS NOT NULL) = (track = 'written')", name="text"),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("dunning_version.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    days: Mapped[int]
    channel: Mapped[str]
    track: Mapped[str]
    template: Mapped[str | None]
    min_minor: Mapped[int | None]
    max_minor: Mapped[int | None]
    segments: Mapped[list[str]] = mapped_column(ARRAY(Text))
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    modes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    in_dispute: Mapped[bool]
    in_promise: Mapped[bool]


class DunningSwitch(Base):
    """From a day on a plan is used in this version, or not at all (none); the latest holds."""

    __tablename__ = "dunning_switch"
    __table_args__ = (Index(None, "plan_id", "effective_from", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("dunning_plan.id"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("dunning_version.id"), index=True)
    effective_from: Mapped[date]
    note: Mapped[str | None]
    switched_at: Mapped[datetime]
    switched_by: Mapped[str]


class DunningChoice(Base):
    """The plan for a debtor, a contract or a client, else (none of them) of the house.

    Without a plan nobody is reminded. Ended, never deleted.
    """

    __tablename__ = "dunning_choice"
    __table_args__ = (
        CheckConstraint("num_nonnulls(debtor_id, contract_id, client_id) <= 1", name="one"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_dunning_choice_open", "debtor_id", "contract_id", "client_id", unique=True,
            postgresql_where=text("ended_at IS NULL"), postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("dunning_plan.id"), index=True)
    debtor_id: Mapped[int | None] = mapped_column(ForeignKey("debtor.id"), index=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"), index=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"), index=True)
    reason: Mapped[str | None]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class DunningDay(Base):
    """A business day whose reminders were chosen: once, however often the job runs."""

    __tablename__ = "dunning_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    letter_count: Mapped[int]
    line_count: Mapped[int]
    left_out_count: Mapped[int]
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[str]


class DunningLetter(Base):
    """One mail, letter or call to one debtor on one day, about all that reached a step.

    ``writer_id`` is the client in whose name we speak where its debtors do not know of us.
    ``written_at`` is when it went out, was called or was dropped (``dropped`` says why). A mail
    that came back (``returned_id``) goes out as a letter, with those of ``paper_day``.
    """

    __tablename__ = "dunning_letter"
    __table_args__ = (
        CheckConstraint(
            "channel IN ('mail','sms','letter','registered','call','legal')", name="channel"
        ),
        CheckConstraint("dropped IS NULL OR written_at IS NOT NULL", name="dropped"),
        Index(
            "uq_dunning_letter_once", "day", "debtor_id", "writer_id", "currency", "version_id",
            "tone", unique=True, postgresql_nulls_not_distinct=True,
        ),
        Index(None, "debtor_id", "day"),
        CheckConstraint("(paper_day IS NULL) = (returned_id IS NULL)", name="returned"),
        Index(None, "paper_day", postgresql_where=text("paper_day IS NOT NULL")),
        Index("ix_dunning_letter_waiting", "id", postgresql_where=text("written_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    day: Mapped[date] = mapped_column(ForeignKey("dunning_day.day"))
    version_id: Mapped[int] = mapped_column(ForeignKey("dunning_version.id"), index=True)
    number: Mapped[int]
    days: Mapped[int]
    channel: Mapped[str]
    template: Mapped[str | None]
    tone: Mapped[str]
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    writer_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"), index=True)
    currency: Mapped[str]
    line_count: Mapped[int]
    open_minor: Mapped[int]
    penalty_minor: Mapped[int] = mapped_column(server_default="0")
    indemnity_minor: Mapped[int] = mapped_column(server_default="0")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), unique=True)
    paper_day: Mapped[date | None]
    returned_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    written_at: Mapped[datetime | None]
    written_by: Mapped[str | None]
    dropped: Mapped[str | None]


class DunningLine(Base):
    """An invoice in a letter or call: it reaches each step once, unless its due date moves."""

    __tablename__ = "dunning_line"
    __table_args__ = (
        UniqueConstraint("receivable_id", "due_date", "track", "days"),
        Index(None, "letter_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("dunning_letter.id"))
    receivable_id: Mapped[int]
    due_date: Mapped[date]
    track: Mapped[str]
    days: Mapped[int]
    channel: Mapped[str]
    open_minor: Mapped[int]
    penalty_minor: Mapped[int] = mapped_column(server_default="0")
    indemnity_minor: Mapped[int] = mapped_column(server_default="0")


class Call(Base):
    """Somebody called a debtor: what came of it, and when to call again if so."""

    __tablename__ = "debtor_call"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('promised','no_answer','again','disputes','refuses')", name="outcome"
        ),
        CheckConstraint("(outcome = 'promised') = (promise_id IS NOT NULL)", name="promised"),
        Index(None, "debtor_id", "id"),
        Index(None, "called_on"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    outcome: Mapped[str]
    contact: Mapped[str | None]
    comment: Mapped[str | None]
    again_on: Mapped[date | None]
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("promise.id"), index=True)
    called_on: Mapped[date]
    called_at: Mapped[datetime]
    called_by: Mapped[str]
