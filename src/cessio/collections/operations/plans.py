"""Writing dunning plans: a version is written, tried on the book, then switched on from a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio import audit
from cessio.collections.models import (
    DunningChoice,
    DunningPlan,
    DunningStep,
    DunningSwitch,
    DunningVersion,
)
from cessio.collections.queries import planned as queries
from cessio.collections.rules.plans import (
    CATCH_UP_DAYS,
    LADDER,
    QUIET_DAYS,
    Step,
    ordered,
    plan_problems,
)
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid, Problems
from cessio.plumbing.sms import has_gateway


class NotAPlan(Conflict):
    """The plan cannot be used so."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What a version of a plan says: see ``rules.plans``."""

    steps: tuple[Step, ...] = LADDER
    catch_up_days: int = CATCH_UP_DAYS
    quiet_days: int = QUIET_DAYS
    note: str | None = None


def add_plan(session: Session, *, name: str, steps: Steps, by: str, at: datetime) -> int:
    """A new plan with its first version, not used yet; returns its id. Raises ``Problems``."""
    name = " ".join(name.split())
    faults = _faults(steps)
    if queries.name_taken(session, name):
        faults.append(Invalid("plan_named", "another plan has this name", field="name"))
    if faults:
        raise Problems(faults)
    plan = DunningPlan(name=name, created_at=at, created_by=by)
    session.add(plan)
    session.flush()
    _write(session, plan.id, 1, steps, by, at)
    audit.record(session, verb="dunning_plan.add", subject_kind="dunning_plan", subject_id=plan.id,
                 after={"name": name, "version": 1, "steps": _said(steps)},
                 why=steps.note, by=by, at=at)  # fmt: skip
    return plan.id


def change_plan(session: Session, *, plan_id: int, steps: Steps, by: str, at: datetime) -> int:
    """Another version of a plan, not used before it is switched on; returns the version's id.

    Raises ``NotFound``, ``Problems``, ``NotAPlan`` when nothing changes.
    """
    queries.locked_plan(session, plan_id)
    if faults := _faults(steps):
        raise Problems(faults)
    held = queries.plan(session, plan_id).latest
    before = Steps(tuple(one.step for one in held.steps), held.catch_up_days, held.quiet_days)
    if before == Steps(ordered(steps.steps), steps.catch_up_days, steps.quiet_days):
        raise NotAPlan("plan_unchanged", "this is what the latest version says already")
    version = _write(session, plan_id, held.version + 1, steps, by, at)
    audit.record(
        session, verb="dunning_plan.change", subject_kind="dunning_plan", subject_id=plan_id,
        before={"version": held.version, "steps": _said(before)},
        after={"version": held.version + 1, "steps": _said(steps)}, why=steps.note,
        by=by, at=at,
    )  # fmt: skip
    return version


def switch_on(
    session: Session, *, plan_id: int, version_id: int, effective_from: date,
    note: str | None = None, by: str, at: datetime,
) -> None:  # fmt: skip
    """Use a version from a day on, today or later.

    Raises ``NotFound``, ``Invalid``, ``NotAPlan``.
    """
    queries.locked_plan(session, plan_id)
    plan = queries.plan(session, plan_id)
    version = plan.version(version_id)
    if version.needs_sms and not has_gateway():
        raise NotAPlan("plan_without_gateway", "this version sends SMS and no SMS gateway is set")
    if plan.in_force(effective_from) == version:
        raise NotAPlan("plan_on_already", "this version is used from that day on already")
    _switch(session, plan_id, version_id, effective_from, note, by, at)


def switch_off(
    session: Session, *, plan_id: int, effective_from: date, note: str | None = None, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Remind nobody by this plan from a day on. Raises ``NotFound``, ``Invalid``, ``NotAPlan``."""
    queries.locked_plan(session, plan_id)
    if queries.plan(session, plan_id).in_force(effective_from) is None:
        raise NotAPlan("plan_off_already", "this plan is not used on that day")
    _switch(session, plan_id, None, effective_from, note, by, at)


def choose_plan(
    session: Session, *, plan_id: int | None, debtor_id: int | None = None,
    contract_id: int | None = None, client_id: int | None = None, reason: str | None = None,
    by: str, at: datetime,
) -> int:  # fmt: skip
    """Use a plan (none: remind nobody) for one debtor, contract or client, else for the house.

    What was chosen for it before ends. Returns the choice's id. Raises ``NotAPlan``.
    """
    whom = {"debtor_id": debtor_id, "contract_id": contract_id, "client_id": client_id}
    if plan_id is not None:
        queries.locked_plan(session, plan_id)
    held = queries.open_choice(session, **whom)
    if held is not None and held.plan_id == plan_id:
        raise NotAPlan("plan_chosen_already", "this plan was chosen already")
    if held is not None:
        held.ended_at, held.ended_by = at, by
        session.flush()
    choice = DunningChoice(plan_id=plan_id, reason=reason, set_at=at, set_by=by, **whom)
    session.add(choice)
    session.flush()
    named = {key: value for key, value in whom.items() if value is not None}
    audit.record(session, verb="dunning_plan.choose", subject_kind="dunning_choice",
                 subject_id=choice.id, why=reason,
                 before={"plan_id": held.plan_id if held else None},
                 after={"plan_id": plan_id, **named}, by=by, at=at)  # fmt: skip
    return choice.id


def end_choice(session: Session, *, choice_id: int, by: str, at: datetime) -> int | None:
    """From now on the wider choice holds; returns the plan it was for. Raises ``NotFound``."""
    held = queries.locked_choice(session, choice_id)
    held.ended_at, held.ended_by = at, by
    session.flush()
    audit.record(session, verb="dunning_plan.end_choice", subject_kind="dunning_choice",
                 subject_id=choice_id, before={"plan_id": held.plan_id}, by=by,
                 at=at)  # fmt: skip
    return held.plan_id


def found_house_plan(session: Session, *, name: str, by: str, at: datetime) -> int:
    """The usual ladder as the plan of the house, not switched on; returns the plan's id."""
    plan_id = add_plan(session, name=name, steps=Steps(), by=by, at=at)
    choose_plan(session, plan_id=plan_id, by=by, at=at)
    return plan_id


def _faults(steps: Steps) -> list[Any]:
    return [*plan_problems(steps.steps, catch_up_days=steps.catch_up_days,
                           quiet_days=steps.quiet_days)]  # fmt: skip


def _write(session: Session, plan_id: int, number: int, steps: Steps, by: str, at: datetime) -> int:
    version = DunningVersion(
        plan_id=plan_id, version=number, catch_up_days=steps.catch_up_days,
        quiet_days=steps.quiet_days, note=steps.note, set_at=at, set_by=by,
    )  # fmt: skip
    session.add(version)
    session.flush()
    session.add_all(_rows(version.id, ordered(steps.steps)))
    session.flush()
    return version.id


def _rows(version_id: int, steps: Sequence[Step]) -> list[DunningStep]:
    return [
        DunningStep(
            version_id=version_id, number=number, days=step.days, channel=step.channel.value,
            track=step.track.value, template=step.template, min_minor=step.min_minor,
            max_minor=step.max_minor, segments=[one.value for one in step.segments],
            languages=list(step.languages), modes=[one.value for one in step.modes],
            in_dispute=step.in_dispute, in_promise=step.in_promise,
        )
        for number, step in enumerate(steps, start=1)
    ]  # fmt: skip


def _said(steps: Steps) -> str:
    """The days of the ladder, as the journal keeps them beside the rows themselves."""
    return ", ".join(f"{one.days:+d}" for one in ordered(steps.steps))


def _switch(
    session: Session, plan_id: int, version_id: int | None, effective_from: date,
    note: str | None, by: str, at: datetime,
) -> None:  # fmt: skip
    if effective_from < business_date(at):
        raise Invalid("switch_in_past", "from today or later", field="effective_from")
    row = DunningSwitch(plan_id=plan_id, version_id=version_id, effective_from=effective_from,
                        note=note, switched_at=at, switched_by=by)  # fmt: skip
    session.add(row)
    session.flush()
    used = {} if version_id is None else {"version_id": version_id}
    audit.record(
        session, verb="dunning_plan.switch_on" if used else "dunning_plan.switch_off",
        subject_kind="dunning_plan", subject_id=plan_id, why=note,
        after={"effective_from": effective_from, **used}, by=by, at=at,
    )  # fmt: skip
