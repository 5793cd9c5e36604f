"""The seals this book knows of, and what is known of the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.closing.models import BookSeal


@dataclass(frozen=True, slots=True)
class SealView:
    """A seal as the book remembers it; ``content`` is its file."""

    number: int
    on: date
    code: str
    content: str
    row_count: int
    sealed_at: datetime

    @property
    def name(self) -> str:
        """The name of its file, without what follows the point."""
        return f"seal-{self.number:06}-{self.on:%Y-%m-%d}"

    @property
    def public_key(self) -> str:
        """The key that it says it is signed with."""
        return self.content.split()[-2]


def seals(session: Session, *, before: int | None = None, limit: int = 60) -> list[SealView]:
    """Seals, latest first; ``before`` continues a list."""
    query = select(BookSeal).order_by(BookSeal.number.desc()).limit(limit)
    if before is not None:
        query = query.where(BookSeal.number < before)
    return [_view(row) for row in session.scalars(query)]


def seal(session: Session, number: int) -> SealView | None:
    """One seal."""
    row = session.get(BookSeal, number)
    return None if row is None else _view(row)


def last_seal(session: Session) -> SealView | None:
    """The last one, if any."""
    return next(iter(seals(session, limit=1)), None)


def seal_count(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(BookSeal)) or 0


def _view(row: BookSeal) -> SealView:
    return SealView(row.number, row.on, row.code, row.content, row.row_count, row.sealed_at)
