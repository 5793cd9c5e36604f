"""Treasury: the position, orders against the bank, the house's limits of payouts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.agreeing.deeds.house import SetPayoutLimits
from cessio.banking import queries as bank
from cessio.cash import queries as cash
from cessio.funding import queries
from cessio.funding.queries.inflows import DueWeek, due_weeks
from cessio.funding.queries.outcomes import order_outcomes
from cessio.funding.queries.reconciling import (
    Settled,
    clearing,
    open_payouts,
    open_sums,
    sealed_sums,
    settled,
    stray_debits,
)
from cessio.funding.rules import DrawdownStateName as State
from cessio.house import Counted
from cessio.house import queries as house
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.plumbing import formats
from cessio.web.backoffice import lists
from cessio.web.backoffice.second import put
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, integer
from cessio.web.guards import proven, staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, At, Db, On, Sent, Who
from cessio.web.words import label

PATH = "/backoffice/funding"
SEE = staff(Permission.SEE_FUNDING)
LIMITS = ("per_payout", "per_payee_day", "per_person_day", "per_order")
#: Orders shown beside the bank, the latest first.
ORDERS = 20


@get(f"{PATH}/position", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_position(request: AnyRequest, session: Db, on: On) -> Response[Any]:
    """Cash now, what leaves today, what the bank owes an answer, what falls due by week."""
    return render(
        request, "backoffice/funding/show_position.html", positions=bank.positions(session),
        weeks=due_weeks(session, on=on), today=on,
        means=cash.means_balances(session),
        **_payouts(session), waiting=cash.unallocated(session), set_aside=cash.set_aside(session),
        gaps=bank.gaps(session), strays=stray_debits(session), due_bars=_due_bars,
    )  # fmt: skip


def _payouts(session: Session) -> dict[str, Any]:
    """What leaves by how far it is, in each currency; an order may be sealed and still ours."""
    sums: dict[State, dict[str, int]] = {}
    for (state, currency), (_count, minor) in open_sums(session).items():
        sums.setdefault(state, {})[currency] = minor
    sealed = sealed_sums(session)
    ordered = sums.get(State.ORDERED, {})
    return {
        "requested": sums.get(State.REQUESTED, {}), "granted": sums.get(State.GRANTED, {}),
        "sealed": sealed, "paid": sums.get(State.PAID, {}),
        "handed": {currency: left for currency, minor in ordered.items()
                   if (left := minor - sealed.get(currency, 0))},
    }  # fmt: skip


def _due_bars(weeks: list[DueWeek], currency: str) -> list[tuple[str, int]]:
    """The bars of one currency: a week's first day and month, and what falls due in it."""
    return [
        (formats.date(one.starts_on).rpartition("/")[0], one.open_minor)
        for one in weeks if one.currency == currency
    ]  # fmt: skip


@get(f"{PATH}/reconciliation", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_reconciliation(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """Each order against the bank, and everything that is not debited: the clearing account."""
    payouts = open_payouts(session)
    if wanted := lists.file_format(request):
        return _file(request, wanted, payouts, at)
    orders = bank.orders(session, before_id=lists.asked_number(request, "after"), limit=ORDERS + 1)
    ids = [one.order_id for one in orders[:ORDERS]]
    return render(
        request, "backoffice/funding/show_reconciliation.html", payouts=payouts,
        sums=open_sums(session), clearing=clearing(session), orders=orders[:ORDERS],
        outcomes=order_outcomes(session, ids), settled=settled(session, ids), nothing=Settled(),
        more=ids[-1] if len(orders) > ORDERS else None, strays=stray_debits(session),
        paid=State.PAID,
    )  # fmt: skip


@get(f"{PATH}/limits", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_limits(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """What one payout, account, person and order may carry, the cooling-off."""
    held = queries.limits_now(session)
    minors = (held.per_payout_minor, held.per_payee_day_minor, held.per_person_day_minor,
              held.per_order_minor)  # fmt: skip
    start = {
        name: lists.typed_amount(minor) if minor is not None else ""
        for name, minor in zip(LIMITS, minors, strict=True)
    }
    form = Form(**start, cooling_hours=str(held.cooling_hours))
    return _limits(request, session, signed, form, 200)


@post(f"{PATH}/limits", guards=[staff(Permission.MANAGE_SETTINGS), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def save_limits(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Ask for others; agreed, orders signed under the former ones and not sent are given up."""
    form = Form(submitted)
    minors = {f"{name}_minor": form.maybe(name, amount()) for name in LIMITS}
    hours = form.need("cooling_hours", integer(0, 720))
    if form.valid():
        try:
            return put(session, SetPayoutLimits(**minors, cooling_hours=hours), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _limits(request, session, signed, form, 422)


def _limits(
    request: AnyRequest, session: Db, signed: Who, form: Form, status: int
) -> Response[Any]:
    return render(
        request, "backoffice/funding/show_limits.html", status=status, form=form,
        cut_off=house.cut_offs(session)[Counted.PAYOUT],
        may_set=signed.may(Permission.MANAGE_SETTINGS),
    )  # fmt: skip


def _file(request: AnyRequest, wanted: str, payouts: list[Any], at: datetime) -> Response[Any]:
    columns = [
        Column(_("Client")), Column(_("Contract")), Column(_("Payment reference")),
        Column(_("Asked"), "datetime"), Column(_("State")), Column(_("Currency")),
        Column(_("Amount"), "money"),
    ]  # fmt: skip
    cells = (
        (one.client_name, one.contract_reference, one.end_to_end_id, one.requested_at,
         label(one.state), one.currency, one.amount_minor)
        for one in payouts
    )  # fmt: skip
    return export(request, wanted, "payouts-not-debited", columns, cells, at=at,
                  title=_("Not debited yet"))  # fmt: skip


HANDLERS = [show_position, show_reconciliation, show_limits, save_limits]
