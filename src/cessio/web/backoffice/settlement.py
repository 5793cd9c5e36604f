"""Settlement and close: daily runs, closed days, retention funds, what financing costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import closing
from cessio.closing import queries as closing_queries
from cessio.contracts import queries as contracts
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import month_end, month_start
from cessio.kernel.errors import CessioError
from cessio.settlement import queries, run_day
from cessio.web.actors import actors
from cessio.web.backoffice.lists import asked_day, asked_number, file_format, in_order
from cessio.web.exports import Column, export
from cessio.web.forms import Form, day
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, On, Sent, Who
from cessio.web.words.settlement import charge_name, step_name

PATH = "/backoffice/settlement"
#: Commissions looked through for the months that can be shown.
CHARGES = 2_000
SEE = staff(Permission.SEE_LEDGER)


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_runs(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """The last days: what was settled on each, and which are closed."""
    return _runs(request, session, signed, Form(on=on), 200)


@post(f"{PATH}/runs", guards=[staff(Permission.SETTLE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def settle(request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent) -> Response[Any]:
    """Settle a day by hand: what was done before stays, what was missed is done."""
    form = Form(submitted)
    on = form.need("on", day())
    if form.valid():
        try:
            with session.begin_nested():
                steps = run_day(session, on=on, by=signed.by, at=at)
            return redirect(
                PATH, N_("{on} is settled: {done} steps done, {before} done before."),
                on=on.strftime("%d/%m/%Y"), done=sum(not one.again for one in steps),
                before=sum(one.again for one in steps),
            )  # fmt: skip
        except CessioError as error:
            form.refuse(error, "on")
    return _runs(request, session, signed, form, 422)


@post(f"{PATH}/closings", guards=[staff(Permission.CLOSE_PERIODS)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def close(request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent) -> Response[Any]:
    """Close a settled day: its figures are kept and its entries sealed."""
    form = Form(submitted)
    on = form.need("on", day())
    if form.valid():
        try:
            with session.begin_nested():
                done = closing.close_day(session, on=on, by=signed.by, at=at)
            return redirect(
                PATH, N_("{on} is closed: {entries} entries are sealed."),
                on=done.on.strftime("%d/%m/%Y"), entries=done.entry_count,
            )  # fmt: skip
        except CessioError as error:
            form.refuse(error, "on")
    return _runs(request, session, signed, form, 422)


@get(f"{PATH}/funds", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_funds(request: AnyRequest, session: Db, at: At, on: On) -> Response[Any]:
    """Every retention fund: what it holds and should hold, what is due back or missing."""
    rows = queries.funds(session, on=on, terms=contracts.terms_of_all(session, on))
    names = {one.id: one.client_name for one in contracts.contracts(session)}
    rows = in_order(request, rows, {
        "client": lambda row: names[row.contract_id].casefold(),
        "balance": lambda row: row.balance_minor, "target": lambda row: row.target_minor,
        "release": lambda row: row.release_minor, "missing": lambda row: row.missing_minor,
    })  # fmt: skip
    if wanted := file_format(request):
        columns = [
            Column(_("Client")), Column(_("Contract")), Column(_("Currency")),
            Column(_("Balance"), "money"), Column(_("Target"), "money"),
            Column(_("To give back"), "money"), Column(_("Missing"), "money"),
        ]  # fmt: skip
        cells = (
            (names[row.contract_id], row.reference, row.currency, row.balance_minor,
             row.target_minor, row.release_minor, row.missing_minor) for row in rows
        )  # fmt: skip
        return export(
            request, wanted, "retention-funds", columns, cells, at=at, title=_("Retention funds")
        )
    return render(
        request, "backoffice/settlement/list_funds.html", rows=rows, names=names, on=on,
        month_end=month_end(on),
    )  # fmt: skip


@get(f"{PATH}/financing", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_financing(request: AnyRequest, session: Db, at: At, on: On) -> Response[Any]:
    """The commissions charged, and the days of a contract's month one by one."""
    agreements = contracts.contracts(session)
    wanted = asked_number(request, "contract")
    chosen = next((one for one in agreements if one.id == wanted), None)
    month = month_start(asked_day(request, "month") or on)
    days = queries.financing_days(
        session, contract_id=chosen.id, from_on=month, to_on=month_end(month)
    ) if chosen else []  # fmt: skip
    charges = queries.charges(session, contract_id=chosen.id if chosen else None, limit=CHARGES)
    periods = sorted({month_start(one.from_on) for one in charges}, reverse=True)
    period = asked_day(request, "period")
    shown = period if period in periods else next(iter(periods), None)
    if chosen is None:
        charges = [one for one in charges if month_start(one.from_on) == shown]
    names = {one.id: one.client_name for one in agreements}
    charges = in_order(request, charges, {
        "client": lambda one: names[one.contract_id].casefold(), "period": lambda one: one.from_on,
        "kind": lambda one: str(charge_name(one.kind)), "amount": lambda one: one.amount_minor,
    })  # fmt: skip
    if file := file_format(request):
        columns = [
            Column(_("Client")), Column(_("Contract")), Column(_("From"), "date"),
            Column(_("To"), "date"), Column(_("Kind")), Column(_("Interest numbers"), "money"),
            Column(_("Amount"), "money"), Column(_("Currency")),
        ]  # fmt: skip
        cells = (
            (names[row.contract_id], row.reference, row.from_on, row.to_on, charge_name(row.kind),
             row.interest_numbers_minor, row.amount_minor, row.currency) for row in charges
        )  # fmt: skip
        return export(
            request, file, "financing", columns, cells, at=at, title=_("Commissions charged")
        )
    return render(
        request, "backoffice/settlement/show_financing.html", chosen=chosen, month=month,
        days=days, charges=charges, periods=periods[:6], shown=shown, totals=_totals(charges),
        hundred=Decimal(100),
        agreements=[(str(one.id), f"{one.client_name} ({one.reference})") for one in agreements],
        names=names, charge_name=charge_name,
        before=month_start(month - timedelta(days=1)), after=month_end(month) + timedelta(days=1),
    )  # fmt: skip


def _totals(charges: Sequence[queries.ChargeView]) -> dict[str, tuple[int, int]]:
    """Interest numbers and commissions of what is shown, by currency."""
    totals: dict[str, tuple[int, int]] = {}
    for one in charges:
        numbers, minor = totals.get(one.currency, (0, 0))
        totals[one.currency] = numbers + one.interest_numbers_minor, minor + one.amount_minor
    return totals


def _runs(
    request: AnyRequest, session: Session, signed: Signed, form: Form, status: int
) -> Response[Any]:
    steps = queries.runs(session, limit=150)
    closed = {one.on: one for one in closing_queries.closed_days(session, limit=60)}
    days: list[tuple[date, list[queries.RunView]]] = [
        (on, list(group)) for on, group in groupby(steps, key=lambda one: one.on)
    ][:21]
    by = [step.done_by for _on, group in days for step in group]
    return render(
        request, "backoffice/settlement/show_runs.html", status=status, form=form, days=days,
        closed=closed, last_closed=closing_queries.last_closed(session), step_name=step_name,
        names=actors(session, [*by, *(one.closed_by for one in closed.values())]),
        seals=closing_queries.seals(session, limit=6),
        may_settle=signed.may(Permission.SETTLE), may_close=signed.may(Permission.CLOSE_PERIODS),
    )  # fmt: skip


HANDLERS = [show_runs, settle, close, list_funds, show_financing]
