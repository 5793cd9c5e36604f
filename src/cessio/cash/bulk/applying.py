"""Applying decisions in one set: receivables, lines, applications and ledger together."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.cash.rules import Allocation, AllocationKind, MatchReason
from cessio.ledger import bulk as ledger
from cessio.plumbing.database import copy_rows


@dataclass(frozen=True, slots=True)
class Locked:
    """A receivable under lock: whose it is and what is open of it."""

    receivable_id: int
    contract_id: int
    debtor_id: int
    open_minor: int


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
    """Applications made, by line, and the pairs whose open receivables changed."""

    applications: Mapping[int, int]
    contract_ids: frozenset[int]
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
    on: date, by: str, at: datetime,
) -> Applied:  # fmt: skip
    """Write the applications of decisions whose receivables are locked and fit.

    Several decisions may share a receivable as long as together they fit what is open.
    """
    if not decisions:
        return Applied({}, frozenset(), frozenset())
    ids = _reserve_ids(session, len(decisions))
    numbered = list(zip(ids, decisions, strict=True))
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
        ("application_id", "receivable_id", "amount_minor", "kind"),
        (
            (number, allocation.receivable_id, allocation.amount_minor, allocation.kind.value)
            for number, one in numbered
            for allocation in one.allocations
        ),
    )  # fmt: skip
    _post(session, numbered, locked, by=by, at=at)
    _move(session, ids, on=on)
    touched = [locked[a.receivable_id] for one in decisions for a in one.allocations]
    return Applied(
        {one.line_id: number for number, one in numbered},
        frozenset(item.contract_id for item in touched),
        frozenset(item.debtor_id for item in touched),
    )


def _reserve_ids(session: Session, count: int) -> list[int]:
    rows = session.execute(
        text(
            "SELECT nextval(pg_get_serial_sequence('cash_application', 'id'))"
            " FROM generate_series(1, :count)"
        ),
        {"count": count},
    )
    return [row[0] for row in rows]


def _post(
    session: Session, numbered: Sequence[tuple[int, Decision]], locked: Mapping[int, Locked], *,
    by: str, at: datetime,
) -> None:  # fmt: skip
    """One transaction per application and contract for money, one for what is written off."""
    ledger.stage(session)
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
    ledger.post_staged(session, by=by, at=at)


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
    session.execute(text(_MOVE_RECEIVABLES), {"ids": list(ids), "on": on})
    session.execute(text(_MOVE_LINES), {"ids": list(ids)})
