"""Cover of every open invoice of a debtor, a contract or the whole book, set by set.

The same result as ``limits.rules.allocate_cover`` (a property test holds them together): each
invoice keeps its floor, then the limit's room is given in the contract's order; the disputed part
takes none. Credit notes and credits on account neither take cover nor free any: what they are set
off against falls by its open amount; until then they lower the exposure, not the cover of any
invoice, for nobody knows yet which one they will pay.

A pair (contract, debtor) is held by its row of ``cover_position``, which also remembers the limit
that was applied: the first computation that finds the limit in force lower gives the invoices
covered until then their floors. So cover follows expiries, decisions and changed terms alike,
whoever computes first, and computing again changes nothing.

Most pairs are within their limit: then every invoice is covered for what may be covered, and that
is said once for the pair. Only the other pairs are walked in order and written invoice by
invoice. Read cover from the view ``invoice_cover``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts.queries import END_OF_TIME, TERMS_IN_FORCE
from cessio.limits.queries import LIMITS_IN_FORCE


@dataclass(frozen=True, slots=True)
class CoverChange:
    """What a computation moved.

    ``invoice_count`` counts invoices of pairs that are or were not covered in full; ``gained``
    and ``lost`` are sums over all pairs whose cover rose or fell.
    """

    invoice_count: int
    gained_minor: int
    lost_minor: int


_LOCK = """
    SELECT count(*) FROM (
      SELECT FROM cover_position AS position WHERE true {position}
       ORDER BY contract_id, debtor_id FOR UPDATE) AS locked
"""

_ENSURE = """
    INSERT INTO cover_position (contract_id, debtor_id)
    SELECT DISTINCT contract_id, debtor_id FROM receivable AS invoice
     WHERE closed_on IS NULL AND kind = 'invoice' {invoice}
     ORDER BY contract_id, debtor_id
    ON CONFLICT DO NOTHING
"""

#: The limit in force of each pair beside the one applied last.
_FORCE = f"""
    SELECT position.contract_id, position.debtor_id, position.limit_minor AS applied_minor,
           position.order_key AS applied_key, position.is_full, position.computed_at,
           CASE WHEN named.cover_named THEN coalesce(named.cover_minor, 0)
                ELSE coalesce(terms.blanket_cover_minor, 0) END AS limit_minor,
           coalesce(terms.cover_order_key, 'due_date') AS order_key,
           coalesce(terms.cover_reduction_mode, 'keep_existing') AS reduction_mode,
           named.cover_decision_id
      FROM cover_position AS position
      LEFT JOIN ({TERMS_IN_FORCE}) AS terms ON terms.contract_id = position.contract_id
      LEFT JOIN ({LIMITS_IN_FORCE}) AS named
        ON named.contract_id = position.contract_id AND named.debtor_id = position.debtor_id
     WHERE true {{position}}
"""  # noqa: S608

_STALE = f"""
    SELECT contract_id, array_agg(debtor_id ORDER BY debtor_id) FROM ({_FORCE}) AS force
     WHERE (limit_minor, order_key) <> (applied_minor, applied_key)
     GROUP BY contract_id ORDER BY contract_id
"""  # noqa: S608

#: Open invoices with what may be covered of them, what they keep, and what they had until now.
_ITEM = """
    SELECT invoice.id, invoice.contract_id, invoice.debtor_id, invoice.number,
           invoice.due_date, invoice.issue_date, invoice.assigned_on, part.coverable_minor,
           least(coalesce(floor.floor_minor, 0), part.coverable_minor) AS kept_minor,
           CASE WHEN NOT position.is_full THEN coalesce(cover.covered_minor, 0)
                WHEN invoice.assigned_at <= position.computed_at THEN part.coverable_minor
                ELSE 0 END AS before_minor
      FROM cover_position AS position
      JOIN receivable AS invoice USING (contract_id, debtor_id)
      LEFT JOIN dispute ON dispute.receivable_id = invoice.id AND dispute.ended_at IS NULL
      LEFT JOIN cover_floor AS floor ON floor.receivable_id = invoice.id
      LEFT JOIN receivable_cover AS cover ON cover.receivable_id = invoice.id
     CROSS JOIN LATERAL (
       SELECT greatest(0, invoice.open_minor - coalesce(dispute.amount_minor, 0))
                AS coverable_minor) AS part
     WHERE invoice.closed_on IS NULL AND invoice.kind = 'invoice' {position}
"""

#: Floors for what a lower limit finds covered, then the limit in force becomes the applied one.
_APPLY = f"""
    WITH force AS MATERIALIZED ({_FORCE}
    ), cut AS MATERIALIZED (
      SELECT * FROM force WHERE limit_minor < applied_minor
    ), dropped AS (
      DELETE FROM cover_floor AS floor USING receivable AS invoice, cut
       WHERE floor.receivable_id = invoice.id AND cut.reduction_mode = 'immediate'
         AND invoice.contract_id = cut.contract_id AND invoice.debtor_id = cut.debtor_id
    ), kept AS (
      INSERT INTO cover_floor AS floor (receivable_id, floor_minor, limit_id, set_at)
      SELECT item.id, item.before_minor, cut.cover_decision_id, :at
        FROM cut CROSS JOIN LATERAL (
          {
    _ITEM.format(
        position=(
            "AND position.contract_id = cut.contract_id AND position.debtor_id = cut.debtor_id"
        )
    )
}
        ) AS item
       WHERE cut.reduction_mode = 'keep_existing' AND item.before_minor > 0
      ON CONFLICT (receivable_id) DO UPDATE
         SET floor_minor = excluded.floor_minor, limit_id = excluded.limit_id,
             set_at = excluded.set_at
       WHERE floor.floor_minor < excluded.floor_minor
    )
    UPDATE cover_position AS position
       SET limit_minor = force.limit_minor, order_key = force.order_key
      FROM force
     WHERE position.contract_id = force.contract_id AND position.debtor_id = force.debtor_id
       AND (force.limit_minor, force.order_key) <> (force.applied_minor, force.applied_key)
"""  # noqa: S608

_COMPUTE = f"""
    WITH item AS MATERIALIZED ({_ITEM}), pair AS MATERIALIZED (
      SELECT position.contract_id, position.debtor_id, position.limit_minor, position.order_key,
             position.is_full AS was_full, position.computed_at, position.covered_minor AS before,
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
      SELECT item.id, item.contract_id, item.debtor_id, item.before_minor, pair.was_full,
             pair.computed_at,
             kept_minor + greatest(0, least(
               item.coverable_minor - item.kept_minor,
               room_minor - (sum(item.coverable_minor - item.kept_minor) OVER so_far
                             - item.coverable_minor + item.kept_minor)))::bigint AS covered_minor
        FROM (SELECT contract_id, debtor_id, room_minor, order_key, was_full, computed_at
                FROM pair WHERE NOT is_full) AS pair
        JOIN item USING (contract_id, debtor_id)
      WINDOW so_far AS (
        PARTITION BY item.contract_id, item.debtor_id
            ORDER BY CASE pair.order_key WHEN 'due_date' THEN item.due_date
                       WHEN 'issue_date' THEN item.issue_date ELSE item.assigned_on END,
                     item.number, item.id
                ROWS UNBOUNDED PRECEDING)
    ), kept AS (
      SELECT * FROM receivable_cover AS position WHERE true {{position}}
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
      SELECT changed.id, :on, changed.covered_minor
        FROM changed JOIN pair USING (contract_id, debtor_id)
       WHERE NOT pair.is_full AND (changed.is_other OR changed.is_first)
      ON CONFLICT (receivable_id, from_on) DO UPDATE SET covered_minor = excluded.covered_minor
    ), told AS (
      INSERT INTO cover_regime (contract_id, debtor_id, from_on, is_full)
      SELECT contract_id, debtor_id, :on, is_full FROM pair
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
    ), moved AS (
      SELECT count(*) AS invoices FROM (
        SELECT FROM walked WHERE covered_minor <> before_minor
        UNION ALL
        SELECT FROM item JOIN pair USING (contract_id, debtor_id)
         WHERE pair.is_full AND NOT pair.was_full AND item.coverable_minor <> item.before_minor
      ) AS each
    )
    SELECT (SELECT invoices FROM moved), coalesce(sum(greatest(0, after - before)), 0),
           coalesce(sum(greatest(0, before - after)), 0)
      FROM (SELECT before, least(coverable_minor, kept_minor + room_minor) AS after FROM pair)
             AS compared
"""  # noqa: S608

#: The whole book: sums per pair first; what is within its limit needs no look at its invoices.
_SUM_BOOK = (
    "LOCK TABLE cover_position IN EXCLUSIVE MODE",
    """
    CREATE TEMP TABLE cover_book ON COMMIT DROP AS
    SELECT contract_id, debtor_id, sum(open_minor)::bigint AS open_minor,
           max(assigned_on) AS last_assigned_on
      FROM receivable WHERE closed_on IS NULL AND kind = 'invoice'
     GROUP BY contract_id, debtor_id
    """,
    """
    INSERT INTO cover_position (contract_id, debtor_id)
    SELECT contract_id, debtor_id FROM cover_book ON CONFLICT DO NOTHING
    """,
    _APPLY.format(position=""),
    """
    CREATE TEMP TABLE cover_sum ON COMMIT DROP AS
    SELECT contract_id, debtor_id, summed.coverable_minor, summed.kept_minor,
           greatest(position.last_assigned_on, book.last_assigned_on) AS last_assigned_on,
           position.is_full AS was_full, position.computed_at, position.covered_minor AS before,
           CASE WHEN summed.coverable_minor = 0 THEN position.is_full
                ELSE summed.coverable_minor <= greatest(position.limit_minor, summed.kept_minor)
           END AS is_full
      FROM cover_position AS position
      LEFT JOIN cover_book AS book USING (contract_id, debtor_id)
      LEFT JOIN (
        SELECT invoice.contract_id, invoice.debtor_id,
               sum(least(dispute.amount_minor, open_minor)) AS minor
          FROM dispute JOIN receivable AS invoice ON invoice.id = dispute.receivable_id
         WHERE dispute.ended_at IS NULL AND closed_on IS NULL AND kind = 'invoice'
         GROUP BY invoice.contract_id, invoice.debtor_id) AS disputed USING (contract_id, debtor_id)
      LEFT JOIN (
        SELECT invoice.contract_id, invoice.debtor_id,
               sum(least(floor_minor,
                         greatest(0, open_minor - coalesce(dispute.amount_minor, 0)))) AS minor
          FROM cover_floor JOIN receivable AS invoice ON invoice.id = cover_floor.receivable_id
          LEFT JOIN dispute ON dispute.receivable_id = invoice.id AND dispute.ended_at IS NULL
         WHERE closed_on IS NULL AND kind = 'invoice'
         GROUP BY invoice.contract_id, invoice.debtor_id) AS kept USING (contract_id, debtor_id)
     CROSS JOIN LATERAL (
       SELECT (coalesce(book.open_minor, 0) - coalesce(disputed.minor, 0))::bigint
                AS coverable_minor,
              coalesce(kept.minor, 0)::bigint AS kept_minor) AS summed
    """,
    "ANALYZE cover_sum",
    """
    INSERT INTO cover_regime (contract_id, debtor_id, from_on, is_full)
    SELECT contract_id, debtor_id, :on, true FROM cover_sum
     WHERE is_full AND was_full AND computed_at IS NULL
    ON CONFLICT (contract_id, debtor_id, from_on) DO UPDATE SET is_full = excluded.is_full
    """,
    """
    UPDATE cover_position AS position
       SET coverable_minor = summed.coverable_minor, covered_minor = summed.coverable_minor,
           kept_minor = summed.kept_minor, last_assigned_on = summed.last_assigned_on,
           computed_at = :at
      FROM cover_sum AS summed
     WHERE position.contract_id = summed.contract_id AND position.debtor_id = summed.debtor_id
       AND summed.is_full AND summed.was_full
       AND (summed.computed_at IS NULL OR position.covered_minor <> summed.coverable_minor
            OR position.kept_minor <> summed.kept_minor)
    """,
)

_MOVED_WITHIN = """
    SELECT coalesce(sum(greatest(0, coverable_minor - before)), 0),
           coalesce(sum(greatest(0, before - coverable_minor)), 0)
      FROM cover_sum WHERE is_full AND was_full
"""

_BEYOND = """
    AND (position.contract_id, position.debtor_id) IN (
      SELECT contract_id, debtor_id FROM cover_sum WHERE NOT (is_full AND was_full))
"""

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
    Call it after whatever changes an open amount, a dispute, a limit or the terms.
    """
    if debtor_ids is not None and not debtor_ids:
        return CoverChange(0, 0, 0)
    debtors = sorted(set(debtor_ids or ()))
    facts: dict[str, Any] = {
        "contract_id": contract_id, "debtor_ids": debtors, "on": on, "at": at,
        "recorded_before": END_OF_TIME,
    }  # fmt: skip
    scope = _Scope(contract_id is not None, debtor_ids is not None)
    if contract_id is None and debtor_ids is None:
        return _recompute_book(session, facts)
    pairs = session.scalar(text(scope.of(_LOCK)), facts)
    if not scope.names_pairs or pairs != len(debtors):
        session.execute(text(scope.of(_ENSURE)), facts)
        session.execute(text(scope.of(_LOCK)), facts)
    session.execute(text(scope.of(_APPLY)), facts)
    count, gained, lost = session.execute(text(scope.of(_COMPUTE)), facts).one()
    return CoverChange(int(count), int(gained), int(lost))


def _recompute_book(session: Session, facts: Mapping[str, Any]) -> CoverChange:
    """Every pair. No nested loops: the planner takes a pair to have one invoice, not many."""
    for statement in _SUM_BOOK:
        session.execute(text(statement), facts)
    gained, lost = session.execute(text(_MOVED_WITHIN)).one()
    before = session.scalar(text("SELECT current_setting('enable_nestloop')"))
    loops = text("SELECT set_config('enable_nestloop', :setting, true)")
    session.execute(loops, {"setting": "off"})
    beyond = session.execute(text(_COMPUTE.format(position=_BEYOND)), facts).one()
    session.execute(loops, {"setting": before})
    session.execute(text("DROP TABLE cover_book, cover_sum"))
    return CoverChange(int(beyond[0]), int(beyond[1] + gained), int(beyond[2] + lost))


def recompute_stale(session: Session, *, on: date, at: datetime) -> CoverChange:
    """Compute cover of the pairs whose limit or order in force is not the one applied last."""
    scope = _Scope(one_contract=False, some_debtors=False)
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


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which pairs: filters on the tables that carry them, filled into the statements."""

    one_contract: bool
    some_debtors: bool

    @property
    def names_pairs(self) -> bool:
        """Whether each debtor named is one pair."""
        return self.one_contract and self.some_debtors

    def of(self, statement: str) -> str:
        """The statement restricted to the scope."""
        return statement.format(position=self._filter("position"), invoice=self._filter("invoice"))

    def _filter(self, table: str) -> str:
        contract = f" AND {table}.contract_id = :contract_id" if self.one_contract else ""
        debtors = (
            f" AND {table}.debtor_id = ANY(CAST(:debtor_ids AS bigint[]))"
            if self.some_debtors
            else ""
        )
        return contract + debtors
