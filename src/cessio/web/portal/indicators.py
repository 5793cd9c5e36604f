"""How the client's debtors pay: its indicators, the ones it chose, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import preferences
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.plumbing.i18n import gettext as _
from cessio.plumbing.i18n import lazy
from cessio.reporting.queries import Indicators, indicators
from cessio.reporting.queries.indicators import MONTHS, WEEKS_AHEAD, WEEKS_BACK
from cessio.reporting.rules import Indicator, RateMonth, late_payment_ratio, ratio
from cessio.web.forms import Form, integer
from cessio.web.guards import client_user
from cessio.web.portal.scope import Scope, scope_of
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, Db, On, Sent, Who

PAGE = "/portal/indicators"
CHOICE = f"{PAGE}/choice"
#: Debtors named one by one; the rest is one line.
NAMED = 8

#: What each says, where one chooses.
SAYS = {
    Indicator.DSO: lazy("How many days of sales are unpaid, month by month."),
    Indicator.AGED_BALANCE: lazy("What is owed to you, by how late it is."),
    Indicator.PAYMENT_RATES: lazy(
        "What share of a month's invoices is paid within 30, 60 and 90 days of the due date."
    ),
    Indicator.DELAY_BY_AMOUNT: lazy("How late small and large invoices are paid."),
    Indicator.DILUTION: lazy("What credit notes and short payments take off your invoices."),
    Indicator.CONCENTRATION: lazy("How much of it all a few debtors owe."),
    Indicator.FORECAST: lazy("What was likely to come in each week, what came, what is to come."),
}


@get(PAGE, guards=[client_user(Permission.OWN_SEE)], include_in_schema=False, sync_to_thread=True)
def show_indicators(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """The figures a reader chose on top, each explained and drawn below."""
    scope = scope_of(request, session, signed)
    return indicators_page(
        request, session, scope, on=on, chosen=_chosen(session, signed.person_id)
    )


def indicators_page(
    request: AnyRequest, session: Session, scope: Scope, *, on: date, chosen: Sequence[Indicator]
) -> Response[Any]:
    """The same page for whoever may read it."""
    found = indicators(session, contract_id=scope.contract.id, on=on)
    named = found.debtors[:NAMED]
    return render(
        request, "portal/indicators/show_indicators.html", scope=scope, found=found, on=on,
        chosen=chosen, months=MONTHS, parts=Indicator,
        overdue=late_payment_ratio(found.aged), rate_month=_last_final(found, on), named=named,
        share=ratio,
        others_minor=found.outstanding_minor - sum(one.open_minor for one in named),
        sales=[(f"{one.first:%m/%y}", one.net_minor) for one in reversed(found.sales)],
        coming=[(_week(one.monday), one.expected_minor) for one in found.forecast.coming],
        past_labels=[_week(one.monday) for one in found.forecast.past],
        past_series=[
            (_("Expected"), [one.expected_minor for one in found.forecast.past], "dashed"),
            (_("Received"), [one.collected_minor for one in found.forecast.past]),
        ],
        weeks=(WEEKS_BACK, WEEKS_AHEAD),
    )  # fmt: skip


@get(CHOICE, guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def edit_choice(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Which indicators, and in what order."""
    chosen = _chosen(session, signed.person_id)
    places = {one.value: str(chosen.index(one) + 1) if one in chosen else "" for one in Indicator}
    return render(request, "portal/indicators/edit_choice.html", form=Form(**places), says=SAYS)


@post(CHOICE, guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def save_choice(request: AnyRequest, session: Db, signed: Who, submitted: Sent) -> Response[Any]:
    """Keep the choice: by place, those without one left out."""
    form = Form(submitted)
    places = {one: form.maybe(one.value, integer(1, len(Indicator))) for one in Indicator}
    if form.valid():
        placed = [(place, one) for one, place in places.items() if place]
        try:
            preferences.keep_order(
                session, person_id=signed.person_id, page=PAGE,
                parts=[one.value for _place, one in sorted(placed, key=lambda pair: pair[0])],
            )  # fmt: skip
            return redirect(PAGE, N_("Your indicators are saved."))
        except CessioError as error:
            form.refuse(error)
    return render(request, "portal/indicators/edit_choice.html", status=422, form=form, says=SAYS)


def _chosen(session: Db, person_id: int) -> Sequence[Indicator]:
    """The indicators of a reader; all of them until they choose."""
    kept = preferences.kept_order(session, person_id=person_id, page=PAGE)
    return [Indicator(one) for one in kept if one in set(Indicator)] or list(Indicator)


def _last_final(found: Indicators, on: date) -> tuple[RateMonth, Decimal] | None:
    """The latest month whose share paid within 30 days nothing changes any more."""
    for month in found.rates:
        share = month.share(30)
        if share is not None and month.is_final(30, on):
            return month, share
    return None


def _week(monday: date) -> str:
    return f"{monday:%d/%m}"


HANDLERS = [show_indicators, edit_choice, save_choice]
