"""What both ways of computing share: the limit in force, the invoices, the floors of a cut."""

from __future__ import annotations

from dataclasses import dataclass

from cessio.contracts.queries import TERMS_IN_FORCE
from cessio.limits.queries import LIMITS_IN_FORCE


@dataclass(frozen=True, slots=True)
class CoverChange:
    """What a computation moved.

    ``invoice_count`` counts invoices whose cover was written one by one; ``gained`` and ``lost``
    are sums over the pairs whose cover rose and fell.
    """

    invoice_count: int
    gained_minor: int
    lost_minor: int


#: Holds the pairs of a scope, in order, until the transaction ends; counts them.
LOCK = """
    SELECT count(*) FROM (
      SELECT FROM cover_position AS position WHERE true {position}
       ORDER BY contract_id, debtor_id FOR UPDATE) AS locked
"""

#: The limit in force of each pair beside the one applied last.
FORCE = f"""
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

#: The invoices of the pairs; where pairs are few, by index and whatever the planner expects.
ANY_INVOICE = "JOIN receivable AS invoice USING (contract_id, debtor_id)"
BY_PAIR = """CROSS JOIN LATERAL (
        SELECT * FROM receivable
         WHERE contract_id = position.contract_id AND debtor_id = position.debtor_id
           AND closed_on IS NULL OFFSET 0) AS invoice"""

#: Open invoices with what may be covered of them, what they keep, and what they had until now.
ITEM = f"""
    SELECT invoice.id, invoice.contract_id, invoice.debtor_id, invoice.number,
           CASE position.order_key WHEN 'due_date' THEN invoice.due_date
             WHEN 'issue_date' THEN invoice.issue_date ELSE invoice.assigned_on END AS ordered_on,
           invoice.assigned_on, position.limit_minor, position.kept_minor AS pair_kept_minor,
           part.coverable_minor,
           least(coalesce(floor.floor_minor, 0), part.coverable_minor) AS kept_minor,
           CASE WHEN NOT position.is_full THEN coalesce(cover.covered_minor, 0)
                WHEN invoice.assigned_at <= position.computed_at THEN part.coverable_minor
                ELSE 0 END AS before_minor
      FROM cover_position AS position
      {ANY_INVOICE}
      LEFT JOIN dispute ON dispute.receivable_id = invoice.id AND dispute.ended_at IS NULL
      LEFT JOIN cover_floor AS floor ON floor.receivable_id = invoice.id
      LEFT JOIN receivable_cover AS cover ON cover.receivable_id = invoice.id
     CROSS JOIN LATERAL (
       SELECT greatest(0, invoice.open_minor - coalesce(dispute.amount_minor, 0))
                AS coverable_minor) AS part
     WHERE invoice.closed_on IS NULL AND invoice.open_minor > 0 {{position}} {{invoice}}
"""  # noqa: S608

_ITEM_OF_CUT = ITEM.format(
    position="AND position.contract_id = cut.contract_id AND position.debtor_id = cut.debtor_id",
    invoice="",
)

#: Floors for what a lower limit finds covered, then the limit in force becomes the applied one.
APPLY = f"""
    WITH force AS MATERIALIZED ({FORCE}
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
          {_ITEM_OF_CUT}
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


@dataclass(frozen=True, slots=True)
class Scope:
    """Which pairs: filters on the tables that carry them, filled into the statements."""

    one_contract: bool
    some_debtors: bool

    @property
    def is_book(self) -> bool:
        """Every pair there is."""
        return not (self.one_contract or self.some_debtors)

    @property
    def names_pairs(self) -> bool:
        """Whether each debtor named is one pair."""
        return self.one_contract and self.some_debtors

    def of(self, statement: str) -> str:
        """The statement restricted to the scope."""
        return statement.format(position=self.filter("position"), invoice=self.filter("invoice"))

    def filter(self, table: str) -> str:
        """What restricts a table to the scope."""
        contract = f" AND {table}.contract_id = :contract_id" if self.one_contract else ""
        debtors = (
            f" AND {table}.debtor_id = ANY(CAST(:debtor_ids AS bigint[]))"
            if self.some_debtors
            else ""
        )
        return contract + debtors
