"""Recording published reference rates, one by one or from a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cessio import audit
from cessio.contracts import queries
from cessio.contracts.formats.fixings import FixingLine, at_line, receive_fixings
from cessio.contracts.models import IndexFixing
from cessio.contracts.queries import Fixing
from cessio.contracts.rules import IndexName
from cessio.kernel.calendar import business_date, half_year
from cessio.kernel.errors import Conflict, Invalid, Problems
from cessio.kernel.rates import RATE_STEP

#: No published reference rate was ever near these; beyond, a percent was read as a fraction.
LOWEST, HIGHEST = Decimal("-0.05"), Decimal("0.30")


@dataclass(frozen=True, slots=True)
class ImportedFixings:
    """What a file of fixings did: values recorded, and values known already."""

    recorded: int
    unchanged: int


def record_fixing(
    session: Session, *, index: IndexName, fixed_on: date, rate: Decimal, source: str, by: str,
    at: datetime,
) -> bool:  # fmt: skip
    """Record the value of an index from a date on; False if that value was known already.

    A correction is recorded beside the earlier value and holds from now on. ``rate`` is a
    fraction. Raises ``Problems``.
    """
    line = FixingLine(0, index, fixed_on, rate, source.strip())
    if faults := list(_faults(line, business_date(at))):
        raise Problems([*faults])
    return _record(session, [line], by=by, at=at) == 1


def import_fixings(
    session: Session, *, content: bytes, index: IndexName | None = None,
    source: str | None = None, by: str, at: datetime,
) -> ImportedFixings:  # fmt: skip
    """Record every value of a CSV file, or nothing: ``Problems`` names each faulty line.

    ``index`` and ``source`` are for files without such columns. Values are percentages, as they
    are published. A file sent twice records nothing the second time.
    """
    lines, found = receive_fixings(content, index=index, source=source)
    faults = list(found)
    today = business_date(at)
    for line in lines:
        faults += [at_line(line.line, fault) for fault in _faults(line, today)]
    if faults:
        raise Problems([*sorted(faults, key=lambda fault: fault.params.get("line", 0))])
    recorded = _record(session, lines, by=by, at=at)
    return ImportedFixings(recorded, len(lines) - recorded)


def _faults(line: FixingLine, today: date) -> Iterator[Invalid]:
    rate, fixed_on = line.rate, line.fixed_on
    if not rate.is_finite() or not LOWEST <= rate <= HIGHEST:
        yield Invalid("rate_out_of_range", "a reference rate lies between {low} and {high}",
                      field="rate", low=LOWEST, high=HIGHEST)  # fmt: skip
    elif rate != rate.quantize(RATE_STEP):
        yield Invalid("rate_too_precise", "the rate has more than six decimals", field="rate")
    if line.index is IndexName.LEGAL:
        yield from _legal_faults(fixed_on, today)
    elif fixed_on > today:
        yield _too_early(fixed_on)
    if not line.source.strip():
        yield Invalid("source_missing", "say where the value was published", field="source")


def _legal_faults(fixed_on: date, today: date) -> Iterator[Invalid]:
    """It holds for a half-year, and is published shortly before."""
    if fixed_on != half_year(fixed_on).start:
        yield Invalid("fixing_half_year", "the legal rate holds from 1 January or from 1 July",
                      field="fixed_on")  # fmt: skip
    elif fixed_on > half_year(today).stop:
        yield _too_early(fixed_on)


def _too_early(fixed_on: date) -> Invalid:
    return Invalid("fixing_in_future", "{fixed_on} is in the future", field="fixed_on",
                   fixed_on=fixed_on.isoformat())  # fmt: skip


def _record(session: Session, lines: Sequence[FixingLine], *, by: str, at: datetime) -> int:
    """Insert what differs from what is known; returns how many."""
    known = _known(session, lines)
    fresh = [
        line for line in lines
        if (fixing := known.get((line.index, line.fixed_on))) is None or fixing.rate != line.rate
    ]  # fmt: skip
    for line in fresh:
        _refuse_same_instant(known.get((line.index, line.fixed_on)), at)
    rows = [
        {"index_name": line.index.value, "fixed_on": line.fixed_on, "rate": line.rate,
         "source": line.source.strip(), "recorded_at": at, "recorded_by": by}
        for line in fresh
    ]  # fmt: skip
    if not rows:
        return 0
    model = IndexFixing
    ids = session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows)
    facts = [
        audit.Fact(verb="record_fixing", subject_kind="index_fixing", subject_id=fixing_id,
                   after={k: row[k] for k in ("index_name", "fixed_on", "rate", "source")})
        for fixing_id, row in zip(ids.all(), rows, strict=True)
    ]  # fmt: skip
    audit.record_all(session, facts=facts, by=by, at=at)
    return len(rows)


def _known(session: Session, lines: Sequence[FixingLine]) -> dict[tuple[IndexName, date], Fixing]:
    """What is known of the indexes and dates of some lines."""
    known: dict[tuple[IndexName, date], Fixing] = {}
    for index in {line.index for line in lines}:
        dates = [line.fixed_on for line in lines if line.index is index]
        found = queries.fixings(session, index, from_on=min(dates), to_on=max(dates))
        known.update({(index, fixing.fixed_on): fixing for fixing in found})
    return known


def _refuse_same_instant(known: Fixing | None, at: datetime) -> None:
    """Two values of one date recorded at one instant: nobody could say which holds."""
    if known is not None and known.recorded_at >= at:
        raise Conflict(
            "fixing_recorded_later", "{index} of {fixed_on} was recorded at a later instant",
            index=known.index.value, fixed_on=known.fixed_on.isoformat(),
        )  # fmt: skip
