"""Reading what the house decided for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.house.models import HouseAuthority, HouseCutOff, HouseDay, HouseReason
from cessio.house.rules import (
    CUT_OFFS,
    FIXED_LISTS,
    Act,
    Authority,
    Counted,
    CutOff,
    Place,
    ReasonList,
)

SECOND = "*"


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A day the house closed, and who said so."""

    id: int
    day: date
    label: str
    set_at: datetime
    set_by: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason as the house names it."""

    list: ReasonList
    code: str
    label_fr: str
    label_en: str
    position: int
    is_offered: bool
    set_at: datetime
    set_by: str

    def label(self, language: str) -> str:
        """Its name in a language."""
        return self.label_en if language == "en" else self.label_fr


@dataclass(frozen=True, slots=True)
class LastChange:
    """When a setting was last changed, and by whom."""

    at: datetime
    by: str


def own_days(
    session: Session, *, from_on: date | None = None, to_on: date | None = None
) -> tuple[OwnDay, ...]:
    """The days the house closed, in order."""
    query = select(HouseDay).where(HouseDay.ended_at.is_(None)).order_by(HouseDay.day)
    if from_on is not None:
        query = query.where(HouseDay.day >= from_on)
    if to_on is not None:
        query = query.where(HouseDay.day <= to_on)
    return tuple(
        OwnDay(row.id, row.day, row.label, row.set_at, row.set_by) for row in session.scalars(query)
    )


def open_day(session: Session, day: date) -> HouseDay | None:
    """The row that closes a day, locked."""
    return session.scalars(
        select(HouseDay).where(HouseDay.day == day, HouseDay.ended_at.is_(None)).with_for_update()
    ).one_or_none()


def cut_offs(session: Session) -> dict[Counted, CutOff]:
    """The cut-offs that hold; what has none is left out."""
    rows = session.execute(
        select(HouseCutOff.what, HouseCutOff.local, HouseCutOff.place).where(
            HouseCutOff.ended_at.is_(None)
        )
    )
    return CUT_OFFS | {Counted(what): CutOff(local, Place(place)) for what, local, place in rows}


def open_cut_off(session: Session, what: Counted) -> HouseCutOff | None:
    """The row that holds for a cut-off, locked."""
    return session.scalars(
        select(HouseCutOff)
        .where(HouseCutOff.what == what.value, HouseCutOff.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()


def reasons(session: Session, of: ReasonList | None = None) -> tuple[Reason, ...]:
    """What the house says of its reasons, by list and position."""
    query = (
        select(HouseReason)
        .where(HouseReason.ended_at.is_(None))
        .order_by(HouseReason.list, HouseReason.position, HouseReason.id)
    )
    if of is not None:
        query = query.where(HouseReason.list == of.value)
    return tuple(
        Reason(ReasonList(row.list), row.code, row.label_fr, row.label_en, row.position,
               row.is_offered, row.set_at, row.set_by)
        for row in session.scalars(query)
    )  # fmt: skip


def words_of_own_lists(session: Session) -> tuple[tuple[str, str], ...]:
    """French and English of every reason of the house's own lists, as it is or once was called."""
    fixed = [one.value for one in FIXED_LISTS]
    query = (
        select(HouseReason.label_fr, HouseReason.label_en)
        .where(HouseReason.list.not_in(fixed))
        .order_by(HouseReason.id)
    )
    return tuple((french, english) for french, english in session.execute(query))


def open_reason(session: Session, of: ReasonList, code: str) -> HouseReason | None:
    """The row that holds for a reason, locked."""
    return session.scalars(
        select(HouseReason)
        .where(HouseReason.list == of.value, HouseReason.code == code,
               HouseReason.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()  # fmt: skip


def authority(session: Session) -> Authority:
    """Who decides what, up to how much."""
    rows = session.execute(
        select(HouseAuthority.act, HouseAuthority.role, HouseAuthority.amount_minor).where(
            HouseAuthority.ended_at.is_(None)
        )
    ).all()
    return Authority(
        {(Act(act), role): amount for act, role, amount in rows if role != SECOND},
        {Act(act): amount for act, role, amount in rows if role == SECOND},
    )


def open_authorities(session: Session, act: Act) -> dict[str, HouseAuthority]:
    """The rows that hold for an act, by role, locked."""
    rows = session.scalars(
        select(HouseAuthority)
        .where(HouseAuthority.act == act.value, HouseAuthority.ended_at.is_(None))
        .order_by(HouseAuthority.id)
        .with_for_update()
    )
    return {row.role: row for row in rows}


def last_change(
    session: Session, of: type[HouseDay] | type[HouseReason] | type[HouseAuthority]
) -> LastChange | None:
    """The last thing set or ended on one of the pages."""
    moved_at, moved_by = (
        func.coalesce(of.ended_at, of.set_at),
        func.coalesce(of.ended_by, of.set_by),
    )
    row = session.execute(select(moved_at, moved_by).order_by(moved_at.desc()).limit(1)).first()
    return LastChange(row[0], row[1]) if row else None


def last_day_change(session: Session) -> LastChange | None:
    """Who last changed the calendar."""
    return last_change(session, HouseDay)


def last_reason_change(session: Session) -> LastChange | None:
    """Who last changed a reason."""
    return last_change(session, HouseReason)


def last_authority_change(session: Session) -> LastChange | None:
    """Who last changed who decides what."""
    return last_change(session, HouseAuthority)
