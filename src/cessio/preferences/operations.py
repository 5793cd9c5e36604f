"""Keeping, sharing and dropping views of lists; ordering the parts of a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.kernel.errors import Conflict, Invalid, NotFound
from cessio.preferences import queries, rules
from cessio.preferences.models import DefaultView, KeptOrder, SavedView


class NameTaken(Conflict):
    """The person has a view of that name on that list already."""


def save_view(
    session: Session, *, person_id: int, page: str, name: str, query: str, shared: bool = False,
    at: datetime,
) -> int:  # fmt: skip
    """Keep a list as it is filtered now, under a name; returns its id.

    ``query`` went through ``kept_query``. Raises ``NameTaken``, ``Invalid``.
    """
    name = _name(name)
    if not query:
        raise Invalid("view_empty", "Filter or sort the list first: there is nothing to keep")
    if queries.named(session, person_id=person_id, page=page, name=name) is not None:
        raise _taken(name)
    if queries.count_of(session, person_id=person_id, page=page) >= rules.MOST_VIEWS:
        raise Invalid("views_many", "You keep {most} views of this list: drop one first",
                      most=rules.MOST_VIEWS)  # fmt: skip
    row = SavedView(
        person_id=person_id, page=page, name=name, query=query, shared=shared, created_at=at
    )
    session.add(row)
    session.flush()
    return row.id


def change_view(
    session: Session, *, view_id: int, person_id: int, name: str, shared: bool,
    query: str | None = None, at: datetime,
) -> None:  # fmt: skip
    """Rename or share one's own view, or keep other filters under it. Raises as ``save_view``."""
    row = _own(session, view_id, person_id)
    name = _name(name)
    same = queries.named(session, person_id=person_id, page=row.page, name=name)
    if same not in (None, view_id):
        raise _taken(name)
    row.name, row.shared, row.changed_at = name, shared, at
    row.query = query or row.query
    session.flush()


def drop_view(session: Session, *, view_id: int, person_id: int) -> None:
    """Drop one's own view, for whoever shares it too. Raises ``NotFound``."""
    session.delete(_own(session, view_id, person_id))
    session.flush()


def open_with(session: Session, *, person_id: int, page: str, view_id: int | None) -> None:
    """Have a list open with a view, or with everything (``None``). Raises ``NotFound``."""
    if view_id is None:
        session.execute(
            delete(DefaultView).where(DefaultView.person_id == person_id, DefaultView.page == page)
        )
        return
    row = queries.visible(session, view_id, person_id=person_id)
    if row is None or row.page != page:
        raise _unknown()
    fresh = insert(DefaultView).values(person_id=person_id, page=page, view_id=view_id)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=["person_id", "page"], set_={"view_id": fresh.excluded.view_id}
        )
    )


def keep_order(session: Session, *, person_id: int, page: str, parts: Sequence[str]) -> None:
    """Show somebody these parts of a page from now on, in this order. Raises ``Invalid``."""
    if not parts or len(set(parts)) != len(parts):
        raise Invalid("parts_none", "choose at least one, and each once")
    kept = insert(KeptOrder).values(person_id=person_id, page=page, parts=list(parts))
    session.execute(
        kept.on_conflict_do_update(
            index_elements=["person_id", "page"], set_={"parts": kept.excluded.parts}
        )
    )


def _own(session: Session, view_id: int, person_id: int) -> SavedView:
    row = queries.own(session, view_id, person_id=person_id)
    if row is None:
        raise _unknown()
    return row


def _name(name: str) -> str:
    kept = " ".join(name.split())
    if not kept or len(kept) > rules.LONGEST_NAME:
        raise Invalid("view_name", "Name the view in {most} letters at most", field="name",
                      most=rules.LONGEST_NAME)  # fmt: skip
    return kept


def _taken(name: str) -> NameTaken:
    return NameTaken("view_name_taken", "You have a view called {name} already", field="name",
                     name=name)  # fmt: skip


def _unknown() -> NotFound:
    return NotFound("view_not_found", "There is no such view")
