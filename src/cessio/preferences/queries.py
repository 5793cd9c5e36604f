"""Reading saved views."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cessio.identity.models import Person
from cessio.preferences.models import DefaultView, KeptOrder, SavedView


@dataclass(frozen=True, slots=True)
class View:
    """A saved view as one person sees it."""

    id: int
    name: str
    query: str
    shared: bool
    owner_id: int
    owner: str
    is_default: bool

    def of(self, person_id: int) -> bool:
        """Whether it is this person's own."""
        return self.owner_id == person_id


def views(session: Session, *, person_id: int, page: str) -> tuple[View, ...]:
    """One's own views of a list, then those others share, each by name."""
    query = (
        select(
            SavedView.id, SavedView.name, SavedView.query, SavedView.shared, SavedView.person_id,
            Person.name, DefaultView.view_id.is_not(None),
        )
        .join(Person, Person.id == SavedView.person_id)
        .outerjoin(
            DefaultView,
            (DefaultView.view_id == SavedView.id) & (DefaultView.person_id == person_id),
        )
        .where(
            SavedView.page == page, or_(SavedView.person_id == person_id, SavedView.shared)
        )
        .order_by(SavedView.person_id != person_id, func.lower(SavedView.name), SavedView.id)
    )  # fmt: skip
    return tuple(View(*row) for row in session.execute(query))


def count_of(session: Session, *, person_id: int, page: str) -> int:
    """How many views of a list somebody keeps."""
    query = select(func.count()).where(SavedView.person_id == person_id, SavedView.page == page)
    return session.scalar(query) or 0


def visible(session: Session, view_id: int, *, person_id: int) -> SavedView | None:
    """A view that somebody may open with: their own, or a shared one."""
    return session.scalar(
        select(SavedView).where(
            SavedView.id == view_id, or_(SavedView.person_id == person_id, SavedView.shared)
        )
    )


def own(session: Session, view_id: int, *, person_id: int) -> SavedView | None:
    """A view of somebody's own, locked."""
    return session.scalar(
        select(SavedView)
        .where(SavedView.id == view_id, SavedView.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def named(session: Session, *, person_id: int, page: str, name: str) -> int | None:
    """The id of a person's view of that name."""
    return session.scalar(
        select(SavedView.id).where(
            SavedView.person_id == person_id,
            SavedView.page == page,
            func.lower(SavedView.name) == name.lower(),
        )
    )


def kept_order(session: Session, *, person_id: int, page: str) -> tuple[str, ...]:
    """The parts of a page somebody chose, in order; nothing when they never chose."""
    query = select(KeptOrder.parts).where(KeptOrder.person_id == person_id, KeptOrder.page == page)
    return tuple(session.scalar(query) or ())
