"""Keeping what reminding brought by the end of a day: a page does not add up a million invoices."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.collections.models import CollectionFigures
from cessio.collections.queries.results import TOGETHER, USUAL, Result, ResultsBy, results


def keep_results(session: Session, *, on: date, at: datetime) -> int:
    """Keep the results of the usual period that ends with a day; returns how many lines.

    What is kept stays as it is: run twice, nothing changes.
    """
    first = on - USUAL
    figures = {
        by or TOGETHER: [
            _told(one) for one in results(session, by=by, from_on=first, to_on=on, on=on)
        ]
        for by in (None, *ResultsBy)
    }
    row = {"day": on, "from_on": first, "figures": figures, "kept_at": at}
    session.execute(insert(CollectionFigures).on_conflict_do_nothing(), row)
    return sum(map(len, figures.values()))


def _told(one: Result) -> dict[str, Any]:
    days = {
        name: None if value is None else str(value)
        for name, value in (("days_before", one.days_before), ("days_since", one.days_since))
    }
    return asdict(one) | days
