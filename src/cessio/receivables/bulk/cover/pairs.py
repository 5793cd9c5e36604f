"""Computing the cover of some pairs, in one statement after the limits are applied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts.queries import END_OF_TIME
from cessio.kernel.calendar import business_date
from cessio.receivables.bulk.cover.force import APPLY, FORCE, ITEM, LOCK, CoverChange, Scope
from cessio.receivables.bulk.cover.sets import recompute_set

#: Up to so many debtors one statement does it all; beyond, sums first are worth their tables.
FEW = 30

_ENSURE = """
    INSERT INTO cover_position (contract_id, debtor_id)
    SELECT DISTINCT contract_id, debtor_id FROM receivable AS invoice
     WHERE closed_on IS NULL AND open_minor > 0 {invoice}
     ORDER BY contract_id, debtor_id
    ON CONFLICT DO NOTHING
"""

_STALE = f"""
    SELECT contract_id, array_agg(debtor_id ORDER BY debtor_id) FROM ({FORCE}) AS force
     WHERE (limit_minor, order_key) <> (applied_minor, applied_key)
     GROUP BY contract_id ORDER BY contract_id
"""  # noqa: S608

_COMPUTE = f"""
    WITH item AS MATERIALIZED ({ITEM}), pair AS MATERIALIZED (
      SELECT position.contract_id, position.debtor_id, position.is_full AS was_full,
             position.computed_at, position.covered_minor AS before,
             position.last_assigned_on AS assigned_before,
             coalesce(total.coverable_minor, 0) AS coverable_minor,
             coalesce(total.kept_minor, 0) AS kept_minor, total.last_assigned_on,
             greatest(0, position.limit_minor - coalesce(total.kept_minor, 0)) AS room_minor,
             CASE WHEN coalesce(total.coverable_minor, 0) = 0 THEN position.is_full
                  ELSE total.coverable_minor <= greatest(position.limit_minor, total.kept_minor)
             END AS is_full
        FROM cover_position AS position
        LEFT JOIN (
          SELECT contract_id, debtor_id, sum(coverable_minor)::bigint AS coverable_minor,
                 sum(kept_minor)::bigint AS kept_minor, max(assigned_on) AS last_assigned_on
            FROM item GROUP BY contract_id, debtor_id) AS total USING (contract_id, debtor_id)
       WHERE true {{position}}
    ), walked AS (
      SELECT item.id, item.contract_id, item.debtor_id, pair.was_full, pair.computed_at,
             kept_minor + greatest(0, least(
               item.coverable_minor - item.kept_minor,
               room_minor - (sum(item.coverable_minor - item.kept_minor) OVER so_far
                             - item.coverable_minor + item.kept_minor)))::bigint AS covered_minor
        FROM (SELECT contract_id, debtor_id, room_minor, was_full, computed_at
                FROM pair WHERE NOT is_full) AS pair
        JOIN item USING (contract_id, debtor_id)
      WINDOW so_far AS (
        PARTITION BY item.contract_id, item.debtor_id
            ORDER BY item.ordered_on, item.number, item.id
                ROWS UNBOUNDED PRECEDING)
    ), kept AS (
      SELECT cover.* FROM cover_position AS position
        JOIN receivable_cover AS cover USING (contract_id, debtor_id)
       WHERE true {{position}}
    ), changed AS (
      SELECT coalesce(walked.id, kept.receivable_id) AS id,
             coalesce(walked.contract_id, kept.contract_id) AS contract_id,
             coalesce(walked.debtor_id, kept.debtor_id) AS debtor_id,
             coalesce(walked.covered_minor, 0) AS covered_minor,
             coalesce(walked.covered_minor, 0) <> coalesce(kept.covered_minor, 0) AS is_other,
             coalesce(walked.was_full AND walked.computed_at IS NOT NULL, false) AS is_first
        FROM walked FULL JOIN kept ON kept.receivable_id = walked.id
       WHERE coalesce(walked.covered_minor, 0) <> coalesce(kept.covered_minor, 0)
          OR walked.was_full
    ), removed AS (
      DELETE FROM receivable_cover AS cover USING changed
       WHERE cover.receivable_id = changed.id AND changed.covered_minor = 0
    ), written AS (
      INSERT INTO receivable_cover (receivable_id, contract_id, debtor_id, covered_minor)
      SELECT id, contract_id, debtor_id, covered_minor FROM changed
       WHERE covered_minor > 0 AND is_other
      ON CONFLICT (receivable_id) DO UPDATE SET covered_minor = excluded.covered_minor
    ), noted AS (
      INSERT INTO cover_history (receivable_id, from_on, covered_minor)
      SELECT changed.id, :noted_on, changed.covered_minor
        FROM changed JOIN pair USING (contract_id, debtor_id)
       WHERE NOT pair.is_full AND (changed.is_other OR changed.is_first)
      ON CONFLICT (receivable_id, from_on) DO UPDATE SET covered_minor = excluded.covered_minor
    ), told AS (
      INSERT INTO cover_regime (contract_id, debtor_id, from_on, is_full)
      SELECT contract_id, debtor_id, :noted_on, is_full FROM pair
       WHERE is_full <> was_full OR computed_at IS NULL
      ON CONFLICT (contract_id, debtor_id, from_on) DO UPDATE SET is_full = excluded.is_full
    ), stood AS (
      UPDATE cover_position AS position
         SET is_full = pair.is_full, coverable_minor = pair.coverable_minor,
             kept_minor = pair.kept_minor, computed_at = :at,
             covered_minor = least(pair.coverable_minor, pair.kept_minor + pair.room_minor),
             last_assigned_on = greatest(pair.assigned_before, pair.last_assigned_on)
        FROM pair
       WHERE position.contract_id = pair.contract_id AND position.debtor_id = pair.debtor_id
    )
    SELECT (SELECT count(*) FROM changed WHERE is_other),
           coalesce(sum(greatest(0, after - before)), 0),
           coalesce(sum(greatest(0, before - after)), 0)
      FROM (SELECT before, least(coverable_minor, kept_minor + room_minor) AS after FROM pair)
             AS compared
"""  # noqa: S608

_USE = """
    UPDATE cover_floor AS floor SET floor_minor = floor.floor_minor - used.paid_minor
      FROM unnest(CAST(:ids AS bigint[]), CAST(:paid AS bigint[])) AS used (id, paid_minor)
     WHERE floor.receivable_id = used.id
"""


def recompute_cover(
    session: Session, *, contract_id: int | None = None,
    debtor_ids: Collection[int] | None = None, on: date, at: datetime,
) -> CoverChange:  # fmt: skip
    """Compute cover as of ``on`` (today) for a contract's debtors, a contract, or all contracts.

    Without ``contract_id`` every contract of the debtors, without ``debtor_ids`` every debtor.
    Locks each pair until the transaction ends, in order; post to the ledger before, not after.
    Call it after whatever changes an open amount, a dispute, a limit or the terms. What it changes
    is noted for the day of ``at``, so that what was known of an earlier day stays.
    """
    if debtor_ids is not None and not debtor_ids:
        return CoverChange(0, 0, 0)
    debtors = sorted(set(debtor_ids or ()))
    facts: dict[str, Any] = {
        "contract_id": contract_id, "debtor_ids": debtors, "on": on, "at": at,
        "recorded_before": END_OF_TIME, "noted_on": business_date(at),
    }  # fmt: skip
    scope = Scope(contract_id is not None, debtor_ids is not None)
    if debtor_ids is None or len(debtors) > FEW:
        return recompute_set(session, scope, facts)
    pairs = session.scalar(text(scope.of(LOCK)), facts)
    if not scope.names_pairs or pairs != len(debtors):
        session.execute(text(scope.of(_ENSURE)), facts)
        session.execute(text(scope.of(LOCK)), facts)
    session.execute(text(scope.of(APPLY)), facts)
    count, gained, lost = session.execute(text(scope.of(_COMPUTE)), facts).one()
    return CoverChange(int(count), int(gained), int(lost))


def recompute_stale(session: Session, *, on: date, at: datetime) -> CoverChange:
    """Compute cover of the pairs whose limit or order in force is not the one applied last."""
    scope = Scope(one_contract=False, some_debtors=False)
    known = {"on": on, "recorded_before": END_OF_TIME}
    done = [
        recompute_cover(session, contract_id=contract_id, debtor_ids=debtor_ids, on=on, at=at)
        for contract_id, debtor_ids in session.execute(text(scope.of(_STALE)), known).all()
    ]
    return CoverChange(
        sum(change.invoice_count for change in done),
        sum(change.gained_minor for change in done),
        sum(change.lost_minor for change in done),
    )


def use_kept_cover(session: Session, *, paid: Mapping[int, int]) -> None:
    """Take payments of covered amounts off the cover invoices kept: minor units by receivable.

    For payments applied in ``receivables_in_payment_order``; negative amounts undo them. Call it
    before ``recompute_cover``. More than an invoice kept is refused by the database.
    """
    if paid:
        facts = {"ids": list(paid), "paid": list(paid.values())}
        session.execute(text(_USE), facts)
