"""Dunning plans: their steps and versions, whom they hold for, and what they would send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import collections, parties
from cessio.agreeing.deeds.house import SwitchPlan
from cessio.collections import DunningChannel, LeftOut, bulk, queries
from cessio.collections.bulk import Chosen, ChosenLetter, LeftLine, Used
from cessio.collections.queries import PlanView, VersionView
from cessio.collections.rules import Step
from cessio.contracts import queries as contracts
from cessio.correspondence.kinds import kind_of
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import next_business_day
from cessio.kernel.errors import CessioError, Invalid, Problems
from cessio.parties import queries as party_queries
from cessio.plumbing.sms import has_gateway
from cessio.web.actors import actors
from cessio.web.backoffice import dunning_steps, lists
from cessio.web.backoffice.second import put
from cessio.web.backoffice.settings.common import told
from cessio.web.exports import Column, export
from cessio.web.forms import Form, chosen, day, integer, text
from cessio.web.guards import proven, staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

HOME = "/backoffice/collections/plans"
ONE = HOME + "/{plan_id:int}"
SEE = Permission.SEE_RECEIVABLES
SET = (Permission.COLLECT, Permission.MANAGE_SETTINGS)
#: Letters or invoices shown behind a number; a file has them all.
SHOWN = 200


class Whom(StrEnum):
    """Whose plan is chosen."""

    CLIENT = "client"
    CONTRACT = "contract"
    DEBTOR = "debtor"
    HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Count:
    """One number of a simulation in one currency: what, of which step, and its page."""

    what: DunningChannel | LeftOut
    step: Step | None
    letters: int
    lines: int
    open_minor: int
    currency: str


@get(HOME, guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_plans(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """Every plan: in use or not, in which version, and for whom."""
    found = queries.plans(session)
    none = [one for one in queries.choices(session) if one.plan_id is None]
    return render(
        request, "backoffice/collections/list_plans.html", plans=found, on=on, none=none,
        may_set=_may_set(signed),
    )  # fmt: skip


@get(f"{HOME}/new", guards=[staff(*SET)], include_in_schema=False, sync_to_thread=True)
def new_plan(request: AnyRequest, session: Db) -> Response[Any]:
    """Another plan, from the ladder of the house."""
    return _form(request, dunning_steps.initial(None, name=""))


@post(HOME, guards=[staff(*SET)], include_in_schema=False, sync_to_thread=True)
def add_plan(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Written, and tried on the book before it is used."""
    form = Form(submitted)
    name, steps = form.need("name", text(80)), dunning_steps.read(form)
    if form.valid():
        try:
            with session.begin_nested():
                plan_id = collections.add_plan(session, name=name, steps=steps, by=signed.by,
                                               at=at)  # fmt: skip
                if queries.house_plan(session) is None:
                    collections.choose_plan(session, plan_id=plan_id, by=signed.by, at=at)
            return redirect(f"{HOME}/{plan_id}/simulation", N_("Plan written, not used yet."))
        except CessioError as error:
            form.refuse(error)
    return _form(request, form, status=422)


@get(ONE, guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def show_plan(request: AnyRequest, session: Db, signed: Who, on: On, plan_id: Id) -> Response[Any]:
    """Its ladder, its versions, whom it holds for."""
    return _page(request, session, signed, on, plan_id, Form(reference=""))


@get(f"{ONE}/edit", guards=[staff(*SET)], include_in_schema=False, sync_to_thread=True)
def edit_plan(request: AnyRequest, session: Db, plan_id: Id) -> Response[Any]:
    """Another version, from the latest."""
    plan = queries.plan(session, plan_id)
    return _form(request, dunning_steps.initial(plan.latest), plan)


@post(ONE, guards=[staff(*SET)], include_in_schema=False, sync_to_thread=True)
def change_plan(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, plan_id: Id
) -> Response[Any]:
    """Another version, tried on the book before it is used."""
    plan, form = queries.plan(session, plan_id), Form(submitted)
    steps = dunning_steps.read(form)
    if form.valid():
        try:
            with session.begin_nested():
                collections.change_plan(session, plan_id=plan_id, steps=steps, by=signed.by,
                                        at=at)  # fmt: skip
            return redirect(f"{HOME}/{plan_id}/simulation", N_("Version written, not used yet."))
        except CessioError as error:
            form.refuse(error)
    return _form(request, form, plan, status=422)


@get(f"{ONE}/simulation", guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def simulate(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, plan_id: Id
) -> Response[Any]:
    """What a version would send on a day, and the list behind each number; nothing is sent."""
    plan = queries.plan(session, plan_id)
    version = plan.version(lists.asked_number(request, "version") or plan.latest.id)
    asked = max(lists.asked_day(request, "day") or on + timedelta(days=1), on)
    used = _used(session, plan, version, next_business_day(asked))
    channel = lists.asked_choice(request, "show", DunningChannel)
    why = lists.asked_choice(request, "out", LeftOut)
    letters, lines = _behind(session, used, version, channel, why,
                             None if lists.file_format(request) else SHOWN)  # fmt: skip
    if file_format := lists.file_format(request):
        return _file(request, file_format, at, letters, lines)
    counts = _counts(bulk.count_chosen(session, used), version)
    return render(
        request, "backoffice/collections/simulation.html", plan=plan, version=version,
        day=used.on, on=on, channel=channel, why=why, letters=letters, lines=lines,
        sent=[one for one in counts if isinstance(one.what, DunningChannel)],
        out=[one for one in counts if isinstance(one.what, LeftOut)],
        kinds=[(one, sum(each.letters for each in counts if each.what == one))
               for one in DunningChannel],
        has_gateway=has_gateway(), shown=SHOWN, told_as=_text_names(version),
        in_force=plan.in_force(on) == version,
        may_set=_may_set(signed), form=Form(effective_from=max(on, used.on).isoformat(), note=""),
    )  # fmt: skip


@post(f"{ONE}/switch", guards=[staff(*SET), proven], include_in_schema=False, sync_to_thread=True)
def switch_plan(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, plan_id: Id
) -> Response[Any]:
    """Ask to use a version from a day on, or none."""
    form = Form(submitted)
    version_id = form.maybe("version", integer())
    effective_from, note = form.need("effective_from", day()), form.maybe("note", text(200))
    if not form.valid():
        raise Problems(form.faults)
    return put(session, SwitchPlan(plan_id, version_id, effective_from, note), signed, at)


@post(f"{ONE}/choices", guards=[staff(*SET)], include_in_schema=False, sync_to_thread=True)
def choose_plan(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, plan_id: Id
) -> Response[Any]:
    """Use it for a client, a contract, a debtor, or for all others."""
    form = Form(submitted)
    whom = form.need("whom", chosen(Whom))
    reference = form.maybe("reference", text(40)) or ""
    reason = form.maybe("reason", text(200))
    if form.valid():
        try:
            with session.begin_nested():
                collections.choose_plan(session, plan_id=plan_id, reason=reason, by=signed.by,
                                        at=at, **_found(session, whom, reference))  # fmt: skip
            return redirect(f"{HOME}/{plan_id}", N_("Chosen."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, plan_id, form, status=422)


@post(f"{HOME}/choices/{{choice_id:int}}/end", guards=[staff(*SET)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def end_choice(session: Db, signed: Who, at: At, choice_id: Id) -> Response[Any]:
    """The wider choice holds again."""
    plan_id = collections.end_choice(session, choice_id=choice_id, by=signed.by, at=at)
    return redirect(f"{HOME}/{plan_id}" if plan_id else HOME, N_("The choice is ended."))


def _may_set(signed: Signed) -> bool:
    return any(signed.may(one) for one in SET)


def _form(
    request: AnyRequest, form: Form, plan: PlanView | None = None, *, status: int = 200
) -> Response[Any]:
    held = plan.latest if plan else None
    return render(
        request, "backoffice/collections/edit_plan.html", status=status, form=form, plan=plan,
        places=dunning_steps.places(form, held), **dunning_steps.choices(),
    )  # fmt: skip


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: date, plan_id: int, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    plan = queries.plan(session, plan_id)
    who = [plan.created_by, *(one.set_by for one in plan.versions),
           *(one.switched_by for one in plan.switches)]  # fmt: skip
    return render(
        request, "backoffice/collections/show_plan.html", status=status, plan=plan, form=form,
        on=on, held=plan.in_force(on), shown=plan.in_force(on) or plan.latest,
        told_as=_text_names(plan.in_force(on) or plan.latest), may_set=_may_set(signed),
        has_gateway=has_gateway(), whoms=[(one.value, _whom(one)) for one in Whom],
        told=told(session, "dunning_plan", plan_id), names=actors(session, who),
    )  # fmt: skip


def _whom(whom: Whom) -> str:
    match whom:
        case Whom.CLIENT:
            return _("A client, by its code")
        case Whom.CONTRACT:
            return _("A contract, by its reference")
        case Whom.DEBTOR:
            return _("A debtor, by its SIREN")
        case Whom.HOUSE:
            return _("All others")


def _found(session: Session, whom: Whom, reference: str) -> dict[str, int | None]:
    """The client, contract or debtor somebody named. Raises ``Invalid``."""
    found: int | None = None
    if whom is Whom.HOUSE:
        return {}
    if whom is Whom.CLIENT:
        found = party_queries.client_by_code(session, reference.strip().upper())
    elif whom is Whom.CONTRACT:
        called = contracts.contracts_called(session, reference, limit=2)
        found = called[0].id if len(called) == 1 and reference.strip() else None
    elif hit := parties.find_by_siren(session, reference):
        found = hit.debtor_id
    if found is None:
        raise Invalid("whom_unknown", "nobody is known by that", field="reference")
    return {f"{whom.value}_id": found}


def _used(session: Session, plan: PlanView, version: VersionView, on: date) -> Used:
    """As if the version were in use; a plan nobody chose is tried as the house's."""
    versions = {**queries.versions_in_force(session, on), plan.id: version.id}
    return Used(on, versions, queries.house_plan(session) if plan.choices else plan.id)


def _counts(found: tuple[Chosen, ...], version: VersionView) -> list[Count]:
    steps = {one.number: one.step for one in version.steps}
    return [
        Count(one.what, steps.get(one.number or 0), one.letters, one.lines, one.open_minor,
              one.currency)
        for one in found if one.version_id == version.id
    ]  # fmt: skip


def _behind(
    session: Session, used: Used, version: VersionView, channel: DunningChannel | None,
    why: LeftOut | None, most: int | None,
) -> tuple[tuple[ChosenLetter, ...], tuple[LeftLine, ...]]:  # fmt: skip
    if why is LeftOut.NO_ADDRESS:
        return bulk.chosen_letters(session, used, version_id=version.id, what=None, most=most), ()
    if why is not None:
        return (), bulk.left_out(session, used, version_id=version.id, why=why, most=most)
    if channel is None:
        return (), ()
    return bulk.chosen_letters(session, used, version_id=version.id, what=channel, most=most), ()


def _text_names(version: VersionView) -> dict[str, str]:
    codes = {one.step.template for one in version.steps if one.step.template}
    return {code: str(kind_of(code).label) for code in codes}


def _file(
    request: AnyRequest, file_format: str, at: datetime, letters: tuple[ChosenLetter, ...],
    lines: tuple[LeftLine, ...],
) -> Response[Any]:  # fmt: skip
    if lines:
        return export(
            request, file_format, "left-out", [
                Column(_("Invoice")), Column(_("Debtor")), Column(_("Due date"), "date"),
                Column(_("Currency")), Column(_("Open amount"), "money"),
            ],
            [(one.number, one.debtor_name, one.due_date, one.currency, one.open_minor)
             for one in lines], at=at, title=_("Left out"),
        )  # fmt: skip
    return export(
        request, file_format, "dunning", [
            Column(_("Debtor")), Column(_("In the name of")), Column(_("How")),
            Column(_("Days after the due date"), "number"), Column(_("Sent to")),
            Column(_("Invoices"), "number"), Column(_("Currency")),
            Column(_("Open amount"), "money"),
        ],
        [(one.debtor_name, one.writer_name, label(one.channel), one.days,
          one.mobile if one.channel is DunningChannel.SMS else one.email,
          one.line_count, one.currency, one.open_minor) for one in letters],
        at=at, title=_("Simulation"),
    )  # fmt: skip


HANDLERS = [
    list_plans, new_plan, add_plan, show_plan, edit_plan, change_plan, simulate, switch_plan,
    choose_plan, end_choice,
]  # fmt: skip
