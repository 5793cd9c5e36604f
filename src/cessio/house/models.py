"""What the house decided for itself; each row holds until ended, and is never changed."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base

_OPEN = text("ended_at IS NULL")


class HouseDay(Base):
    """A day on which the house does not work, beside weekends and bank holidays."""

    __tablename__ = "house_day"
    __table_args__ = (Index("uq_house_day_open", "day", unique=True, postgresql_where=_OPEN),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    label: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class HouseReason(Base):
    """What a reason is called, where it stands in its list and whether it is still offered."""

    __tablename__ = "house_reason"
    __table_args__ = (
        Index("uq_house_reason_open", "list", "code", unique=True, postgresql_where=_OPEN),
        CheckConstraint("label_fr <> '' AND label_en <> ''", name="labelled"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list: Mapped[str]
    code: Mapped[str]
    label_fr: Mapped[str]
    label_en: Mapped[str]
    position: Mapped[int]
    is_offered: Mapped[bool]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class HouseCutOff(Base):
    """The time of day after which something counts for the next business day, and the place."""

    __tablename__ = "house_cut_off"
    __table_args__ = (
        Index("uq_house_cut_off_open", "what", unique=True, postgresql_where=_OPEN),
        CheckConstraint("what IN ('payout', 'remittance')", name="what"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str]
    local: Mapped[time]
    place: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class HouseAuthority(Base):
    """The amount a role decides up to; of role ``*``, the one from which a second person does."""

    __tablename__ = "house_authority"
    __table_args__ = (
        Index("uq_house_authority_open", "act", "role", unique=True, postgresql_where=_OPEN),
        CheckConstraint("amount_minor >= 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str]
    role: Mapped[str]
    amount_minor: Mapped[int]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
