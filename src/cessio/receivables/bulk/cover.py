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
    """How many invoices gained or lost cover, and how much altogether."""

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
           position.order_key AS applied_key,
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

#: Floors for what a lower limit finds covered, then the limit in force becomes the applied one.
_APPLY = f"""
    WITH force AS MATERIALIZED ({_FORCE}
    ), dropped AS (
      DELETE FROM cover_floor AS floor USING receivable AS invoice, force
       WHERE floor.receivable_id = invoice.id
         AND invoice.contract_id = force.contract_id AND invoice.debtor_id = force.debtor_id
         AND force.limit_minor < force.applied_minor AND force.reduction_mode = 'immediate'
    ), kept AS (
      INSERT INTO cover_floor AS floor (receivable_id, floor_minor, limit_id, set_at)
      SELECT cover.receivable_id, cover.covered_minor, force.cover_decision_id, :at
        FROM force JOIN receivable_cover AS cover USING (contract_id, debtor_id)
       WHERE force.limit_minor < force.applied_minor AND force.reduction_mode = 'keep_existing'
      ON CONFLICT (receivable_id) DO UPDATE
         SET floor_minor = greatest(floor.floor_minor, excluded.floor_minor),
             limit_id = excluded.limit_id, set_at = excluded.set_at
       WHERE floor.floor_minor < excluded.floor_minor
    )
    UPDATE cover_position AS position
       SET limit_minor = force.limit_minor, order_key = force.order_key
      FROM force
     WHERE position.contract_id = force.contract_id AND position.debtor_id = force.debtor_id
       AND (force.limit_minor, force.order_key) <> (force.applied_minor, force.applied_key)
"""  # noqa: S608

_ITEM = """
    SELECT invoice.id, invoice.contract_id, invoice.debtor_id, invoice.number,
           CASE position.order_key WHEN 'due_date' THEN invoice.due_date
             WHEN 'issue_date' THEN invoice.issue_date ELSE invoice.assigned_on END AS ordered_on,
           invoice.assigned_on, position.limit_minor, part.coverable_minor,
           least(coalesce(floor.floor_minor, 0), part.coverable_minor) AS kept_minor
      FROM cover_position AS position
      JOIN receivable AS invoice USING (contract_id, debtor_id)
      LEFT JOIN dispute ON dispute.receivable_id = invoice.id AND dispute.ended_at IS NULL
      LEFT JOIN cover_floor AS floor ON floor.receivable_id = invoice.id
     CROSS JOIN LATERAL (
       SELECT greatest(0, invoice.open_minor - coalesce(dispute.amount_minor, 0))
                AS coverable_minor) AS part
     WHERE invoice.closed_on IS NULL AND invoice.kind = 'invoice' {position}
"""

_WALK = """
    SELECT id, contract_id, debtor_id, assigned_on, coverable_minor, kept_minor,
           kept_minor + greatest(0, least(
             coverable_minor - kept_minor,
             greatest(0, limit_minor - sum(kept_minor) OVER pair)
               - (sum(coverable_minor - kept_minor) OVER so_far - coverable_minor + kept_minor)
           ))::bigint AS covered_minor
      FROM item
    WINDOW pair AS (PARTITION BY contract_id, debtor_id),
           so_far AS (PARTITION BY contract_id, debtor_id ORDER BY ordered_on, number, id
                      ROWS UNBOUNDED PRECEDING)
"""

_COMPUTE = f"""
    WITH item AS ({_ITEM}), target AS ({_WALK}), changed AS (
      SELECT coalesce(target.id, cover.receivable_id) AS id,
             coalesce(target.contract_id, cover.contract_id) AS contract_id,
             coalesce(target.debtor_id, cover.debtor_id) AS debtor_id,
             coalesce(cover.covered_minor, 0) AS before_minor,
             coalesce(target.covered_minor, 0) AS after_minor
        FROM target
        FULL JOIN (SELECT * FROM receivable_cover AS position WHERE true {{position}}) AS cover
          ON cover.receivable_id = target.id
       WHERE coalesce(target.covered_minor, 0) <> coalesce(cover.covered_minor, 0)
    ), total AS (
      SELECT contract_id, debtor_id, sum(coverable_minor)::bigint AS coverable_minor,
             sum(kept_minor)::bigint AS kept_minor, sum(covered_minor)::bigint AS covered_minor,
             max(assigned_on) AS last_assigned_on
        FROM target GROUP BY contract_id, debtor_id
    ), removed AS (
      DELETE FROM receivable_cover AS cover USING changed
       WHERE cover.receivable_id = changed.id AND changed.after_minor = 0
    ), written AS (
      INSERT INTO receivable_cover (receivable_id, contract_id, debtor_id, covered_minor)
      SELECT id, contract_id, debtor_id, after_minor FROM changed WHERE after_minor > 0
      ON CONFLICT (receivable_id) DO UPDATE SET covered_minor = excluded.covered_minor
    ), noted AS (
      INSERT INTO cover_history (receivable_id, from_on, covered_minor)
      SELECT id, :on, after_minor FROM changed
      ON CONFLICT (receivable_id, from_on) DO UPDATE SET covered_minor = excluded.covered_minor
    ), stood AS (
      UPDATE cover_position AS position
         SET coverable_minor = coalesce(total.coverable_minor, 0),
             kept_minor = coalesce(total.kept_minor, 0),
             covered_minor = coalesce(total.covered_minor, 0),
             last_assigned_on = greatest(now.last_assigned_on, total.last_assigned_on)
        FROM cover_position AS now LEFT JOIN total USING (contract_id, debtor_id)
       WHERE position.contract_id = now.contract_id AND position.debtor_id = now.debtor_id
         AND (now.coverable_minor, now.kept_minor, now.covered_minor,
              coalesce(now.last_assigned_on, '-infinity'))
             <> (coalesce(total.coverable_minor, 0), coalesce(total.kept_minor, 0),
                 coalesce(total.covered_minor, 0),
                 coalesce(greatest(now.last_assigned_on, total.last_assigned_on), '-infinity'))
         {{position}}
    )
    SELECT count(*), coalesce(sum(greatest(0, after_minor - before_minor)), 0),
           coalesce(sum(greatest(0, before_minor - after_minor)), 0)
      FROM changed
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
    pairs = session.scalar(text(scope.of(_LOCK)), facts)
    if not scope.names_pairs or pairs != len(debtors):
        session.execute(text(scope.of(_ENSURE)), facts)
        session.execute(text(scope.of(_LOCK)), facts)
    session.execute(text(scope.of(_APPLY)), facts)
    count, gained, lost = session.execute(text(scope.of(_COMPUTE)), facts).one()
    return CoverChange(int(count), int(gained), int(lost))


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
