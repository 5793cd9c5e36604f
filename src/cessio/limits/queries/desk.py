"""The limits desk: promises, the house's rule, insurers' last words, decisions proposed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.errors import NotFound
from cessio.limits.models import AnswerPromise, LimitPolicy, LimitProposal
from cessio.limits.queries.force import EffectiveLimits, limits_of_debtors
from cessio.limits.rules import (
    NOTICE_DAYS,
    LimitKind,
    PromiseBand,
    SecondPerson,
    SecondPersonCode,
)
from cessio.parties.models import Company, Debtor


@dataclass(frozen=True, slots=True)
class Promise:
    """A promised answer time in force, and who set it."""

    id: int
    band: PromiseBand
    set_at: datetime
    set_by: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The house's rule of limits; ``set_at`` is None for the one it starts with."""

    notice_days: int = NOTICE_DAYS
    set_at: datetime | None = None
    set_by: str | None = None


@dataclass(frozen=True, slots=True)
class InsurerWord:
    """The last decision on a pair that names an insurer."""

    limit_id: int
    insurer: str
    reference: str | None
    amount_minor: int
    conditions: str | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class PairStanding:
    """Limits in force on a pair, its balance in the ledger, and the cover of its invoices.

    ``queued_minor`` is undisputed and not covered, for want of room.
    """

    limits: EffectiveLimits
    outstanding_minor: int
    covered_minor: int
    queued_minor: int


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A decision as it was proposed to a second person, and how that ended."""

    id: int
    contract_id: int
    contract_reference: str
    client_id: int
    currency: str
    debtor_id: int
    debtor_name: str
    request_id: int | None
    kind: LimitKind
    amount_minor: int
    cover_rate: Decimal | None
    is_temporary: bool
    valid_from: date | None
    valid_to: date | None
    insurer: str | None
    insurer_reference: str | None
    conditions: str | None
    reason: str | None
    why: tuple[SecondPerson, ...]
    proposed_at: datetime
    proposed_by: str
    outcome: str | None
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None
    limit_id: int | None


def promises(session: Session) -> tuple[Promise, ...]:
    """The promised answer times in force, from the smallest amount up."""
    model = AnswerPromise
    rows = session.scalars(
        select(model).where(model.ended_at.is_(None)).order_by(model.from_minor)
    )  # fmt: skip
    return tuple(
        Promise(row.id, PromiseBand(row.from_minor, row.business_days), row.set_at, row.set_by)
        for row in rows
    )


def policy(session: Session) -> Policy:
    """The house's rule now."""
    row = session.scalar(select(LimitPolicy).order_by(LimitPolicy.id.desc()).limit(1))
    if row is None:
        return Policy()
    return Policy(row.notice_days, row.set_at, row.set_by)


_WORDS = """
    SELECT DISTINCT ON (said.contract_id, said.debtor_id)
           said.contract_id, said.debtor_id, said.id, said.insurer, said.insurer_reference,
           said.amount_minor, said.conditions, said.decided_at
      FROM unnest(CAST(:contract_ids AS bigint[]), CAST(:debtor_ids AS bigint[]))
             AS pair (contract_id, debtor_id)
      JOIN credit_limit AS said USING (contract_id, debtor_id)
     WHERE said.insurer IS NOT NULL
     ORDER BY said.contract_id, said.debtor_id, said.id DESC
"""


def insurer_words(
    session: Session, pairs: Collection[tuple[int, int]]
) -> dict[tuple[int, int], InsurerWord]:
    """What the insurer last said of each (contract, debtor), where one ever did."""
    facts = {
        "contract_ids": [contract for contract, _ in pairs],
        "debtor_ids": [debtor for _, debtor in pairs],
    }
    return {
        (row.contract_id, row.debtor_id): InsurerWord(
            row.id, row.insurer, row.insurer_reference, row.amount_minor, row.conditions,
            row.decided_at,
        )
        for row in session.execute(text(_WORDS), facts)
    }  # fmt: skip


_STANDING = """
    SELECT pair.contract_id, pair.debtor_id,
           coalesce(account.balance_minor, 0) AS outstanding,
           coalesce(position.covered_minor, 0) AS covered,
           coalesce(position.coverable_minor - position.covered_minor, 0) AS queued
      FROM unnest(CAST(:contract_ids AS bigint[]), CAST(:debtor_ids AS bigint[]))
             AS pair (contract_id, debtor_id)
      JOIN contract ON contract.id = pair.contract_id
      LEFT JOIN cover_position AS position USING (contract_id, debtor_id)
      LEFT JOIN ledger_account AS account
        ON account.kind = 'RECEIVABLE' AND account.contract_id = pair.contract_id
       AND account.debtor_id = pair.debtor_id AND account.bank_id IS NULL
       AND account.currency = contract.currency
"""


def pair_standings(
    session: Session, pairs: Collection[tuple[int, int]], *, on: date
) -> dict[tuple[int, int], PairStanding]:
    """How (contract, debtor) pairs stand on a day: their limits, what is owed, what is covered."""
    wanted = list(dict.fromkeys(pairs))
    facts = {"contract_ids": [one for one, _ in wanted], "debtor_ids": [one for _, one in wanted]}
    held = limits_of_debtors(
        session, debtor_ids=set(facts["debtor_ids"]), pairs=wanted, on=on
    )  # fmt: skip
    return {
        (row.contract_id, row.debtor_id): PairStanding(
            held[row.contract_id, row.debtor_id], row.outstanding, row.covered, row.queued
        )
        for row in session.execute(text(_STANDING), facts)
    }


def proposal(session: Session, proposal_id: int) -> ProposalRow:
    """One proposed decision. Raises ``NotFound``."""
    row = session.execute(_proposals().where(LimitProposal.id == proposal_id)).one_or_none()
    if row is None:
        raise NotFound("proposal_unknown", "there is no proposed limit {id}", id=proposal_id)
    return _proposal_row(*row)


def open_proposals(
    session: Session, *, contract_id: int | None = None, debtor_id: int | None = None
) -> tuple[ProposalRow, ...]:
    """Decisions that wait for a second person, the oldest first."""
    query = _proposals().where(LimitProposal.ended_at.is_(None)).order_by(LimitProposal.id)
    if contract_id is not None:
        query = query.where(LimitProposal.contract_id == contract_id)
    if debtor_id is not None:
        query = query.where(LimitProposal.debtor_id == debtor_id)
    return tuple(_proposal_row(*row) for row in session.execute(query.limit(200)))


def _proposals() -> Select[LimitProposal, str, int, str, str]:
    model = LimitProposal
    return (
        select(model, Contract.reference, Contract.client_id, Contract.currency, Company.name)
        .join(Contract, Contract.id == model.contract_id)
        .join(Debtor, Debtor.id == model.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
    )


def _proposal_row(
    row: LimitProposal, reference: str, client_id: int, currency: str, debtor_name: str
) -> ProposalRow:
    return ProposalRow(
        row.id, row.contract_id, reference, client_id, currency, row.debtor_id, debtor_name,
        row.request_id, LimitKind(row.kind), row.amount_minor, row.cover_rate, row.is_temporary,
        row.valid_from, row.valid_to, row.insurer, row.insurer_reference, row.conditions,
        row.reason, tuple(map(_why, row.why)), row.proposed_at, row.proposed_by, row.outcome,
        row.ended_at, row.ended_by, row.end_reason, row.limit_id,
    )  # fmt: skip


def _why(kept: dict[str, Any]) -> SecondPerson:
    return SecondPerson(SecondPersonCode(kept["code"]), kept.get("params", {}))
