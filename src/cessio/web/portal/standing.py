"""The standing instruction of a contract: what it says, what it will do next, and what it did."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.contracts import terms_in_force
from cessio.funding import instruct
from cessio.funding import queries as funding
from cessio.funding.rules import Instruction, StandingMode
from cessio.funding.rules.standing import WEEKDAYS
from cessio.house import Counted
from cessio.house import queries as house
from cessio.identity import Permission
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError
from cessio.plumbing import formats
from cessio.plumbing.i18n import lazy
from cessio.web.actors import actors
from cessio.web.forms import Form, amount, chosen, day, integer
from cessio.web.guards import client_user, proven_by_code
from cessio.web.portal.scope import Scope, scope_of
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Sent, Who
from cessio.web.standing import next_in_words, said_in_words

PATH = "/portal/funding/standing"
MODES = (
    (StandingMode.OFF, lazy("You ask for each drawdown yourself.")),
    (StandingMode.DAILY, lazy("We send you what can be drawn, without being asked.")),
    (StandingMode.WEEKDAYS, lazy("The same, on the days ticked below only.")),
    (StandingMode.ABOVE, lazy("Only once what you can draw exceeds an amount.")),
)


@get(PATH, guards=[client_user(Permission.OWN_SEE)], include_in_schema=False, sync_to_thread=True)
def show_standing(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """What is drawn by itself, what the next run would do, and the form to change it."""
    scope = scope_of(request, session, signed)
    held = _held(session, scope, at)
    return _page(request, session, signed, scope, at, _form_of(held.said, scope.currency))


@post(PATH, guards=[client_user(Permission.OWN_DRAW), proven_by_code], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def give_standing(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Have money drawn so from the next run on; or first see what that would do."""
    scope = scope_of(request, session, signed)
    form = Form(submitted)
    only_look = form.flag("look")
    said = _read(form, scope.currency)
    if not form.valid():
        return _page(request, session, signed, scope, at, form, status=422)
    try:
        if only_look:
            return _page(request, session, signed, scope, at, form, wanted=said)
        first = instruct(session, contract_id=scope.contract.id, said=said, by=signed.by, at=at)
    except CessioError as error:
        form.refuse(error)
        return _page(request, session, signed, scope, at, form, status=422)
    return redirect(
        f"{PATH}?contract={scope.contract.id}", N_("Noted; it decides from {date} on."),
        date=formats.weekday(first),
    )  # fmt: skip


def standing_in_words(session: Session, scope: Scope, at: At) -> str:
    """What the next run of a contract would do, in a sentence."""
    return _foreseen(session, scope, at, _held(session, scope, at).said)


def _foreseen(session: Session, scope: Scope, at: At, said: Instruction) -> str:
    planned = funding.planned_run(session, contract_id=scope.contract.id, at=at, said=said)
    terms = terms_in_force(session, scope.contract.id, business_date(at))
    return next_in_words(
        planned, said, scope.currency, cut_off=house.cut_offs(session)[Counted.PAYOUT],
        least_minor=terms.minimum_drawdown_minor,
    )  # fmt: skip


def _held(session: Session, scope: Scope, at: At) -> funding.InstructionView:
    day_of_run = funding.next_run_day(session, at)
    return funding.standing_on(session, contract_id=scope.contract.id, on=day_of_run)


def _form_of(said: Instruction, currency: str) -> Form:
    def shown(minor: int) -> str:
        return formats.typed_money(minor, currency) if minor else ""

    paused = said.paused_until
    return Form(
        mode=said.mode.value, weekdays=",".join(map(str, said.weekdays)),
        above=shown(said.above_minor), reserve=shown(said.reserve_minor),
        minimum=shown(said.minimum_minor), paused_until=paused.isoformat() if paused else "",
    )  # fmt: skip


def _read(form: Form, currency: str) -> Instruction:
    mode = form.need("mode", chosen(StandingMode))
    weekdays = form.many("weekdays", integer())
    money = amount(currency, minimum_minor=0)
    above, reserve = form.maybe("above", money), form.maybe("reserve", money)
    minimum, paused = form.maybe("minimum", money), form.maybe("paused_until", day())
    if not form.valid():
        return Instruction()
    return Instruction(
        mode=mode, weekdays=tuple(sorted(set(weekdays))), above_minor=above or 0,
        reserve_minor=reserve or 0, minimum_minor=minimum or 0, paused_until=paused,
    )  # fmt: skip


def _page(
    request: AnyRequest, session: Session, signed: Who, scope: Scope, at: At, form: Form, *,
    status: int = 200, wanted: Instruction | None = None,
) -> Response[Any]:  # fmt: skip
    contract_id, currency = scope.contract.id, scope.currency
    held = _held(session, scope, at)
    history = funding.standing_history(session, contract_id=contract_id)
    least = terms_in_force(session, contract_id, business_date(at)).minimum_drawdown_minor
    return render(
        request, "portal/funding/show_standing.html", status=status, scope=scope, form=form,
        held=held, says=said_in_words(held.said, currency),
        next_run=_foreseen(session, scope, at, held.said),
        wanted_run=_foreseen(session, scope, at, wanted) if wanted else None, modes=MODES,
        weekdays=[(number, formats.weekday_name(number)) for number in WEEKDAYS],
        chosen_days=_chosen_days(form, wanted),
        history=[(one, said_in_words(one.said, currency)) for one in history],
        names=actors(session, (one.set_by for one in history)),
        runs=funding.standing_runs(session, contract_id=contract_id),
        may_draw=signed.may(Permission.OWN_DRAW), least_minor=least,
        cut_off=house.cut_offs(session)[Counted.PAYOUT],
    )  # fmt: skip


def _chosen_days(form: Form, wanted: Instruction | None) -> set[str]:
    if wanted is not None:
        return {str(number) for number in wanted.weekdays}
    return set(form.raw("weekdays").split(","))


HANDLERS = [show_standing, give_standing]
