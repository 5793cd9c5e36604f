"""Funding: draw, follow, cancel."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

from litestar import Response, get, post

from cessio.contracts import terms_in_force
from cessio.contracts.queries import FixingMissing
from cessio.funding import cancel_drawdown, request_drawdown
from cessio.funding import queries as funding
from cessio.funding.operations import Foreseen, foresee_drawdown
from cessio.funding.queries.listing import (
    DrawdownFilter,
    DrawdownOrder,
    drawdown_totals,
    listed_drawdowns,
)
from cessio.funding.queries.paid import paid_days
from cessio.funding.rules import Availability, DrawdownStateName, RefusalReason, Refused
from cessio.house import Counted, counted_on
from cessio.house import queries as house
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.plumbing import formats
from cessio.statements.formats.words import BANK_SAYS
from cessio.web.backoffice import lists
from cessio.web.exports import Column, export
from cessio.web.forms import Form, Submitted, amount, integer, text
from cessio.web.guards import client_user, proven_by_code
from cessio.web.portal.scope import Scope, client_of, paging, scope_of
from cessio.web.portal.standing import standing_in_words
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.rows import every_row
from cessio.web.words import label


@get("/portal/funding", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_drawdowns(request: AnyRequest, session: Db, signed: Who, on: On, at: At) -> Response[Any]:
    """What was asked and received, latest first, and the form to draw."""
    return _page(request, session, signed, on, at, Form(), 200)


@post("/portal/funding", guards=[client_user(Permission.OWN_DRAW), proven_by_code],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def draw(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Ask for money; the answer, with every reason, is the drawdown's page."""
    scope = scope_of(request, session, signed)
    form = Form(submitted)
    amount_minor = _asked_amount(form, scope)
    if not form.valid():
        return _page(request, session, signed, on, at, form, 422)
    try:
        answer = request_drawdown(
            session, contract_id=scope.contract.id, amount_minor=amount_minor, by=signed.by, at=at
        )
    except CessioError as error:
        form.refuse(error)
        return _page(request, session, signed, on, at, form, 422)
    return redirect(f"/portal/funding/{answer.drawdown_id}")


@get("/portal/funding/new", guards=[client_user(Permission.OWN_DRAW), proven_by_code],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def confirm_drawing(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """What drawing an amount costs and comes to, before it is asked for."""
    scope = scope_of(request, session, signed)
    named = {"amount", "all"} & set(request.query_params)
    form = Form(Submitted({name: (request.query_params[name],) for name in named}))
    if not named:
        return _page(request, session, signed, on, at, form, 200)
    amount_minor = _asked_amount(form, scope)
    try:
        seen = foresee_drawdown(
            session, contract_id=scope.contract.id, amount_minor=amount_minor, at=at
        ) if form.valid() else None  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        seen = None
    if seen is None:
        return _page(request, session, signed, on, at, form, 422)
    return render(
        request, "portal/funding/confirm_drawing.html", scope=scope, seen=seen,
        form=Form(amount=formats.typed_money(amount_minor, scope.currency)),
        cost=cost_of(session, scope, seen.found, on, seen.counts_on, amount_minor),
        refusals=_refusals(seen), cut_off=house.cut_offs(session)[Counted.PAYOUT],
    )  # fmt: skip


def _asked_amount(form: Form, scope: Scope) -> int:
    """The amount of a form to draw: as typed, or all that was shown, whatever was typed."""
    every = form.maybe("all", integer(1))
    if every is None:
        return form.need("amount", amount(scope.contract.currency))
    form.maybe("amount", text(40))
    return every


def _refusals(seen: Foreseen) -> list[RefusalReason]:
    if not isinstance(seen.decision, Refused):
        return []
    return [
        RefusalReason(one.code, {"currency": seen.currency, **one.params})
        for one in seen.decision.reasons
    ]  # fmt: skip


@get("/portal/funding/{drawdown_id:int}", guards=[client_user(Permission.OWN_SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_drawdown(request: AnyRequest, session: Db, signed: Who, drawdown_id: Id) -> Response[Any]:
    """One drawdown: its state, its life, and every reason if it was refused."""
    found = funding.drawdown_view(session, drawdown_id=drawdown_id, client_id=client_of(signed))
    life = funding.states_of(session, drawdown_id=drawdown_id)
    return render(
        request, "portal/funding/show_drawdown.html", found=found, life=life,
        reason=_reason(life[-1].reason) if life else None, states=DrawdownStateName,
        may_cancel=signed.may(Permission.OWN_DRAW)
        and found.state in (DrawdownStateName.REQUESTED, DrawdownStateName.GRANTED),
    )  # fmt: skip


@post(
    "/portal/funding/{drawdown_id:int}/cancellation",
    guards=[client_user(Permission.OWN_DRAW)],
    include_in_schema=False,
    sync_to_thread=True,
)
def cancel(session: Db, signed: Who, at: At, submitted: Sent, drawdown_id: Id) -> Response[Any]:
    """Take a drawdown back while it is not yet in a payment order."""
    form = Form(submitted)
    reason = form.maybe("reason", text(200)) or "client"
    cancel_drawdown(
        session, drawdown_id=drawdown_id, reason=reason, client_id=client_of(signed),
        by=signed.by, at=at,
    )  # fmt: skip
    return redirect(
        f"/portal/funding/{drawdown_id}", N_("Drawdown cancelled; the amount is available again.")
    )


def _reason(told: str | None) -> str | None:
    """The last state's reason in words: a bank's code by its meaning, else as it was written."""
    return str(BANK_SAYS[told]) if told in BANK_SAYS else told


def _page(
    request: AnyRequest, session: Db, signed: Who, on: On, at: At, form: Form, status: int
) -> Response[Any]:
    scope = scope_of(request, session, signed)
    wanted = _asked(request, scope)
    if (file_format := lists.file_format(request)) and status == 200:
        rows = every_row(lambda page: listed_drawdowns(session, page, wanted))
        return _export(request, session, scope, list(rows), file_format, at)
    counts_on = counted_on(session, what=Counted.PAYOUT, at=at)
    found = funding.availability(session, contract_id=scope.contract.id, on=on, counts_on=counts_on)
    page = listed_drawdowns(session, paging(request), wanted)
    return render(
        request, "portal/funding/list_drawdowns.html", status=status, scope=scope, found=found,
        page_of=page, form=form,
        paid=paid_days(session, [row.drawdown_id for row in page.rows]),
        totals=drawdown_totals(session, wanted),
        states=[(one.value, label(one)) for one in DrawdownStateName],
        cut_off=house.cut_offs(session)[Counted.PAYOUT], counts_on=counts_on,
        may_draw=signed.may(Permission.OWN_DRAW),
        cost=cost_of_all(session, scope, found, on, counts_on),
        standing=standing_in_words(session, scope, at),
    )  # fmt: skip


def _asked(request: AnyRequest, scope: Scope) -> DrawdownFilter:
    return DrawdownFilter(
        contract_id=scope.contract.id,
        state=lists.asked_choice(request, "state", DrawdownStateName),
        words=lists.asked_text(request, "q"), from_on=lists.asked_day(request, "from"),
        to_on=lists.asked_day(request, "to"),
        order=lists.asked_choice(request, "sort", DrawdownOrder) or DrawdownOrder.LATEST,
    )  # fmt: skip


def _export(
    request: AnyRequest, session: Db, scope: Scope, rows: list[funding.DrawdownView],
    file_format: str, at: At,
) -> Response[Any]:  # fmt: skip
    paid = paid_days(session, [row.drawdown_id for row in rows])
    columns = [
        Column(_("Asked on"), "date"), Column(_("Received on"), "date"), Column(_("State")),
        Column(_("Reference on your bank statement")), Column(_("Account")),
        Column(_("Amount"), "money", scope.currency),
    ]  # fmt: skip
    cells = (
        (row.requested_on, paid.get(row.drawdown_id), label(row.state), row.end_to_end_id,
         row.iban, row.amount_minor)
        for row in rows
    )  # fmt: skip
    return export(request, file_format, "funds", columns, cells, at=at, title=_("Funds received"))


def cost_of_all(
    session: Db, scope: Scope, found: Availability, on: date, counts_on: date
) -> funding.Quote | None:
    """What drawing all of it would cost until debtors are due to pay; none without a fixing."""
    if not found.payable_now_minor:
        return None
    return cost_of(session, scope, found, on, counts_on, found.payable_now_minor)


def cost_of(
    session: Db, scope: Scope, found: Availability, on: date, counts_on: date, amount_minor: int
) -> funding.Quote | None:
    """The same of an amount."""
    contract_id = scope.contract.id
    with suppress(FixingMissing):
        return funding.planned_cost(
            session, contract_id=contract_id, terms=terms_in_force(session, contract_id, on),
            amount_minor=amount_minor, in_use_minor=found.funds_in_use_minor, on=on,
            counted_on=counts_on,
        )  # fmt: skip
    return None


HANDLERS = [list_drawdowns, confirm_drawing, draw, show_drawdown, cancel]
