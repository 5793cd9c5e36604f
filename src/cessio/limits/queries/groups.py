"""Groups of companies: caps over them, the limits and the exposure of their members."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, or_, select, text
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.errors import NotFound
from cessio.limits.models import GroupLimit
from cessio.limits.queries.force import EffectiveLimits, limits_of_debtors
from cessio.limits.rules import GroupUse, LimitKind, MemberLimit, group_use
from cessio.parties.models import Company, CompanyGroup, Debtor


@dataclass(frozen=True, slots=True)
class GroupLimitRow:
    """A cap over a group; ``contract_id`` None: over all contracts of the house."""

    id: int
    group_id: int
    group_name: str
    contract_id: int | None
    contract_reference: str | None
    kind: LimitKind
    currency: str
    amount_minor: int
    valid_from: date
    valid_to: date | None
    insurer: str | None
    insurer_reference: str | None
    conditions: str | None
    reason: str | None
    decided_at: datetime
    decided_by: str
    ended_at: datetime | None
    ended_on: date | None
    ended_by: str | None
    end_reason: str | None

    def holds(self, on: date) -> bool:
        """Whether the cap bounds decisions of a day."""
        over = self.valid_to is not None and on > self.valid_to
        ended = self.ended_on is not None and on >= self.ended_on
        return self.valid_from <= on and not over and not ended


@dataclass(frozen=True, slots=True)
class GroupPosition:
    """A member of a group under one contract: limits in force, cover used, what it owes.

    ``outstanding_minor`` is the balance of the pair's account in the ledger.
    """

    group_id: int
    contract_id: int
    contract_reference: str
    client_id: int
    client_name: str
    currency: str
    debtor_id: int
    debtor_name: str
    outstanding_minor: int
    covered_minor: int
    queued_minor: int
    limits: EffectiveLimits

    def member(self, kind: LimitKind) -> MemberLimit:
        """The position as a cap of that kind sees it.

        Funding without a limit counts for what the debtor owes.
        """
        owed = max(0, self.outstanding_minor)
        if kind is LimitKind.COVER:
            limit, used = self.limits.cover_minor, self.covered_minor
        else:
            named = self.limits.funding_minor
            limit = owed if named is None else named
            used = min(owed, limit)
        return MemberLimit(self.contract_id, self.debtor_id, limit, used)


@dataclass(frozen=True, slots=True)
class CapUse:
    """A cap in force with its use."""

    cap: GroupLimitRow
    use: GroupUse


def group_limits(
    session: Session, *, group_ids: Collection[int] | None = None, open_only: bool = True
) -> tuple[GroupLimitRow, ...]:
    """Caps, those of the house before those of one contract, the latest first."""
    query = _caps()
    if open_only:
        query = query.where(GroupLimit.ended_at.is_(None))
    if group_ids is not None:
        query = query.where(GroupLimit.group_id.in_(group_ids))
    ordered = query.order_by(
        GroupLimit.group_id, GroupLimit.contract_id.nulls_first(), GroupLimit.id.desc()
    )
    return tuple(_cap_row(*row) for row in session.execute(ordered))


def group_limit(session: Session, limit_id: int) -> GroupLimitRow:
    """One cap. Raises ``NotFound``."""
    row = session.execute(_caps().where(GroupLimit.id == limit_id)).one_or_none()
    if row is None:
        raise NotFound("group_limit_unknown", "there is no group limit {id}", id=limit_id)
    return _cap_row(*row)


def caps_over(
    session: Session, *, contract_id: int, debtor_id: int, on: date
) -> tuple[GroupLimitRow, ...]:
    """The caps that bound a decision on a pair on a date."""
    query = (
        _caps()
        .join(Company, Company.group_id == GroupLimit.group_id)
        .join(Debtor, Debtor.company_id == Company.id)
        .where(
            Debtor.id == debtor_id, GroupLimit.ended_at.is_(None),
            or_(GroupLimit.contract_id.is_(None), GroupLimit.contract_id == contract_id),
            GroupLimit.currency
            == select(Contract.currency).where(Contract.id == contract_id).scalar_subquery(),
        )
        .order_by(GroupLimit.id)
    )  # fmt: skip
    rows = tuple(_cap_row(*row) for row in session.execute(query))
    return tuple(row for row in rows if row.holds(on))


_POSITIONS = """
    WITH member AS (
      SELECT company.group_id, debtor.id AS debtor_id, company.name
        FROM company JOIN debtor ON debtor.company_id = company.id
       WHERE company.group_id = ANY(:group_ids)
    ), pair AS (
      SELECT contract_id, debtor_id FROM cover_position
       WHERE debtor_id IN (SELECT debtor_id FROM member)
      UNION SELECT contract_id, debtor_id FROM credit_limit
       WHERE debtor_id IN (SELECT debtor_id FROM member)
      UNION SELECT contract_id, debtor_id FROM ledger_account
       WHERE kind = 'RECEIVABLE' AND debtor_id IN (SELECT debtor_id FROM member)
    )
    SELECT member.group_id, pair.contract_id, contract.reference AS contract_reference,
           contract.client_id, seller.name AS client_name, contract.currency, pair.debtor_id,
           member.name AS debtor_name, coalesce(account.balance_minor, 0)
             AS outstanding_minor,
           coalesce(position.covered_minor, 0) AS covered_minor,
           coalesce(position.coverable_minor - position.covered_minor, 0) AS queued_minor
      FROM pair
      JOIN member USING (debtor_id)
      JOIN contract ON contract.id = pair.contract_id
      JOIN client ON client.id = contract.client_id
      JOIN company AS seller ON seller.id = client.company_id
      LEFT JOIN cover_position AS position USING (contract_id, debtor_id)
      LEFT JOIN ledger_account AS account
        ON account.kind = 'RECEIVABLE' AND account.contract_id = pair.contract_id
       AND account.debtor_id = pair.debtor_id AND account.currency = contract.currency
     ORDER BY outstanding_minor DESC, pair.contract_id, pair.debtor_id
"""


def group_positions(
    session: Session, *, group_ids: Collection[int], on: date
) -> tuple[GroupPosition, ...]:
    """Every (contract, debtor) of the groups' companies, those who owe most first."""
    if not group_ids:
        return ()
    rows = session.execute(text(_POSITIONS), {"group_ids": list(group_ids)}).mappings().all()
    found = [dict(row) for row in rows]
    pairs = [(row["contract_id"], row["debtor_id"]) for row in found]
    held = limits_of_debtors(
        session, debtor_ids={debtor for _, debtor in pairs}, pairs=pairs, on=on
    )  # fmt: skip
    return tuple(
        GroupPosition(**row, limits=held[row["contract_id"], row["debtor_id"]]) for row in found
    )


def cap_uses(
    caps: Iterable[GroupLimitRow], positions: Sequence[GroupPosition]
) -> tuple[CapUse, ...]:
    """How caps are taken up by the limits of their members."""
    return tuple(
        CapUse(cap, group_use(cap.amount_minor, members_under(cap, positions))) for cap in caps
    )


def members_under(
    cap: GroupLimitRow, positions: Iterable[GroupPosition]
) -> tuple[MemberLimit, ...]:
    """The limits that a cap bounds: of its group and currency, and its contract if it names one."""
    return tuple(
        one.member(cap.kind)
        for one in positions
        if one.group_id == cap.group_id and one.currency == cap.currency
        and cap.contract_id in (None, one.contract_id)
    )  # fmt: skip


_OWED = """
    SELECT account.currency, coalesce(sum(account.balance_minor), 0)::bigint
      FROM ledger_account AS account
      JOIN debtor ON debtor.id = account.debtor_id
      JOIN company ON company.id = debtor.company_id
     WHERE account.kind = 'RECEIVABLE' AND company.group_id IS NOT NULL
     GROUP BY account.currency ORDER BY account.currency
"""


def owed_by_groups(session: Session) -> dict[str, int]:
    """What all companies that belong to a group owe, by currency, as the ledger has it."""
    return {row[0]: row[1] for row in session.execute(text(_OWED))}


def exceeded_caps(session: Session, *, on: date) -> tuple[CapUse, ...]:
    """The caps beyond which limits are granted, the largest excess first."""
    caps = [cap for cap in group_limits(session) if cap.holds(on)]
    positions = group_positions(session, group_ids={cap.group_id for cap in caps}, on=on)
    beyond = [one for one in cap_uses(caps, positions) if one.use.excess_minor]
    return tuple(sorted(beyond, key=lambda one: -one.use.excess_minor))


def _caps() -> Select[GroupLimit, str, str | None]:
    return (
        select(GroupLimit, CompanyGroup.name, Contract.reference)
        .join(CompanyGroup, CompanyGroup.id == GroupLimit.group_id)
        .outerjoin(Contract, Contract.id == GroupLimit.contract_id)
    )


def _cap_row(row: GroupLimit, group_name: str, reference: str | None) -> GroupLimitRow:
    return GroupLimitRow(
        row.id, row.group_id, group_name, row.contract_id, reference, LimitKind(row.kind),
        row.currency, row.amount_minor, row.valid_from, row.valid_to, row.insurer,
        row.insurer_reference, row.conditions, row.reason, row.decided_at, row.decided_by,
        row.ended_at, row.ended_on, row.ended_by, row.end_reason,
    )  # fmt: skip
