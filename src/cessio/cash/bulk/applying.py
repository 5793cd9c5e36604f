"""Applying decisions in one set: receivables, lines, applications and ledger together."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.cash.bulk import certain
from cessio.cash.bulk.certain import Locked
from cessio.cash.rules import Allocation, AllocationKind, MatchReason
from cessio.ledger import bulk as ledger
from cessio.plumbing.database import copy_rows
from cessio.receivables.bulk.cover import use_kept_cover


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one line's money. ``allocations`` fit the locked receivables.

    ``value_dates`` gives each contract's value date of the receipt.
    """

    line_id: int
    bank_account_id: int
    currency: str
    allocations: tuple[Allocation, ...]
    value_dates: Mapping[int, date]
    kind: str
    confidence: Decimal | None
    reasons: tuple[MatchReason, ...]

    @property
    def money_minor(self) -> int:
        """The part of the line that is used."""
        return sum(
            allocation.amount_minor for allocation in self.allocations
            if allocation.kind is not AllocationKind.DIFFERENCE
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Applied:
    """What was applied: the decisions by line; lines, money and debtors of them and the certain."""

    applications: Mapping[int, int]
    lines: int
    money_minor: int
    debtor_ids: frozenset[int]


_LOCK = """
    SELECT id, contract_id, debtor_id, open_minor FROM receivable
     WHERE id = ANY(:ids) AND closed_on IS NULL ORDER BY id FOR UPDATE
"""


def lock_receivables(session: Session, ids: Collection[int]) -> dict[int, Locked]:
    """Lock open receivables in id order; those closed meanwhile are missing."""
    rows = session.execute(text(_LOCK), {"ids": sorted(ids)})
    return {row[0]: Locked(*row) for row in rows}


def apply_decisions(
    session: Session, decisions: Sequence[Decision], locked: Mapping[int, Locked], *,
    on: date, by: str, at: datetime, certain_days: Mapping[int, int] | None = None,
) -> Applied:  # fmt: skip
    """Write the applications of decisions whose receivables are locked and fit.

    Several decisions may share a receivable as long as together they fit what is open. With
    ``certain_days`` (value days by contract) what ``certain`` holds is applied in the same set.
    """
    if not decisions and certain_days is None:
        return Applied({}, 0, 0, frozenset())
    numbered = list(zip(_reserve_ids(session, len(decisions)), decisions, strict=True))
    _write(session, numbered, on=on, by=by, at=at)
    ledger.stage(session)
    _stage_postings(session, numbered, locked)
    if certain_days is not None:
        certain.stage_postings(session, certain_days)
    ledger.post_staged(session, by=by, at=at)
    _move(session, [number for number, _ in numbered], on=on)
    use_kept_cover(session, paid=_kept(decisions))
    debtor_ids = {locked[a.receivable_id].debtor_id for one in decisions for a in one.allocations}
    count, money = len(decisions), sum(decision.money_minor for decision in decisions)
    if certain_days is not None:
        settled = certain.settle(session, on=on, by=by, at=at)
        count, money = count + settled.lines, money + settled.money_minor
        debtor_ids |= settled.debtor_ids
    applications = {one.line_id: number for number, one in numbered}
    return Applied(applications, count, money, frozenset(debtor_ids))


def _write(
    session: Session, numbered: Sequence[tuple[int, Decision]], *, on: date, by: str, at: datetime
) -> None:
    if not numbered:
        return
    copy_rows(
        session, "cash_application",
        ("id", "bank_line_id", "kind", "amount_minor", "applied_on", "at", "by", "confidence",
         "reasons"),
        (
            (number, one.line_id, one.kind, one.money_minor, on, at, by, one.confidence,
             json.dumps([reason.as_json() for reason in one.reasons]))
            for number, one in numbered
        ),
    )  # fmt: skip
    copy_rows(
        session, "cash_allocation",
        ("application_id", "receivable_id", "amount_minor", "kind", "kept_minor"),
        (
            (number, allocation.receivable_id, allocation.amount_minor, allocation.kind.value,
             allocation.kept_minor)
            for number, one in numbered
            for allocation in one.allocations
        ),
    )  # fmt: skip


def _kept(decisions: Sequence[Decision]) -> dict[int, int]:
    """Kept cover that is used up, by receivable."""
    used: dict[int, int] = {}
    for allocation in (a for one in decisions for a in one.allocations if a.kept_minor):
        key = allocation.receivable_id
        used[key] = used.get(key, 0) + allocation.kept_minor
    return used


def _reserve_ids(session: Session, count: int) -> list[int]:
    if not count:
        return []
    rows = session.execute(
        text("SELECT nextval('cash_application_id_seq') FROM generate_series(1, :count)"),
        {"count": count},
    )
    return [row[0] for row in rows]


def _stage_postings(
    session: Session, numbered: Sequence[tuple[int, Decision]], locked: Mapping[int, Locked]
) -> None:
    """One transaction per application and contract for money, one for what is written off."""
    if not numbered:
        return
    heads: list[tuple[object, ...]] = []
    lines: list[tuple[object, ...]] = []
    for number, one in numbered:
        for (contract_id, differs), allocations in _by_contract(one, locked).items():
            ref = len(heads)
            kind = "PAYMENT_DIFFERENCE" if differs else "CASH_APPLICATION"
            effect = f"{'difference' if differs else 'apply'}:{contract_id}"
            heads.append((ref, kind, "cash_application", number, effect, contract_id,
                          one.value_dates[contract_id]))  # fmt: skip
            total = sum(allocation.amount_minor for allocation in allocations)
            if differs:
                lines.append((ref, 0, "CLIENT_CURRENT", one.currency, contract_id, None, None,
                              total, None))  # fmt: skip
            elif total:
                lines.append((ref, 0, "SUSPENSE_CASH", one.currency, None, None,
                              one.bank_account_id, total, None))  # fmt: skip
            lines += [
                (ref, place, "RECEIVABLE", one.currency, contract_id,
                 locked[allocation.receivable_id].debtor_id, None, -allocation.amount_minor,
                 allocation.receivable_id)
                for place, allocation in enumerate(allocations, start=1)
            ]  # fmt: skip
    copy_rows(
        session, "posting_staged",
        ("ref", "kind", "source_kind", "source_id", "effect", "contract_id", "value_date"), heads,
    )  # fmt: skip
    copy_rows(
        session, "posting_line_staged",
        ("ref", "position", "kind", "currency", "contract_id", "debtor_id", "bank_id",
         "amount_minor", "receivable_id"), lines,
    )  # fmt: skip


def _by_contract(
    one: Decision, locked: Mapping[int, Locked]
) -> dict[tuple[int, bool], list[Allocation]]:
    found: dict[tuple[int, bool], list[Allocation]] = {}
    for allocation in one.allocations:
        contract_id = locked[allocation.receivable_id].contract_id
        differs = allocation.kind is AllocationKind.DIFFERENCE
        found.setdefault((contract_id, differs), []).append(allocation)
    return found


_MOVE_RECEIVABLES = """
    UPDATE receivable
       SET open_minor = receivable.open_minor - paid.amount_minor,
           closed_on = CASE WHEN receivable.open_minor = paid.amount_minor THEN :on END
      FROM (SELECT receivable_id, sum(amount_minor)::bigint AS amount_minor
              FROM cash_allocation WHERE application_id = ANY(:ids) AND kind <> 'on_account'
             GROUP BY receivable_id) AS paid
     WHERE receivable.id = paid.receivable_id
"""

_MOVE_LINES = """
    UPDATE bank_line SET applied_minor = applied_minor + used.amount_minor
      FROM (SELECT bank_line_id, sum(amount_minor)::bigint AS amount_minor
              FROM cash_application WHERE id = ANY(:ids) GROUP BY bank_line_id) AS used
     WHERE bank_line.id = used.bank_line_id
"""


def _move(session: Session, ids: Sequence[int], *, on: date) -> None:
    if not ids:
        return
    session.execute(text(_MOVE_RECEIVABLES), {"ids": list(ids), "on": on})
    session.execute(text(_MOVE_LINES), {"ids": list(ids)})
