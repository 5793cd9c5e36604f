"""Computing the cover of many pairs: sums per pair, then a walk of those beyond their limit.

A row of ``receivable_cover`` whose invoice was closed without computing its pair is not looked
for here: whatever closes an invoice computes its pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.receivables.bulk.cover.force import (
    ANY_INVOICE,
    APPLY,
    BY_PAIR,
    ITEM,
    LOCK,
    CoverChange,
    Scope,
)
from cessio.receivables.bulk.planning import planned_for

#: For the whole book one lock instead of one a pair.
_LOCK_BOOK = "LOCK TABLE cover_position IN EXCLUSIVE MODE"

_SUM = (
    """
    CREATE TEMP TABLE cover_book ON COMMIT DROP AS
    SELECT contract_id, debtor_id, sum(open_minor)::bigint AS open_minor,
           max(assigned_on) AS last_assigned_on, count(*) AS invoice_count
      FROM receivable AS invoice WHERE closed_on IS NULL AND open_minor > 0 {invoice}
     GROUP BY contract_id, debtor_id
    """,
    """
    INSERT INTO cover_position (contract_id, debtor_id)
    SELECT contract_id, debtor_id FROM cover_book
     WHERE NOT EXISTS (SELECT FROM cover_position AS known
                        WHERE known.contract_id = cover_book.contract_id
                          AND known.debtor_id = cover_book.debtor_id)
     ORDER BY contract_id, debtor_id
    ON CONFLICT DO NOTHING
    """,
    APPLY,
    """
    CREATE TEMP TABLE cover_sum ON COMMIT DROP AS
    SELECT contract_id, debtor_id, summed.coverable_minor, summed.kept_minor,
           least(summed.coverable_minor, greatest(position.limit_minor, summed.kept_minor))
             AS covered_minor,
           CASE WHEN summed.coverable_minor = 0 THEN position.is_full
                ELSE summed.coverable_minor <= greatest(position.limit_minor, summed.kept_minor)
           END AS is_full,
           greatest(position.last_assigned_on, book.last_assigned_on) AS last_assigned_on,
           position.is_full AS was_full, position.computed_at, position.covered_minor AS before,
           coalesce(book.invoice_count, 0) AS invoice_count
      FROM cover_position AS position
      LEFT JOIN cover_book AS book USING (contract_id, debtor_id)
      LEFT JOIN (
        SELECT invoice.contract_id, invoice.debtor_id,
               sum(least(dispute.amount_minor, open_minor)) AS minor
          FROM dispute JOIN receivable AS invoice ON invoice.id = dispute.receivable_id
         WHERE dispute.ended_at IS NULL AND closed_on IS NULL AND open_minor > 0 {invoice}
         GROUP BY invoice.contract_id, invoice.debtor_id) AS disputed USING (contract_id, debtor_id)
      LEFT JOIN (
        SELECT invoice.contract_id, invoice.debtor_id,
               sum(least(floor_minor,
                         greatest(0, open_minor - coalesce(dispute.amount_minor, 0)))) AS minor
          FROM cover_floor JOIN receivable AS invoice ON invoice.id = cover_floor.receivable_id
          LEFT JOIN dispute ON dispute.receivable_id = invoice.id AND dispute.ended_at IS NULL
         WHERE closed_on IS NULL AND open_minor > 0 {invoice}
         GROUP BY invoice.contract_id, invoice.debtor_id) AS kept USING (contract_id, debtor_id)
     CROSS JOIN LATERAL (
       SELECT (coalesce(book.open_minor, 0) - coalesce(disputed.minor, 0))::bigint
                AS coverable_minor,
              coalesce(kept.minor, 0)::bigint AS kept_minor) AS summed
     WHERE true {position}
    """,
    "ANALYZE cover_sum",
    """
    INSERT INTO cover_regime (contract_id, debtor_id, from_on, is_full)
    SELECT contract_id, debtor_id, :noted_on, is_full FROM cover_sum
     WHERE is_full <> was_full OR computed_at IS NULL
    ON CONFLICT (contract_id, debtor_id, from_on) DO UPDATE SET is_full = excluded.is_full
    """,
    """
    UPDATE cover_position AS position
       SET is_full = summed.is_full, coverable_minor = summed.coverable_minor,
           kept_minor = summed.kept_minor, covered_minor = summed.covered_minor,
           last_assigned_on = summed.last_assigned_on, computed_at = :at
      FROM cover_sum AS summed
     WHERE position.contract_id = summed.contract_id AND position.debtor_id = summed.debtor_id
       AND (summed.computed_at IS NULL
            OR (position.is_full, position.coverable_minor, position.kept_minor,
                position.covered_minor, coalesce(position.last_assigned_on, '-infinity'))
               <> (summed.is_full, summed.coverable_minor, summed.kept_minor,
                   summed.covered_minor, coalesce(summed.last_assigned_on, '-infinity')))
    """,
)

#: The invoices of pairs beyond their limit whose cover is not the one stored.
_WALK = f"""
    CREATE TEMP TABLE cover_changed ON COMMIT DROP AS
    SELECT id, contract_id, debtor_id, before_minor, covered_minor FROM (
      SELECT item.id, item.contract_id, item.debtor_id, item.before_minor,
             item.kept_minor + greatest(0, least(
               item.coverable_minor - item.kept_minor,
               greatest(0, item.limit_minor - item.pair_kept_minor)
                 - (sum(item.coverable_minor - item.kept_minor) OVER so_far
                    - item.coverable_minor + item.kept_minor)))::bigint AS covered_minor
        FROM ({ITEM} AND NOT position.is_full) AS item
      WINDOW so_far AS (PARTITION BY item.contract_id, item.debtor_id
                            ORDER BY item.ordered_on, item.number, item.id
                                ROWS UNBOUNDED PRECEDING)
    ) AS walked
     WHERE covered_minor <> before_minor
"""  # noqa: S608

#: Whether most invoices are of pairs within their limit, so that the others are sought by pair.
_MOST_ARE_FULL = """
    SELECT coalesce(sum(invoice_count) FILTER (WHERE NOT is_full), 0) * 4 < sum(invoice_count)
      FROM cover_sum
"""

#: Cover stored for invoices that are closed now: in pairs whose stored cover is more than what
#: the walk found stored, which is the new sum less what the walk changed.
_GONE = """
    INSERT INTO cover_changed (id, contract_id, debtor_id, before_minor, covered_minor)
    SELECT cover.receivable_id, cover.contract_id, cover.debtor_id, cover.covered_minor, 0
      FROM cover_sum AS summed
      LEFT JOIN (
        SELECT contract_id, debtor_id, sum(covered_minor - before_minor) AS minor
          FROM cover_changed GROUP BY contract_id, debtor_id) AS moved
     USING (contract_id, debtor_id)
      JOIN receivable_cover AS cover USING (contract_id, debtor_id)
      LEFT JOIN receivable AS invoice
        ON invoice.id = cover.receivable_id AND invoice.closed_on IS NULL
       AND invoice.open_minor > 0
     WHERE NOT summed.is_full AND NOT summed.was_full AND invoice.id IS NULL
       AND summed.before > summed.covered_minor - coalesce(moved.minor, 0)
"""

_WRITE = (
    """
    INSERT INTO receivable_cover (receivable_id, contract_id, debtor_id, covered_minor)
    SELECT id, contract_id, debtor_id, covered_minor FROM cover_changed WHERE covered_minor > 0
    ON CONFLICT (receivable_id) DO UPDATE SET covered_minor = excluded.covered_minor
    """,
    """
    DELETE FROM receivable_cover AS cover USING cover_changed AS changed
     WHERE cover.receivable_id = changed.id AND changed.covered_minor = 0
    """,
    """
    DELETE FROM receivable_cover AS cover USING cover_sum AS summed
     WHERE cover.contract_id = summed.contract_id AND cover.debtor_id = summed.debtor_id
       AND summed.is_full AND NOT summed.was_full
    """,
    """
    INSERT INTO cover_history (receivable_id, from_on, covered_minor)
    SELECT id, :noted_on, covered_minor FROM cover_changed
     UNION ALL
    SELECT invoice.id, :noted_on, 0
      FROM cover_sum AS summed JOIN receivable AS invoice USING (contract_id, debtor_id)
     WHERE summed.was_full AND NOT summed.is_full AND summed.computed_at IS NOT NULL
       AND invoice.closed_on IS NULL AND invoice.open_minor > 0
       AND NOT EXISTS (SELECT FROM cover_changed WHERE cover_changed.id = invoice.id)
    ON CONFLICT (receivable_id, from_on) DO UPDATE SET covered_minor = excluded.covered_minor
    """,
)

_MOVED = """
    SELECT (SELECT count(*) FROM cover_changed),
           coalesce(sum(greatest(0, covered_minor - before)), 0),
           coalesce(sum(greatest(0, before - covered_minor)), 0)
      FROM cover_sum
"""

#: For statements over many pairs. Sorts and hashes in memory, scans by several workers, rows
#: found by key taken to be in memory; and for the walk no nested loops, because the planner takes
#: a pair to have one invoice, not many.
_SETTINGS = {"work_mem": "64MB", "parallel_tuple_cost": "0.01", "parallel_setup_cost": "100",
             "random_page_cost": "1.1", "default_statistics_target": "10"}  # fmt: skip
_WALK_SETTINGS = {"enable_nestloop": "off"}


def recompute_set(session: Session, scope: Scope, facts: Mapping[str, Any]) -> CoverChange:
    """Compute the pairs of a scope; ``facts`` are the parameters that its filters name."""
    with planned_for(session, _SETTINGS):
        session.execute(text(_LOCK_BOOK if scope.is_book else scope.of(LOCK)), facts)
        for statement in _SUM:
            session.execute(text(scope.of(statement)), facts)
        walk = (
            _WALK.replace(ANY_INVOICE, BY_PAIR) if session.scalar(text(_MOST_ARE_FULL)) else _WALK
        )
        with planned_for(session, _WALK_SETTINGS):
            session.execute(text(scope.of(walk)), facts)
            session.execute(text(_GONE))
        for statement in _WRITE:
            session.execute(text(statement), facts)
        count, gained, lost = session.execute(text(_MOVED)).one()
    session.execute(text("DROP TABLE cover_book, cover_sum, cover_changed"))
    return CoverChange(int(count), int(gained), int(lost))
