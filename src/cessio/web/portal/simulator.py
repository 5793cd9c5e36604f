"""The simulator: what a remittance, a limit or another day would cost or bring.

Everything asked for stands in the address, so that a simulation can be passed on within the firm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.limits import NewLimit
from cessio.plumbing.i18n import gettext as _
from cessio.plumbing.i18n import lazy
from cessio.receivables import queries
from cessio.web.exports import Column, export
from cessio.web.forms import Form, Submitted, amount, chosen, day, integer
from cessio.web.guards import client_user
from cessio.web.portal.scope import Scope, scope_of
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, CountsOn, Db, On, Who
from cessio.web.simulating import Kept, Sale, Sold, keep, sell
from cessio.web.what_if import LimitEffect, limit_effect

Found = Sold | LimitEffect | Kept
#: What of the address belongs to the form.
FIELDS = frozenset({"what", "debtor", "count", "amount", "due_on", "days"})
#: More invoices than this are not simulated one by one.
MOST_INVOICES = 500


class What(StrEnum):
    """What is tried."""

    REMITTANCE = "remittance"
    LIMIT = "limit"
    EARLIER = "earlier"
    LATER = "later"


WORDS = {
    What.REMITTANCE: lazy("Assign invoices"), What.LIMIT: lazy("Another limit"),
    What.EARLIER: lazy("Repay earlier"), What.LATER: lazy("Draw later"),
}  # fmt: skip


@get("/portal/costs/simulator", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def simulate(
    request: AnyRequest, session: Db, signed: Who, on: On, at: At, counts_on: CountsOn
) -> Response[Any]:
    """Try something; nothing is written."""
    scope = scope_of(request, session, signed)
    asked = {
        key: (value,) for key, value in request.query_params.items() if key in FIELDS and value
    }  # fmt: skip
    form = Form(Submitted(asked), count="1", days="10")
    what = (form.maybe("what", chosen(What)) if "what" in asked else None) or What.REMITTANCE
    found = None
    if asked.keys() - {"what"}:
        found = _tried(session, scope, form, what, (on, counts_on))
    if found is not None and request.query_params.get("format"):
        return _export(request, scope, found, at)
    rows = queries.debtor_standings(session, contract_id=scope.contract.id, on=on)
    debtors = [(row.debtor.debtor_id, row.debtor.name) for row in rows]
    return render(
        request, "portal/costs/simulator.html", status=200 if not form.faults else 422,
        scope=scope, form=form, what=what, tabs=[(one.value, str(WORDS[one])) for one in What],
        debtors=sorted(debtors, key=lambda pair: pair[1].casefold()), found=found, on=on,
        address=f"/portal/costs/simulator?contract={scope.contract.id}",
    )  # fmt: skip


def _tried(
    session: Session, scope: Scope, form: Form, what: What, days: tuple[date, date]
) -> Found | None:
    on, counts_on = days
    try:
        match what:
            case What.REMITTANCE:
                sale = _sale(form, scope, on)
                if sale and sale.debtor_id:
                    _check_known(session, scope, sale.debtor_id, on)
                return sell(session, sale, on=on, counts_on=counts_on) if sale else None
            case What.LIMIT:
                limit = _limit(form, scope, session, on)
                return limit_effect(session, limit, on) if limit else None
            case _:
                return _kept(session, scope, form, what, on)
    except CessioError as error:
        form.refuse(error)
        return None


def _sale(form: Form, scope: Scope, on: date) -> Sale | None:
    debtor_id = form.maybe("debtor", integer(1))
    count = form.need("count", integer(1, MOST_INVOICES))
    minor = form.need("amount", amount(scope.currency))
    due_on = form.need("due_on", day())
    if form.valid() and due_on < on:
        form.refuse(CessioError("simulated_due", "an invoice of today is due today at the earliest",
                                field="due_on"))  # fmt: skip
    if not form.valid():
        return None
    return Sale(contract_id=scope.contract.id, debtor_id=debtor_id, count=count,
                amount_minor=minor, due_on=due_on)  # fmt: skip


def _limit(form: Form, scope: Scope, session: Session, on: date) -> NewLimit | None:
    debtor_id = form.need("debtor", integer(1))
    minor = form.need("amount", amount(scope.currency, minimum_minor=0))
    if not form.valid():
        return None
    _check_known(session, scope, debtor_id, on)
    return NewLimit(contract_id=scope.contract.id, debtor_id=debtor_id, amount_minor=minor)


def _check_known(session: Session, scope: Scope, debtor_id: int, on: date) -> None:
    """Raise ``NotFound`` for a debtor that the contract does not know."""
    queries.debtor_standing(session, contract_id=scope.contract.id, debtor_id=debtor_id, on=on)


def _kept(session: Session, scope: Scope, form: Form, what: What, on: date) -> Kept | None:
    minor = form.need("amount", amount(scope.currency))
    days = form.need("days", integer(1, 366))
    if not form.valid():
        return None
    return keep(session, contract_id=scope.contract.id, amount_minor=minor, days=days,
                later=what is What.LATER, on=on)  # fmt: skip


def _export(request: AnyRequest, scope: Scope, found: Found, at: datetime) -> Response[bytes]:
    """The table of a simulation: lines of the availability, invoices of a limit, or the sum."""
    rows: Sequence[tuple[object, ...]]
    if isinstance(found, Kept):
        columns = [_money(_("Amount"), scope), Column(_("Days"), "number"),
                   Column(_("Rate"), "rate"), _money(_("Saved"), scope)]  # fmt: skip
        rows = [(found.amount_minor, found.days, found.rate, found.saved_minor)]
    else:
        columns = [Column(_("What")), _money(_("Now"), scope), _money(_("Then"), scope),
                   _money(_("Difference"), scope)]  # fmt: skip
        rows = _lines(found)
    return export(request, request.query_params["format"], "simulation", columns, rows, at=at,
                  title=_("Simulation"))  # fmt: skip


def _money(name: str, scope: Scope) -> Column:
    return Column(name, "money", scope.currency)


def _lines(found: Sold | LimitEffect) -> list[tuple[object, ...]]:
    if isinstance(found, LimitEffect):
        return [
            (one.number, one.before_minor, one.after_minor, one.after_minor - one.before_minor)
            for one in found.preview.changes
        ]
    rows: list[tuple[object, ...]] = [
        (one.words, one.before_minor, one.after_minor, one.delta_minor) for one in found.changes
    ]
    if found.cost is not None:
        cost = found.cost.commission_minor
        rows.append((_("Financing until your debtors are due to pay"), 0, cost, cost))
    return rows


HANDLERS = [simulate]
