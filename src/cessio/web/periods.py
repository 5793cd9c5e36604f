"""The period that a statement's page is about: in its address, or this month."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from cessio.kernel.calendar import add_months, month_end, month_start
from cessio.plumbing import formats
from cessio.web.forms import Form, Submitted, day
from cessio.web.render import _
from cessio.web.requests import AnyRequest


def asked_period(request: AnyRequest, on: date) -> tuple[Form, date, date]:
    """``from`` and ``to`` of the address; by default from the first of the month to today.

    The days mean nothing unless the form is valid.
    """
    asked = request.query_params
    fields = {
        "from": asked.get("from") or on.replace(day=1).isoformat(),
        "to": asked.get("to") or on.isoformat(),
    }
    form = Form(Submitted({name: (value,) for name, value in fields.items()}))
    return form, form.need("from", day()), form.need("to", day())


def period_query(request: AnyRequest, start: date, end: date) -> str:
    """The period, and the contract if one was chosen, as an address carries them on."""
    chosen = request.query_params.get("contract")
    kept = {"contract": chosen} if chosen else {}
    return urlencode({"from": start.isoformat(), "to": end.isoformat(), **kept})


def usual_periods(on: date) -> list[tuple[str, date, date]]:
    """The last three months, and the year."""
    months = (add_months(month_start(on), -back) for back in (1, 2, 3))
    found = [(formats.month(first), first, month_end(first)) for first in months]
    return [*found, (_("Since 1 January"), date(on.year, 1, 1), on)]
