"""The working days of the house: what the law and the banks close, and what we close besides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio import house
from cessio.house import Counted, CutOff, queries, rules
from cessio.house.operations import CALENDAR
from cessio.house.rules import ClosedBecause, Place
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import ONE_DAY, add_years, days, easter, is_business_day, value_date
from cessio.kernel.errors import CessioError, NotFound, Problems
from cessio.web import knowing
from cessio.web.actors import actors
from cessio.web.backoffice.lists import file_format
from cessio.web.backoffice.settings.common import PATH, SEE, SET, told
from cessio.web.exports import Column, export
from cessio.web.forms import Form, chosen, day, text, time_of_day
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, On, Sent, Who
from cessio.web.words import label

HOME = f"{PATH}/calendar"


@dataclass(frozen=True, slots=True)
class Closed:
    """A day without work that is no weekend."""

    day: date
    because: ClosedBecause
    name: str
    by: str | None
    may_open: bool


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_calendar(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """The days of a year on which nothing is valued, and why."""
    year = _year(request, on)
    if wanted := file_format(request):
        columns = [Column(_("Day"), "date"), Column(_("Why")), Column(_("Name"))]
        cells = ((one.day, label(one.because), one.name) for one in _closed(session, year, on))
        return export(request, wanted, f"calendar-{year}", columns, cells, at=at,
                      title=_("Working days"))  # fmt: skip
    return _page(request, session, signed, on, year, Form())


@post(HOME, guards=[SET], include_in_schema=False, sync_to_thread=True)
def close_house_day(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Do not work on a day to come."""
    form = Form(submitted)
    closed = form.need("day", day())
    name = form.need("label", text(80))
    if form.valid():
        try:
            with session.begin_nested():
                house.close_day(session, day=closed, label=name, by=signed.by, at=at)
            knowing.forget()
            return redirect(f"{HOME}?year={closed.year}", N_("The house is closed that day."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, _year(request, on), form, status=422)


@post(f"{HOME}/cut-offs/{{name:str}}", guards=[SET], include_in_schema=False, sync_to_thread=True)
def set_day_cut_off(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    name: FromPath[str],
) -> Response[Any]:  # fmt: skip
    """Say until when something counts for the day; an empty time gives up the house's own."""
    if name not in set(Counted):
        raise NotFound("cut_off_unknown", "there is no such cut-off")
    form = Form(submitted)
    local = form.maybe(f"{name}_until", time_of_day())
    place = form.need(f"{name}_place", chosen(Place))
    if form.valid():
        try:
            with session.begin_nested():
                house.set_cut_off(session, what=Counted(name), by=signed.by, at=at,
                                  cut_off=CutOff(local, place) if local else None)  # fmt: skip
            return redirect(f"{HOME}#cut-offs", N_("This cut-off holds from now on."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, _year(request, on), form, status=422)


@post(f"{HOME}/open", guards=[SET], include_in_schema=False, sync_to_thread=True)
def open_house_day(session: Db, signed: Who, at: At, submitted: Sent) -> Response[Any]:
    """Work on a day to come after all."""
    form = Form(submitted)
    opened = form.need("day", day())
    if not form.valid():
        raise Problems(form.faults)
    house.open_day(session, day=opened, by=signed.by, at=at)
    knowing.forget()
    return redirect(f"{HOME}?year={opened.year}", N_("The house works that day."))


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: date, year: int, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    rows = _closed(session, year, on)
    return render(
        request, "backoffice/settings/show_calendar.html", status=status, year=year, rows=rows,
        form=form, years=[(str(one), str(one)) for one in range(on.year - 1, on.year + 4)],
        names=actors(session, [one.by for one in rows]), told=told(session, *CALENDAR),
        business_days=sum(map(is_business_day, days(date(year, 1, 1), date(year + 1, 1, 1)))),
        examples=[(value, value_date(on, value)) for value in (0, 1, 2, -1)], on=on,
        may_set=signed.may(Permission.MANAGE_SETTINGS),
        cut_offs=_cut_offs(session, form), places=[(one.value, label(one)) for one in Place],
        first=on + ONE_DAY, last=add_years(on, rules.YEARS_AHEAD),
    )  # fmt: skip


def _cut_offs(session: Session, sent: Form) -> list[tuple[Counted, CutOff | None, Form]]:
    """Each cut-off as it holds, and the form that changes it."""
    held = queries.cut_offs(session)
    found = []
    for what in Counted:
        now = held.get(what)
        form = sent if f"{what}_place" in sent.submitted.fields else Form(
            **{f"{what}_until": now.local.isoformat("minutes") if now else "",
               f"{what}_place": now.place if now else Place.PARIS}
        )  # fmt: skip
        found.append((what, now, form))
    return found


def _closed(session: Session, year: int, on: date) -> list[Closed]:
    own = {
        one.day: one
        for one in queries.own_days(session, from_on=date(year, 1, 1), to_on=date(year, 12, 31))
    }
    names = {known: one.label for known, one in own.items()}
    found = []
    for each in days(date(year, 1, 1), date(year + 1, 1, 1)):
        because = rules.closed_because(each, names)
        if because in (None, ClosedBecause.WEEKEND):
            continue
        mine = own.get(each) if because is ClosedBecause.OWN else None
        found.append(
            Closed(each, because, mine.label if mine else _named(each),
                   mine.set_by if mine else None, mine is not None and each > on)
        )  # fmt: skip
    return found


def _named(on: date) -> str:
    """What a bank holiday is called; Easter's move with the year."""
    fixed = {
        (1, 1): N_("New Year’s Day"), (5, 1): N_("Labour Day"), (5, 8): N_("Victory of 1945"),
        (7, 14): N_("Bastille Day"), (8, 15): N_("Assumption"), (11, 1): N_("All Saints’ Day"),
        (11, 11): N_("Armistice of 1918"), (12, 25): N_("Christmas Day"),
        (12, 26): N_("Day after Christmas"),
    }  # fmt: skip
    moving = {
        -2: N_("Good Friday"), 1: N_("Easter Monday"), 39: N_("Ascension Day"),
        50: N_("Whit Monday"),
    }  # fmt: skip
    after = (on - easter(on.year)).days
    return _(fixed.get((on.month, on.day)) or moving.get(after) or N_("Closed"))


def _year(request: AnyRequest, on: date) -> int:
    asked = request.query_params.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == len("2026") else on.year
    return year if 2000 <= year <= on.year + 5 else on.year


HANDLERS = [show_calendar, close_house_day, set_day_cut_off, open_house_day]
