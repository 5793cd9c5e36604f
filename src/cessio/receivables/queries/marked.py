"""Holds, disputes and followers of many receivables at once; what one person did in one go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Date, cast, exists, func, select
from sqlalchemy.orm import Session, aliased

from cessio.contracts.rules import IneligibleReason
from cessio.identity.models import Person
from cessio.receivables.models import Dispute, Follow, Hold, Receivable, Verification
from cessio.receivables.rules.verification import WITHHOLDING


@dataclass(frozen=True, slots=True)
class Placed:
    """One of a batch: a hold, a dispute, a follow; ``is_open`` while what was done stands."""

    id: int
    receivable_id: int
    reason: str
    comment: str | None
    is_open: bool


def held(session: Session, receivable_ids: Collection[int], reason: str) -> set[int]:
    """Those of some receivables that are held for a reason now."""
    query = select(Hold.receivable_id).where(
        Hold.receivable_id.in_(receivable_ids), Hold.reason == reason, Hold.ended_at.is_(None)
    )
    return set(session.scalars(query))


def disputed(session: Session, receivable_ids: Collection[int]) -> set[int]:
    """Those of some receivables that are disputed now."""
    query = select(Dispute.receivable_id).where(
        Dispute.receivable_id.in_(receivable_ids), Dispute.ended_at.is_(None)
    )
    return set(session.scalars(query))


def open_holds(session: Session, hold_ids: Collection[int]) -> Sequence[Hold]:
    """Open holds by id, locked in id order; not those that end once their invoice is verified."""
    unverified = exists().where(
        Verification.receivable_id == Hold.receivable_id, Hold.reason == "not_verified",
        Verification.state.in_([state.value for state in WITHHOLDING]),
    )  # fmt: skip
    return session.scalars(
        select(Hold).where(Hold.id.in_(hold_ids), Hold.ended_at.is_(None), ~unverified)
        .order_by(Hold.id).with_for_update().execution_options(populate_existing=True)
    ).all()  # fmt: skip


def open_disputes(session: Session, dispute_ids: Collection[int]) -> Sequence[Dispute]:
    """Open disputes by id, locked in id order."""
    return session.scalars(
        select(Dispute).where(Dispute.id.in_(dispute_ids), Dispute.ended_at.is_(None))
        .order_by(Dispute.id).with_for_update().execution_options(populate_existing=True)
    ).all()  # fmt: skip


def disputes_on(session: Session, receivable_ids: Collection[int]) -> Sequence[Dispute]:
    """The open disputes of some receivables, locked in id order."""
    return session.scalars(
        select(Dispute)
        .where(Dispute.receivable_id.in_(receivable_ids), Dispute.ended_at.is_(None))
        .order_by(Dispute.id).with_for_update().execution_options(populate_existing=True)
    ).all()  # fmt: skip


def ended_disputes(session: Session, dispute_ids: Collection[int]) -> Sequence[Dispute]:
    """Disputes by id that were ended."""
    return session.scalars(
        select(Dispute).where(Dispute.id.in_(dispute_ids), Dispute.ended_at.is_not(None))
        .order_by(Dispute.id)
    ).all()  # fmt: skip


def lifted_holds(session: Session, hold_ids: Collection[int]) -> Sequence[Hold]:
    """Holds by id that were ended."""
    return session.scalars(
        select(Hold).where(Hold.id.in_(hold_ids), Hold.ended_at.is_not(None)).order_by(Hold.id)
    ).all()


def disputes_to_defund(session: Session, *, on: date) -> Sequence[Dispute]:
    """Open disputes whose deadline has come, on invoices not defunded since they opened."""
    again = exists().where(
        Hold.receivable_id == Dispute.receivable_id,
        Hold.reason == IneligibleReason.DEFUNDED.value,
        Hold.ended_at.is_(None)
        | (cast(func.timezone("Europe/Paris", Hold.placed_at), Date) >= Dispute.defunds_on),
    )
    return session.scalars(
        select(Dispute)
        .join(Receivable, Receivable.id == Dispute.receivable_id)
        .where(Dispute.ended_at.is_(None), Dispute.defunds_on <= on,
               Receivable.closed_on.is_(None), ~again)
        .order_by(Dispute.id)
    ).all()  # fmt: skip


def defunding_holds(session: Session, disputes: Collection[Dispute]) -> Sequence[Hold]:
    """The open holds that the deadlines of some disputes placed, locked in id order."""
    concerned = {one.receivable_id for one in disputes}
    return session.scalars(
        select(Hold)
        .where(Hold.receivable_id.in_(concerned), Hold.ended_at.is_(None),
               Hold.reason == IneligibleReason.DEFUNDED.value, Hold.placed_by.startswith("job:"))
        .order_by(Hold.id).with_for_update()
    ).all()  # fmt: skip


def open_follows(session: Session, receivable_ids: Collection[int]) -> Sequence[Follow]:
    """Who follows some receivables now, locked in id order."""
    return session.scalars(
        select(Follow)
        .where(Follow.receivable_id.in_(receivable_ids), Follow.ended_at.is_(None))
        .order_by(Follow.id).with_for_update()
    ).all()  # fmt: skip


def follows(session: Session, follow_ids: Collection[int]) -> Sequence[Follow]:
    """Follows by id."""
    return session.scalars(select(Follow).where(Follow.id.in_(follow_ids))).all()


def followers_before(session: Session, follows: Collection[Follow]) -> dict[int, int]:
    """By receivable, the person who followed it until one of these follows began."""
    given = {one.receivable_id: one.given_at for one in follows}
    rows = session.execute(
        select(Follow.receivable_id, Follow.person_id, Follow.ended_at)
        .where(Follow.receivable_id.in_(given), Follow.ended_at.is_not(None))
    )  # fmt: skip
    return {one: person for one, person, ended_at in rows if ended_at == given[one]}


def follows_given(session: Session, *, by: str, at: datetime) -> tuple[Placed, ...]:
    """The invoices one person gave to somebody at one instant; the reason is the person's name."""
    rows = session.execute(
        select(Follow.id, Follow.receivable_id, Person.name, Follow.comment,
               Follow.ended_at.is_(None))
        .join(Person, Person.id == Follow.person_id)
        .where(Follow.given_by == by, Follow.given_at == at).order_by(Follow.id)
    )  # fmt: skip
    return tuple(Placed(*row) for row in rows)


def follows_ended(session: Session, *, by: str, at: datetime) -> tuple[Placed, ...]:
    """The invoices one person took from whoever followed them, at one instant.

    Found by what is ended, not given on; open while nobody follows them again.
    """
    later = aliased(Follow)
    given = exists().where(later.receivable_id == Follow.receivable_id, later.given_at == at,
                          later.id > Follow.id)  # fmt: skip
    again = exists().where(later.receivable_id == Follow.receivable_id, later.ended_at.is_(None))
    rows = session.execute(
        select(Follow.id, Follow.receivable_id, Person.name, Follow.comment, ~again)
        .join(Person, Person.id == Follow.person_id)
        .where(Follow.ended_by == by, Follow.ended_at == at, ~given).order_by(Follow.id)
    )  # fmt: skip
    return tuple(Placed(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class Followed:
    """A time during which somebody followed an invoice; not ended: now."""

    person_id: int
    name: str
    comment: str | None
    given_at: datetime
    given_by: str
    ended_at: datetime | None
    ended_by: str | None


def follows_of(session: Session, receivable_id: int) -> tuple[Followed, ...]:
    """Who followed a receivable, and follows it, the first first."""
    rows = session.execute(
        select(Follow.person_id, Person.name, Follow.comment, Follow.given_at, Follow.given_by,
               Follow.ended_at, Follow.ended_by)
        .join(Person, Person.id == Follow.person_id)
        .where(Follow.receivable_id == receivable_id).order_by(Follow.id)
    )  # fmt: skip
    return tuple(Followed(*row) for row in rows)


def holds_verified(session: Session, *, by: str, at: datetime) -> tuple[Placed, ...]:
    """The verification holds one person lifted at one instant; open: not waited for again."""
    reason = IneligibleReason.NOT_VERIFIED.value
    later = aliased(Hold)
    again = exists().where(
        later.receivable_id == Hold.receivable_id, later.reason == reason, later.ended_at.is_(None)
    )
    return _listed(session, Hold, ~again, Hold.ended_by == by, Hold.ended_at == at,
                   Hold.reason == reason)  # fmt: skip


def disputes_settled(session: Session, *, by: str, at: datetime) -> tuple[Placed, ...]:
    """The disputes one person ended at one instant; open: not disputed again."""
    later = aliased(Dispute)
    again = exists().where(later.receivable_id == Dispute.receivable_id, later.ended_at.is_(None))
    rows = session.execute(
        select(Dispute.id, Dispute.receivable_id, func.coalesce(Dispute.outcome, ""),
               Dispute.comment, ~again)
        .where(Dispute.ended_by == by, Dispute.ended_at == at).order_by(Dispute.id)
    )  # fmt: skip
    return tuple(Placed(*row) for row in rows)


def holds_placed(session: Session, *, by: str, at: datetime) -> tuple[Placed, ...]:
    """The holds one person placed at one instant."""
    return _placed(session, Hold, Hold.placed_by == by, Hold.placed_at == at)


def disputes_opened(session: Session, *, by: str, at: datetime) -> tuple[Placed, ...]:
    """The disputes one person opened at one instant."""
    return _placed(session, Dispute, Dispute.opened_by == by, Dispute.opened_at == at)


def _placed(
    session: Session, mark: type[Hold] | type[Dispute], *where: ColumnElement[bool]
) -> tuple[Placed, ...]:
    return _listed(session, mark, mark.ended_at.is_(None), *where)


def _listed(
    session: Session, mark: type[Hold] | type[Dispute], stands: ColumnElement[bool],
    *where: ColumnElement[bool],
) -> tuple[Placed, ...]:  # fmt: skip
    rows = session.execute(
        select(mark.id, mark.receivable_id, mark.reason, mark.comment, stands)
        .where(*where)
        .order_by(mark.id)
    )
    return tuple(Placed(*row) for row in rows)
