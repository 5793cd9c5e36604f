"""What screening leaves to do, as items of the work queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from cessio.kernel.calendar import business_date
from cessio.kernel.paging import PageRequest
from cessio.reporting.queries import Item
from cessio.screening import ListSource
from cessio.screening import queries as screened

_MOST = 50


def alerts(session: Session) -> Iterator[Item]:
    """Open alerts, those most alike first."""
    for one in screened.alerts(session, PageRequest(_MOST), sort="-score").rows:
        yield Item(
            "screening", one.id, one.client_id, one.name, f"{one.alias} · {one.score}",
            business_date(one.found_at), None, None, "EUR", {},
        )  # fmt: skip


def lists(session: Session, on: date) -> Iterator[Item]:
    """Lists that nobody renewed, or that there is none at all."""
    if not screened.current_ids(session):
        yield Item("old_list", 0, None, "", None, on, None, None, "EUR", {})
    for one in screened.stale(session, on=on):
        number = list(ListSource).index(one.source) + 1
        yield Item("old_list", number, None, one.source.value, None,
                   business_date(one.loaded_at), None, None, "EUR", {})  # fmt: skip
