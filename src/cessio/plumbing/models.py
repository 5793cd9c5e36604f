"""The job table, which is the truth about background work, and the schedule."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class JobState(StrEnum):
    """Where a job stands; ``FAILED`` runs again by itself, ``DEAD`` waits for a person."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DEAD = "dead"


#: Work still to be done by a worker.
OPEN_STATES = (JobState.QUEUED, JobState.FAILED, JobState.RUNNING)
_OPEN = text("state IN ('queued', 'failed', 'running')")


class Job(Base):
    """One piece of background work, once for ever per kind and business key.

    A worker holds a job by a lease in the database's clock (``lease_until``) and the ``fence`` it
    got with it: each claim raises the fence, and a write by an older one is refused.
    ``run_after`` is in the application's clock, like every business instant.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "kind", "business_key", unique=True),
        Index("ix_job_open", "kind", "id", postgresql_where=_OPEN),
        Index("ix_job_dead", "id", postgresql_where=text("state = 'dead'")),
        Index(None, "client_id", "id", postgresql_where=text("client_id IS NOT NULL")),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'dead')", name="state"),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="leased"),
        CheckConstraint("state <> 'failed' OR run_after IS NOT NULL", name="failed_runs_again"),
        CheckConstraint("state NOT IN ('failed', 'dead') OR error IS NOT NULL", name="explained"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    business_key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="queued")
    priority: Mapped[int] = mapped_column(server_default="0")
    run_after: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")
    max_attempts: Mapped[int] = mapped_column(server_default="8")
    progress_done: Mapped[int | None]
    progress_total: Mapped[int | None]
    progress_note: Mapped[str | None]
    result: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str | None]
    error_code: Mapped[str | None]
    error_params: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    client_id: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    requeued_at: Mapped[datetime | None]
    requeued_by: Mapped[str | None]
    woken_at: Mapped[datetime | None]
    worker: Mapped[str | None]


class ScheduledJob(Base):
    """When a kind of job is due; seeded from the table in ``worker.py``, switched by a person."""

    __tablename__ = "scheduled_job"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    cron: Mapped[str]
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
    last_job_id: Mapped[int | None]
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str | None]


class OutgoingMail(Base):
    """A mail as it leaves: its bytes are kept as evidence of what was said, and when it left."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        Index(None, "client_id", "id"),
        Index("ix_outgoing_mail_recipient", text("lower(recipient)")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    business_key: Mapped[str] = mapped_column(unique=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    content: Mapped[bytes]
    client_id: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    sent_at: Mapped[datetime | None]


class MailStop(Base):
    """An address that takes no mail of ours, or whose reader wants no reminder by mail.

    Who must be told all the same is written to on paper. Lifted (``ended_at``), never deleted.
    """

    __tablename__ = "mail_stop"
    __table_args__ = (
        CheckConstraint("why IN ('refused','returned','stopped','asked','wrong')", name="why"),
        CheckConstraint("address = lower(address)", name="address"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index("uq_mail_stop_open", "address", unique=True,
              postgresql_where=text("ended_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    address: Mapped[str]
    why: Mapped[str]
    detail: Mapped[str | None]
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_mail.id"), index=True)
    noted_at: Mapped[datetime]
    noted_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class OutgoingSms(Base):
    """A short message as it leaves; ``refused_at`` is when the gateway would not take it."""

    __tablename__ = "outgoing_sms"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    business_key: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str]
    text: Mapped[str]
    client_id: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    sent_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]


class Restoration(Base):
    """That this book was put back from an older copy: nothing leaves it until two people let it.

    ``as_of`` is the instant it was put back to. Held (``held_at``) by whoever restored it, marked
    (``marked_at``) once everything that could have left since is unknown, resumed by two people.
    """

    __tablename__ = "restoration"
    __table_args__ = (
        CheckConstraint("(marked_at IS NULL) = (marked_by IS NULL)", name="marked"),
        CheckConstraint("(resumed_at IS NULL) = (resumed_by IS NULL)", name="resumed"),
        CheckConstraint("resumed_at IS NULL OR marked_at IS NOT NULL", name="in_order"),
        Index("uq_restoration_open", text("(resumed_at IS NULL)"), unique=True,
              postgresql_where=text("resumed_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    as_of: Mapped[datetime]
    reason: Mapped[str]
    held_at: Mapped[datetime]
    held_by: Mapped[str]
    marked_at: Mapped[datetime | None]
    marked_by: Mapped[str | None]
    payout_count: Mapped[int] = mapped_column(server_default="0")
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[str | None]
    found: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
