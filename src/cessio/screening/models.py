"""Lists as they were loaded, what each company was screened against, alerts, what people found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cessio.plumbing.database import Base


class ListVersion(Base):
    """A file that was loaded; the latest of a source is the one screened against.

    ``entry_ids`` are its entries: what does not change from one version to the next is one row.
    """

    __tablename__ = "list_version"
    __table_args__ = (
        CheckConstraint("source IN ('eu', 'france', 'own')", name="source"),
        Index(None, "source", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    source: Mapped[str]
    dated_on: Mapped[date]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    sha256: Mapped[bytes]
    entry_count: Mapped[int]
    name_count: Mapped[int]
    new_count: Mapped[int]
    gone_count: Mapped[int]
    entry_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[str]


class ListEntry(Base):
    """One entry as a list told it; another row as soon as anything of it changes."""

    __tablename__ = "list_entry"
    __table_args__ = (
        UniqueConstraint("source", "reference", "sha256"),
        CheckConstraint("kind IN ('person', 'entity')", name="kind"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    source: Mapped[str]
    reference: Mapped[str]
    sha256: Mapped[bytes]
    kind: Mapped[str]
    names: Mapped[list[str]] = mapped_column(ARRAY(Text))
    born: Mapped[list[str]] = mapped_column(ARRAY(Text))
    countries: Mapped[list[str]] = mapped_column(ARRAY(Text))
    identifiers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    programme: Mapped[str]


class ScreenedCompany(Base):
    """Against which versions a company's names were last held; ``is_due`` once they changed.

    Triggers on companies, contacts and bank accounts write it, so that nothing gets in unscreened.
    """

    __tablename__ = "screened_company"
    __table_args__ = (Index(None, "company_id", postgresql_where=text("is_due")),)

    company_id: Mapped[int] = mapped_column(
        ForeignKey("company.id"), primary_key=True, autoincrement=False
    )
    is_due: Mapped[bool] = mapped_column(server_default="true")
    versions: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    name_count: Mapped[int] = mapped_column(server_default="0")
    screened_at: Mapped[datetime | None]


class ScreeningAlert(Base):
    """A name of a company that resembles a listed one, with the score and the words behind it.

    Once per company, name and entry as it was told: what was cleared stays so until either changes.
    """

    __tablename__ = "screening_alert"
    __table_args__ = (
        UniqueConstraint("company_id", "name", "entry_id"),
        CheckConstraint("state IN ('open', 'cleared', 'hit', 'superseded')", name="state"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        Index(
            "ix_screening_alert_blocks", "company_id",
            postgresql_where=text("state IN ('open', 'hit')"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    subject_kind: Mapped[str]
    name: Mapped[str]
    entry_id: Mapped[int] = mapped_column(ForeignKey("list_entry.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("list_version.id"))
    alias: Mapped[str]
    score: Mapped[int] = mapped_column(SmallInteger)
    pairs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="open")
    found_at: Mapped[datetime]
    found_by: Mapped[str]
    state_at: Mapped[datetime]


class ScreeningOpinion(Base):
    """What one person found when looking at an alert, and why; two that agree clear it."""

    __tablename__ = "screening_opinion"
    __table_args__ = (CheckConstraint("verdict IN ('clear', 'hit')", name="verdict"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("screening_alert.id"), index=True)
    verdict: Mapped[str]
    reason: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]
    given_by: Mapped[str]


class ScreeningSettings(Base):
    """From which score a resemblance is an alert and when a list is old; the latest row holds."""

    __tablename__ = "screening_settings"
    __table_args__ = (
        CheckConstraint(
            "threshold BETWEEN 70 AND 99 AND stale_days BETWEEN 1 AND 90", name="range"
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    threshold: Mapped[int] = mapped_column(SmallInteger)
    stale_days: Mapped[int] = mapped_column(SmallInteger)
    set_at: Mapped[datetime]
    set_by: Mapped[str]
