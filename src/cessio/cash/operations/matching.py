"""The matcher's run: propose for every open line, apply what is sure, leave the rest to people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cessio import audit
from cessio.cash import bulk, queries
from cessio.cash.bulk import Applied, Decision, Locked, OpenLine, Reading
from cessio.cash.models import MatchingSettings
from cessio.cash.queries import SettingsView, StoredProposal
from cessio.cash.rules import CERTAIN, Allocation, AllocationKind, Proposal
from cessio.contracts import queries as contracts
from cessio.kernel.calendar import business_date, value_date
from cessio.kernel.errors import Invalid
from cessio.receivables.bulk.cover import recompute_cover

#: From so many lines on, those that are certain are found and applied as a set.
MANY = 100


@dataclass(frozen=True, slots=True)
class MatchRun:
    """What a run did: lines looked at, applied by themselves, proposed, and without any clue."""

    lines: int
    applied: int
    applied_minor: int
    proposed: int
    unknown: int


def match_open_lines(
    session: Session, *, by: str, at: datetime, line_ids: Collection[int] | None = None,
    statement_id: int | None = None,
) -> MatchRun:  # fmt: skip
    """Match open lines (all, some, or a statement's) and apply those sure enough.

    Sure enough is the factor's own threshold (``set_matching``). Proposals of the others replace
    earlier ones. Two lines that claim the same euros: the earlier line has them. Parked lines are
    left alone.
    """
    settings = queries.matching_settings(session)
    parked = queries.parked_line_ids(session)
    lines = [
        line
        for line in bulk.open_lines(session, line_ids=line_ids, statement_id=statement_id)
        if line.line_id not in parked
    ]
    run = _Run(session, lines, bulk.read_lines(lines), settings, business_date(at))
    run.find()
    applied = run.apply(by=by, at=at)
    bulk.store_proposals(session, run.waiting(applied), at=at)
    bulk.forget_proposals(session, applied.applications)
    recompute_cover(session, debtor_ids=applied.debtor_ids, on=business_date(at), at=at)
    waiting = run.waiting(applied)
    return MatchRun(
        lines=len(lines),
        applied=applied.lines,
        applied_minor=applied.money_minor,
        proposed=sum(1 for ranked in waiting.values() if ranked),
        unknown=sum(1 for ranked in waiting.values() if not ranked),
    )


@dataclass(slots=True)
class _Run:
    """One run over some lines: what is certain as a set, the others one by one."""

    session: Session
    lines: Sequence[OpenLine]
    read: Mapping[int, Reading]
    settings: SettingsView
    on: date
    proposals: dict[int, tuple[Proposal, ...]] = field(default_factory=dict)
    sure: dict[int, Proposal] = field(default_factory=dict)
    certain: set[int] = field(default_factory=set)

    @property
    def by_set(self) -> bool:
        """Whether the lines are enough for sets to be worth their tables."""
        return len(self.lines) >= MANY and self.settings.auto_apply_from <= CERTAIN

    def find(self) -> None:
        """Tell the certain lines, propose for the others and for whom they contest."""
        if self.by_set:
            self.certain = bulk.find_certain(self.session, self.lines, self.read)
        self._propose({line.line_id for line in self.lines} - self.certain)
        if self.by_set:
            claimed = {a.receivable_id for one in self.sure.values() for a in one.allocations}
            contested = bulk.withdraw(self.session, claimed)
            self.certain -= contested
            self._propose(contested)

    def apply(self, *, by: str, at: datetime) -> Applied:
        """Lock everything that is to be settled at once, decide in order, and apply."""
        session, on = self.session, self.on
        if not self.by_set:
            decisions, locked = decide(session, self.lines, self.sure, kind="auto", on=on)
            return bulk.apply_decisions(session, decisions, locked, on=on, by=by, at=at)
        wanted = {a.receivable_id for one in self.sure.values() for a in one.allocations}
        locked, moved = bulk.hold(session, wanted)
        sure = dict(self.sure)
        self._propose(moved)
        self.certain -= moved
        contracts = {item.contract_id for item in locked.values()} | bulk.contracts_of(session)
        days = _value_days(session, contracts, on)
        left = _left(session, sure, locked)
        decisions = _decisions(self.lines, sure, locked, left, days, kind="auto")
        return bulk.apply_decisions(
            session, decisions, locked, on=on, by=by, at=at, certain_days=days
        )

    def waiting(self, applied: Applied) -> dict[int, tuple[Proposal, ...]]:
        """The proposals of the lines that were not applied."""
        return {
            key: ranked for key, ranked in self.proposals.items()
            if key not in applied.applications
        }  # fmt: skip

    def _propose(self, line_ids: Collection[int]) -> None:
        lines = [line for line in self.lines if line.line_id in line_ids]
        tolerance = self.settings.tolerance_minor
        found = bulk.match_lines(
            self.session, lines, self.read, tolerance_minor=tolerance, on=self.on
        )
        self.proposals |= found
        self.sure |= {
            line_id: ranked[0]
            for line_id, ranked in found.items()
            if ranked and ranked[0].confidence >= self.settings.auto_apply_from
            and ranked[0].rest_minor == 0
        }  # fmt: skip


def propose_line(session: Session, *, line_id: int, at: datetime) -> int:
    """Propose anew for one line and apply nothing; returns how many proposals it has now."""
    tolerance = queries.matching_settings(session).tolerance_minor
    lines = bulk.open_lines(session, line_ids=[line_id])
    read = bulk.read_lines(lines)
    proposals = bulk.match_lines(
        session, lines, read, tolerance_minor=tolerance, on=business_date(at)
    )
    bulk.store_proposals(session, proposals, at=at)
    return len(proposals.get(line_id, ()))


def proposals_now(session: Session, *, line_id: int, on: date) -> list[StoredProposal]:
    """A line's proposals as the book stands: those kept, unless one of them fits no more.

    Reads only: what is found anew here has no number before it is confirmed or looked for.
    """
    stored = queries.proposals_of(session, line_id=line_id)
    if stored and all(_still_fits(one) for one in stored):
        return stored
    lines = bulk.open_lines(session, line_ids=[line_id])
    tolerance = queries.matching_settings(session).tolerance_minor
    found = bulk.match_lines(
        session, lines, bulk.read_lines(lines), tolerance_minor=tolerance, on=on
    )
    return queries.named(session, line_id=line_id, proposals=found.get(line_id, ()))


def propose_again(session: Session, *, line_ids: Collection[int], at: datetime) -> None:
    """Propose anew for lines that wait: what they named is settled, or their payer is learned."""
    settings = queries.matching_settings(session)
    lines = bulk.open_lines(session, line_ids=line_ids)
    found = bulk.match_lines(
        session, lines, bulk.read_lines(lines), tolerance_minor=settings.tolerance_minor,
        on=business_date(at),
    )  # fmt: skip
    bulk.store_proposals(session, found, at=at)


def _still_fits(stored: StoredProposal) -> bool:
    opened = {one.receivable_id: one.open_minor for one in stored.receivables}
    return _fits(stored.proposal, _Left(opened, {}), kept=False)


def decide(
    session: Session, lines: Sequence[OpenLine], chosen: Mapping[int, Proposal], *, kind: str,
    on: date,
) -> tuple[list[Decision], Mapping[int, Locked]]:  # fmt: skip
    """Lock what the chosen proposals touch and keep those that still fit, in the lines' order."""
    wanted = {a.receivable_id for proposal in chosen.values() for a in proposal.allocations}
    locked = bulk.lock_receivables(session, wanted)
    days = _value_days(session, {item.contract_id for item in locked.values()}, on)
    left = _left(session, chosen, locked)
    return _decisions(lines, chosen, locked, left, days, kind=kind), locked


def _decisions(
    lines: Sequence[OpenLine], chosen: Mapping[int, Proposal], locked: Mapping[int, Locked],
    left: _Left, days: Mapping[int, int], *, kind: str,
) -> list[Decision]:  # fmt: skip
    decisions = []
    for line in lines:
        proposal = chosen.get(line.line_id)
        if proposal is None or not _fits(proposal, left):
            continue
        for allocation in _taking(proposal):
            left.open_minor[allocation.receivable_id] -= allocation.amount_minor
            if allocation.kept_minor:
                left.kept_minor[allocation.receivable_id] -= allocation.kept_minor
        homes = {locked[a.receivable_id].contract_id for a in proposal.allocations}
        decisions.append(
            Decision(
                line_id=line.line_id, bank_account_id=line.bank_account_id,
                currency=line.currency, allocations=proposal.allocations,
                value_dates={c: value_date(line.value_date, days[c]) for c in homes},
                kind=kind, confidence=proposal.confidence, reasons=proposal.reasons,
            )
        )  # fmt: skip
    return decisions


def set_matching(
    session: Session, *, auto_apply_from: Decimal, tolerance_minor: int, by: str, at: datetime
) -> None:
    """Say how sure is sure enough (0.80 to 1, where 1 applies nothing by itself)."""
    if not Decimal("0.80") <= auto_apply_from <= 1:
        raise Invalid(
            "auto_apply_range", "the threshold lies between 80 % and 100 %",
            field="auto_apply_from",
        )  # fmt: skip
    if not 0 <= tolerance_minor <= 1_000:
        raise Invalid(
            "tolerance_range", "the tolerance lies between 0 and 10.00", field="tolerance"
        )
    before = queries.matching_settings(session)
    session.execute(
        insert(MatchingSettings).values(
            auto_apply_from=auto_apply_from, tolerance_minor=tolerance_minor, set_at=at, set_by=by
        )
    )
    after = {"auto_apply_from": str(auto_apply_from), "tolerance_minor": tolerance_minor}
    audit.record(
        session, verb="set_matching", subject_kind="matching_settings", subject_id=0,
        before={"auto_apply_from": str(before.auto_apply_from),
                "tolerance_minor": before.tolerance_minor},
        after=after, by=by, at=at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Left:
    """What is still open of each receivable, and what of its kept cover is not used."""

    open_minor: dict[int, int]
    kept_minor: dict[int, int]


def _left(session: Session, chosen: Mapping[int, Proposal], locked: Mapping[int, Locked]) -> _Left:
    kept = {a.receivable_id for one in chosen.values() for a in one.allocations if a.kept_minor}
    opened = {number: item.open_minor for number, item in locked.items()}
    return _Left(opened, bulk.kept_of(session, kept))


def _fits(proposal: Proposal, left: _Left, *, kept: bool = True) -> bool:
    """Whether every part is still within what is open of its receivable, and what it keeps."""
    needed: dict[int, int] = {}
    for allocation in _taking(proposal):
        key = allocation.receivable_id
        needed[key] = needed.get(key, 0) + allocation.amount_minor
    opened = left.open_minor
    return all(
        key in opened and 0 < abs(minor) <= abs(opened[key]) and (minor > 0) == (opened[key] > 0)
        for key, minor in needed.items()
    ) and all(
        not kept or allocation.kept_minor <= left.kept_minor.get(allocation.receivable_id, 0)
        for allocation in proposal.allocations
    )


def _taking(proposal: Proposal) -> Iterator[Allocation]:
    """The parts that take from what is open; money held on account adds a credit instead."""
    for allocation in proposal.allocations:
        if allocation.kind is not AllocationKind.ON_ACCOUNT:
            yield allocation


def _value_days(session: Session, contract_ids: Collection[int], on: date) -> dict[int, int]:
    terms = contracts.terms_of_all(session, on, contract_ids=contract_ids)
    return {contract_id: one.value_days_in for contract_id, one in terms.items()}
