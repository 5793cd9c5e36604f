"""Reading dunning plans: their versions, since when they are used, and for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from cessio import parties
from cessio.collections.models import (
    DunningChoice,
    DunningPlan,
    DunningStep,
    DunningSwitch,
    DunningVersion,
)
from cessio.collections.rules.plans import DunningChannel, Step
from cessio.contracts.models import Contract
from cessio.contracts.rules import NotificationMode
from cessio.kernel.errors import NotFound
from cessio.parties.rules import Segment

#: Whose plan holds, in SQL: a debtor's before its contract's, that before the client's, that before
#: the one of all others (``:house``). ``PLAN_OF`` reads ``receivable`` and its contract's plan.
CHOICES_OF_CONTRACT = """
      LEFT JOIN dunning_choice AS own
        ON own.contract_id = contract.id AND own.ended_at IS NULL
      LEFT JOIN dunning_choice AS theirs
        ON theirs.client_id = contract.client_id AND theirs.ended_at IS NULL"""
PLAN_OF_CONTRACT = """CASE WHEN own.id IS NOT NULL THEN own.plan_id
                WHEN theirs.id IS NOT NULL THEN theirs.plan_id
                ELSE CAST(:house AS bigint) END"""
CHOICE_OF_DEBTOR = """
      LEFT JOIN dunning_choice AS personal
        ON personal.debtor_id = receivable.debtor_id AND personal.ended_at IS NULL"""
PLAN_OF = "CASE WHEN personal.id IS NOT NULL THEN personal.plan_id ELSE {of_contract} END"


@dataclass(frozen=True, slots=True)
class StepView:
    """A step with its number in its version."""

    number: int
    step: Step


@dataclass(frozen=True, slots=True)
class VersionView:
    """The steps of a plan as somebody wrote them, in the order in which they happen."""

    id: int
    plan_id: int
    version: int
    catch_up_days: int
    quiet_days: int
    note: str | None
    set_at: datetime
    set_by: str
    steps: tuple[StepView, ...]

    @property
    def needs_sms(self) -> bool:
        """Whether a step of it is an SMS."""
        return any(one.step.channel is DunningChannel.SMS for one in self.steps)


@dataclass(frozen=True, slots=True)
class SwitchView:
    """From a day on the plan is used in this version; without one it is not used."""

    version_id: int | None
    effective_from: date
    note: str | None
    switched_at: datetime
    switched_by: str


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """For whom a plan was chosen (a debtor, a contract or a client), or for the house."""

    id: int
    plan_id: int | None
    debtor_id: int | None
    contract_id: int | None
    client_id: int | None
    name: str | None
    reason: str | None
    set_at: datetime
    set_by: str

    @property
    def of_house(self) -> bool:
        """Whether it holds for everybody else."""
        return self.debtor_id is self.contract_id is self.client_id is None


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan with its versions (latest first), its switches (latest first) and its choices."""

    id: int
    name: str
    created_at: datetime
    created_by: str
    versions: tuple[VersionView, ...]
    switches: tuple[SwitchView, ...]
    choices: tuple[ChoiceView, ...]

    @property
    def latest(self) -> VersionView:
        """The version written last, in use or not."""
        return self.versions[0]

    @property
    def of_house(self) -> bool:
        """Whether it is the plan of everybody for whom no other was chosen."""
        return any(one.of_house for one in self.choices)

    def switch_on(self, on: date) -> SwitchView | None:
        """What holds on a day, if anything was ever switched by then."""
        past = [one for one in self.switches if one.effective_from <= on]
        return max(past, key=lambda one: (one.effective_from, one.switched_at), default=None)

    def in_force(self, on: date) -> VersionView | None:
        """The version used on a day."""
        held = self.switch_on(on)
        return None if held is None or held.version_id is None else self.version(held.version_id)

    def version(self, version_id: int) -> VersionView:
        """One of its versions. Raises ``NotFound``."""
        for one in self.versions:
            if one.id == version_id:
                return one
        raise NotFound("version_unknown", "there is no such version of the plan")


def plans(session: Session, *, plan_id: int | None = None) -> tuple[PlanView, ...]:
    """Every plan, the house's first, then by name."""
    query = select(DunningPlan).order_by(DunningPlan.name)
    if plan_id is not None:
        query = query.where(DunningPlan.id == plan_id)
    rows = session.scalars(query).all()
    ids = [row.id for row in rows]
    versions, switches, chosen = _versions(session, ids), _switches(session, ids), choices(session)
    found = [
        PlanView(row.id, row.name, row.created_at, row.created_by, tuple(versions[row.id]),
                 tuple(switches[row.id]), tuple(one for one in chosen if one.plan_id == row.id))
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (not one.of_house, one.name.casefold())))


def plan(session: Session, plan_id: int) -> PlanView:
    """One plan. Raises ``NotFound``."""
    found = plans(session, plan_id=plan_id)
    if not found:
        raise NotFound("plan_unknown", "there is no such dunning plan")
    return found[0]


def choices(session: Session) -> tuple[ChoiceView, ...]:
    """The choices that hold: the house's first, then clients, contracts, debtors."""
    rows = session.execute(
        select(DunningChoice, Contract.reference)
        .outerjoin(Contract, Contract.id == DunningChoice.contract_id)
        .where(DunningChoice.ended_at.is_(None))
        .order_by(DunningChoice.debtor_id.nulls_first(), DunningChoice.contract_id.nulls_first(),
                  DunningChoice.client_id.nulls_first(), DunningChoice.id)
    ).all()  # fmt: skip
    clients = parties.client_names(session, [one.client_id for one, _ in rows if one.client_id])
    debtors = parties.debtor_names(session, [one.debtor_id for one, _ in rows if one.debtor_id])
    return tuple(
        ChoiceView(
            one.id, one.plan_id, one.debtor_id, one.contract_id, one.client_id,
            reference or clients.get(one.client_id or 0) or debtors.get(one.debtor_id or 0),
            one.reason, one.set_at, one.set_by,
        )
        for one, reference in rows
    )  # fmt: skip


def versions_in_force(session: Session, on: date) -> Mapping[int, int]:
    """By plan the version used on a day; plans switched off are left out."""
    rows = session.execute(
        select(DunningSwitch.plan_id, DunningSwitch.version_id)
        .ext(distinct_on(DunningSwitch.plan_id))
        .where(DunningSwitch.effective_from <= on)
        .order_by(DunningSwitch.plan_id, DunningSwitch.effective_from.desc(),
                  DunningSwitch.id.desc())
    )  # fmt: skip
    return {plan_id: version_id for plan_id, version_id in rows if version_id is not None}


def house_plan(session: Session) -> int | None:
    """The plan of those for whom no other was chosen."""
    return session.scalar(_open().where(_OF_HOUSE).with_only_columns(DunningChoice.plan_id))


def open_choice(
    session: Session, *, debtor_id: int | None, contract_id: int | None, client_id: int | None
) -> DunningChoice | None:
    """The choice that holds for one of them (of the house when none is named), locked."""
    of_whom = [
        column.is_(None) if value is None else column == value
        for column, value in (
            (DunningChoice.debtor_id, debtor_id), (DunningChoice.contract_id, contract_id),
            (DunningChoice.client_id, client_id),
        )
    ]  # fmt: skip
    return session.scalar(_open().where(*of_whom).with_for_update())


def locked_choice(session: Session, choice_id: int) -> DunningChoice:
    """A choice that holds, locked. Raises ``NotFound``."""
    found = session.scalar(_open().where(DunningChoice.id == choice_id).with_for_update())
    if found is None:
        raise NotFound("choice_unknown", "there is no such choice of a plan")
    return found


def locked_plan(session: Session, plan_id: int) -> DunningPlan:
    """A plan, locked. Raises ``NotFound``."""
    found = session.get(DunningPlan, plan_id, with_for_update=True)
    if found is None:
        raise NotFound("plan_unknown", "there is no such dunning plan")
    return found


def name_taken(session: Session, name: str) -> bool:
    """Whether a plan has that name, in whatever capitals."""
    query = select(DunningPlan.id).where(func.lower(DunningPlan.name) == name.lower())
    return session.scalar(query) is not None


_OF_HOUSE = func.num_nonnulls(
    DunningChoice.debtor_id, DunningChoice.contract_id, DunningChoice.client_id
) == 0  # fmt: skip


def _open() -> Select[DunningChoice]:
    return select(DunningChoice).where(DunningChoice.ended_at.is_(None))


def _versions(session: Session, plan_ids: list[int]) -> dict[int, list[VersionView]]:
    rows = session.scalars(
        select(DunningVersion)
        .where(DunningVersion.plan_id.in_(plan_ids))
        .order_by(DunningVersion.version.desc())
    ).all()
    steps: dict[int, list[StepView]] = {row.id: [] for row in rows}
    for step in session.scalars(
        select(DunningStep).where(DunningStep.version_id.in_(steps)).order_by(DunningStep.number)
    ):
        steps[step.version_id].append(StepView(step.number, _step(step)))
    found: dict[int, list[VersionView]] = {plan_id: [] for plan_id in plan_ids}
    for row in rows:
        found[row.plan_id].append(
            VersionView(row.id, row.plan_id, row.version, row.catch_up_days, row.quiet_days,
                        row.note, row.set_at, row.set_by, tuple(steps[row.id]))
        )  # fmt: skip
    return found


def _step(row: DunningStep) -> Step:
    return Step(
        days=row.days, channel=DunningChannel(row.channel), template=row.template,
        min_minor=row.min_minor, max_minor=row.max_minor,
        segments=tuple(Segment(one) for one in row.segments), languages=tuple(row.languages),
        modes=tuple(NotificationMode(one) for one in row.modes), in_dispute=row.in_dispute,
        in_promise=row.in_promise,
    )  # fmt: skip


def _switches(session: Session, plan_ids: Iterable[int]) -> dict[int, list[SwitchView]]:
    found: dict[int, list[SwitchView]] = {plan_id: [] for plan_id in plan_ids}
    for row in session.scalars(
        select(DunningSwitch)
        .where(DunningSwitch.plan_id.in_(found))
        .order_by(DunningSwitch.id.desc())
    ):
        found[row.plan_id].append(
            SwitchView(row.version_id, row.effective_from, row.note, row.switched_at,
                       row.switched_by)
        )  # fmt: skip
    return found
