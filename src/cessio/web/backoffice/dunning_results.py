"""What reminding brought, by plan, collector or segment, each figure with its definition."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.collections.queries.results import (
    HABIT_DAYS,
    USUAL,
    KeptResults,
    Result,
    ResultsBy,
    kept_results,
    results,
)
from cessio.identity import Permission
from cessio.kernel.calendar import ONE_DAY
from cessio.parties import Segment
from cessio.web.backoffice import lists
from cessio.web.exports import Column, export
from cessio.web.guards import staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, At, Db, On
from cessio.web.words import label

HOME = "/backoffice/collections/results"
#: The longest period told of.
LONGEST = timedelta(days=366)


@get(HOME, guards=[staff(Permission.SEE_RECEIVABLES)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_results(request: AnyRequest, session: Db, at: At, on: On) -> Response[Any]:
    """Recovery and delay since the first reminder; a file has the same lines.

    Of the usual period as it stood last night; of days that are asked for, as it stands now.
    """
    by = lists.asked_choice(request, "by", ResultsBy) or ResultsBy.PLAN
    kept = _kept(request, session, on)
    start, end = (kept.from_on, kept.day) if kept else _period(request, on)

    def found(by: ResultsBy | None) -> tuple[Result, ...]:
        if kept:
            return kept.of(by)
        return results(session, by=by, from_on=start, to_on=end, on=on)

    rows = found(by)
    if file_format := lists.file_format(request):
        return export(request, file_format, "collection-results", _columns(by),
                      [_cells(by, one) for one in rows], at=at,
                      title=_("Results of collection"))  # fmt: skip
    return render(
        request, "backoffice/collections/show_results.html", by=by, start=start, end=end, kept=kept,
        rows=[(_name(by, one.key), one) for one in rows], habit=HABIT_DAYS,
        totals=found(None),
        kinds=[(one.value, label(one)) for one in ResultsBy],
    )  # fmt: skip


def _kept(request: AnyRequest, session: Session, on: date) -> KeptResults | None:
    """What was kept last night, unless days are asked for."""
    if lists.asked_day(request, "from") or lists.asked_day(request, "to"):
        return None
    return kept_results(session, day=on - ONE_DAY)


def _period(request: AnyRequest, on: date) -> tuple[date, date]:
    """The days of first reminders, in order and no longer than a year."""
    end = min(lists.asked_day(request, "to") or on, on)
    start = lists.asked_day(request, "from") or end - USUAL
    return max(min(start, end), end - LONGEST), end


def _name(by: ResultsBy, key: str | None) -> str:
    if key is None:
        return _("Nobody in charge")
    return label(Segment(key)) if by is ResultsBy.SEGMENT else key


def _columns(by: ResultsBy) -> list[Column]:
    return [
        Column(label(by)), Column(_("Invoices reminded of"), "number"), Column(_("Currency")),
        Column(_("Reminded of"), "money"), Column(_("Received since"), "money"),
        Column(_("Recovery rate"), "rate"), Column(_("Days late before"), "number"),
        Column(_("Days late since"), "number"), Column(_("Days gained"), "number"),
    ]  # fmt: skip


def _cells(by: ResultsBy, one: Result) -> tuple[Any, ...]:
    return (
        _name(by, one.key), one.count, one.currency, one.reminded_minor, one.received_minor,
        one.rate, one.days_before, one.days_since, one.days_gained,
    )  # fmt: skip


HANDLERS = [show_results]
