"""Reading standing instructions: the one that holds, their history, and what runs drew."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from cessio import house
from cessio.contracts import queries as contracts
from cessio.contracts.models import Contract
from cessio.contracts.rules import FundingMode
from cessio.funding.models import Drawdown, StandingInstruction, StandingRun
from cessio.funding.queries.availability import availability
from cessio.funding.queries.prepaid import Quote, planned_cost
from cessio.funding.rules import DrawdownStateName, Due, Instruction, Quiet, StandingMode
from cessio.funding.rules.standing import LEAD, agreed, due, next_run
from cessio.house.queries import cut_offs
from cessio.kernel.calendar import business_date


@dataclass(frozen=True, slots=True)
class InstructionView:
    """An instruction as it was given; ``set_by`` None: it is what the contract says."""

    said: Instruction
    effective_from: date | None = None
    set_at: datetime | None = None
    set_by: str | None = None


@dataclass(frozen=True, slots=True)
class RunView:
    """What a day's run drew for a contract, or why nothing, and what became of the drawdown."""

    on: date
    payable_minor: int
    amount_minor: int
    quiet: Quiet | None
    drawdown_id: int | None
    state: DrawdownStateName | None


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """What the next run would draw if all stayed as it is now, when, and what that would cost."""

    at: datetime
    on: date
    payable_minor: int
    due: Due
    cost: Quote | None


def run_hour(session: Session, on: date) -> datetime:
    """When a business day's instructions are carried out: shortly before payouts' cut-off."""
    return cut_offs(session)[house.Counted.PAYOUT].on(on) - LEAD


def next_run_day(session: Session, at: datetime) -> date:
    """The business day that an instruction given now decides first."""
    on = business_date(at)
    return next_run(on, is_over=at >= run_hour(session, on))


def standing_history(session: Session, *, contract_id: int) -> list[InstructionView]:
    """Every instruction a client gave for a contract, the latest first."""
    rows = session.scalars(_given(contract_id).order_by(StandingInstruction.id.desc()))
    return [_view(row) for row in rows]


def standing_on(session: Session, *, contract_id: int, on: date) -> InstructionView:
    """The instruction that decides a business day: the client's, else what the contract says."""
    row = session.scalars(
        _given(contract_id)
        .where(StandingInstruction.effective_from <= on)
        .order_by(StandingInstruction.id.desc())
        .limit(1)
    ).first()
    if row is not None:
        return _view(row)
    return InstructionView(agreed(contracts.terms_in_force(session, contract_id, on)))


def standing_contracts(session: Session, *, on: date) -> list[int]:
    """Running contracts for which a business day's run has something to look at, and has not."""
    rows = session.execute(
        select(StandingInstruction.contract_id, StandingInstruction.mode)
        .where(StandingInstruction.effective_from <= on)
        .order_by(StandingInstruction.contract_id, StandingInstruction.id)
    )  # the last of each stays
    modes = {row[0]: row[1] for row in rows}
    for contract_id, (mode,) in contracts.parts_of_all(session, on, "funding_mode").items():
        off = mode == FundingMode.ON_REQUEST
        modes.setdefault(contract_id, StandingMode.OFF if off else StandingMode.DAILY)
    wanted = [contract_id for contract_id, mode in modes.items() if mode != StandingMode.OFF]
    done = select(StandingRun.contract_id).where(StandingRun.on == on)
    return list(
        session.scalars(
            select(Contract.id)
            .where(Contract.id.in_(wanted), Contract.starts_on <= on, Contract.id.not_in(done))
            .where(or_(Contract.ended_on.is_(None), Contract.ended_on > on))
            .order_by(Contract.id)
        )
    )


def standing_runs(session: Session, *, contract_id: int, limit: int = 20) -> list[RunView]:
    """What the last runs did for a contract, latest first."""
    rows = session.execute(
        select(StandingRun, Drawdown.state)
        .outerjoin(Drawdown, Drawdown.id == StandingRun.drawdown_id)
        .where(StandingRun.contract_id == contract_id)
        .order_by(StandingRun.on.desc())
        .limit(limit)
    )
    return [
        RunView(
            row.on, row.payable_minor, row.amount_minor, Quiet(row.quiet) if row.quiet else None,
            row.drawdown_id, DrawdownStateName(state) if state else None,
        )
        for row, state in rows
    ]  # fmt: skip


def has_run(session: Session, *, contract_id: int, on: date) -> bool:
    """Whether a business day's run looked at a contract."""
    return session.get(StandingRun, (contract_id, on)) is not None


def planned_run(
    session: Session, *, contract_id: int, at: datetime, said: Instruction | None = None
) -> PlannedRun:
    """The next run as of now; ``said`` puts another instruction in place of the one that holds.

    Raises ``ContractUnknown``, ``TermsMissing``.
    """
    now, day = business_date(at), next_run_day(session, at)
    said = said or standing_on(session, contract_id=contract_id, on=day).said
    terms = contracts.terms_in_force(session, contract_id, now)
    found = availability(session, contract_id=contract_id, on=now, counts_on=day)
    asked = due(said, on=day, payable_minor=found.payable_now_minor,
                least_minor=terms.minimum_drawdown_minor)  # fmt: skip
    cost = None
    if asked.amount_minor:
        with suppress(contracts.FixingMissing):  # it cannot be foreseen without
            cost = planned_cost(
                session, contract_id=contract_id, terms=terms, amount_minor=asked.amount_minor,
                in_use_minor=found.funds_in_use_minor, on=now, counted_on=day,
            )  # fmt: skip
    return PlannedRun(run_hour(session, day), day, found.payable_now_minor, asked, cost)


def _given(contract_id: int) -> Select[StandingInstruction]:
    return select(StandingInstruction).where(StandingInstruction.contract_id == contract_id)


def _view(row: StandingInstruction) -> InstructionView:
    said = Instruction(
        mode=StandingMode(row.mode), weekdays=tuple(row.weekdays), above_minor=row.above_minor,
        reserve_minor=row.reserve_minor, minimum_minor=row.minimum_minor,
        paused_until=row.paused_until,
    )  # fmt: skip
    return InstructionView(said, row.effective_from, row.set_at, row.set_by)
