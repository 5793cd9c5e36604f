"""A book put back from an older copy: what holds it, until two people say what they compared.

Whatever the copy does not know may have left: nothing is sent and no job runs but those that read
what the bank says, and no number given since is ever given again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cessio.kernel.errors import Conflict, NotFound
from cessio.plumbing.models import Restoration

#: More numbers of any kind than a book gives between two copies of it.
LEAP = 1_000_000


class BookHeld(Conflict):
    """The book was restored and nobody let work go on yet."""


@dataclass(frozen=True, slots=True)
class RestorationView:
    """A restore of this book and how far its checks are."""

    id: int
    as_of: datetime
    reason: str
    held_at: datetime
    held_by: str
    marked_at: datetime | None
    marked_by: str | None
    payout_count: int
    resumed_at: datetime | None
    resumed_by: str | None
    found: Mapping[str, str] | None


def restorations(session: Session) -> tuple[RestorationView, ...]:
    """Every restore of this book, the latest first."""
    rows = session.scalars(select(Restoration).order_by(Restoration.id.desc()))
    return tuple(_view(row) for row in rows)


def held(session: Session) -> RestorationView | None:
    """The restore that holds this book now, if one does."""
    row = session.scalar(select(Restoration).where(Restoration.resumed_at.is_(None)))
    return None if row is None else _view(row)


def refuse_held(session: Session) -> None:
    """Refuse what would leave the house. Raises ``BookHeld``."""
    found = held(session)
    if found is not None:
        raise BookHeld(
            "book_held",
            "this book was restored as of {as_of}: nothing leaves until two people say what they "
            "compared", as_of=found.as_of,
        )  # fmt: skip


def hold(session: Session, *, as_of: datetime, reason: str, by: str, at: datetime) -> int:
    """Hold the book, or find it held by whoever restored it; returns the restore's id.

    Raises ``Conflict`` when this restore was marked already.
    """
    row = session.scalar(
        select(Restoration).where(Restoration.resumed_at.is_(None)).with_for_update()
    )
    if row is None:
        row = Restoration(as_of=as_of, reason=reason, held_at=at, held_by=by)
        session.add(row)
        session.flush()
    if row.marked_at is not None:
        raise Conflict("restored_already", "this was said already, for the restore as of {as_of}",
                       as_of=row.as_of)  # fmt: skip
    return row.id


def mark(session: Session, restoration_id: int, *, payouts: int, by: str, at: datetime) -> None:
    """Note that everything that could have left is unknown now."""
    row = _locked(session, restoration_id)
    row.marked_at, row.marked_by, row.payout_count = at, by, payouts
    session.flush()


def resume(
    session: Session, restoration_id: int, *, found: Mapping[str, str], by: str, at: datetime
) -> None:
    """Let work go on, with what was found by whom compared. Raises ``NotFound``, ``Conflict``."""
    row = _locked(session, restoration_id)
    if row.marked_at is None or row.resumed_at is not None:
        raise Conflict("not_held", "this restore holds nothing, or was not looked at yet")
    row.resumed_at, row.resumed_by, row.found = at, by, dict(found)
    session.flush()


def leap(session: Session) -> None:
    """Pass over every number that may have been given since the copy: none has two meanings."""
    session.execute(_LEAP, {"leap": LEAP})


_LEAP = text("""
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass,
                  coalesce(last_value, start_value) + :leap)
      FROM pg_sequences WHERE schemaname = 'public' AND data_type = 'bigint'::regtype
""")


def _locked(session: Session, restoration_id: int) -> Restoration:
    row = session.get(Restoration, restoration_id, with_for_update=True)
    if row is None:
        raise NotFound("restoration_unknown", "there is no such restore")
    return row


def _view(row: Restoration) -> RestorationView:
    return RestorationView(**{name: getattr(row, name) for name in RestorationView.__slots__})
