"""Published reference rates: the value on a date is the last one published on or before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from cessio.contracts.models import IndexFixing
from cessio.contracts.rules import IndexName
from cessio.kernel.errors import NotFound
from cessio.kernel.rates import RateSeries


class FixingMissing(NotFound):
    """No value of the index was published on or before the date."""


@dataclass(frozen=True, slots=True)
class Fixing:
    """The value of an index from a date on; the latest recorded of that date."""

    index: IndexName
    fixed_on: date
    rate: Decimal
    source: str
    recorded_at: datetime
    recorded_by: str


def fixing_on(
    session: Session, index: IndexName, on: date, *, recorded_before: datetime | None = None
) -> Fixing:
    """The last fixing published on or before a date. Raises ``FixingMissing``."""
    model = IndexFixing
    row = session.scalars(
        _known(index, recorded_before)
        .where(model.fixed_on <= on)
        .order_by(model.fixed_on.desc(), model.recorded_at.desc())
        .limit(1)
    ).first()
    if row is None:
        raise FixingMissing(
            "fixing_missing", "no value of {index} is known on or before {on}",
            index=index.value, on=on.isoformat(),
        )  # fmt: skip
    return _view(row)


def fixings(
    session: Session, index: IndexName, *, from_on: date, to_on: date,
    recorded_before: datetime | None = None,
) -> tuple[Fixing, ...]:  # fmt: skip
    """Fixings of a period, both ends included, by date; the latest recorded of each date."""
    model = IndexFixing
    query = (
        _known(index, recorded_before)
        .ext(distinct_on(model.fixed_on))
        .where(model.fixed_on.between(from_on, to_on))
        .order_by(model.fixed_on, model.recorded_at.desc())
    )
    return tuple(_view(row) for row in session.scalars(query))


def fixing_series(
    session: Session, index: IndexName, *, from_on: date, to_on: date,
    recorded_before: datetime | None = None,
) -> RateSeries:  # fmt: skip
    """The rate of every day of a period. Raises ``FixingMissing`` if its first day has none."""
    first = fixing_on(session, index, from_on, recorded_before=recorded_before)
    later = fixings(session, index, from_on=from_on, to_on=to_on, recorded_before=recorded_before)
    return RateSeries.of(index.value, [(f.fixed_on, f.rate) for f in (first, *later)])


def _known(index: IndexName, before: datetime | None) -> Select[IndexFixing]:
    query = select(IndexFixing).where(IndexFixing.index_name == index.value)
    return query if before is None else query.where(IndexFixing.recorded_at < before)


def _view(row: IndexFixing) -> Fixing:
    return Fixing(IndexName(row.index_name), row.fixed_on, row.rate, row.source,
                  row.recorded_at, row.recorded_by)  # fmt: skip
