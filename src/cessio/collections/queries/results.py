"""What reminding brought: what was recovered, and how many days sooner debtors pay since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.collections.models import CollectionFigures
from cessio.receivables.bulk.planning import planned_for

#: Days before its first reminder in which a debtor's earlier habit is read.
HABIT_DAYS = 180
#: The period told of unless another is asked for; kept at the end of each day.
USUAL = timedelta(days=90)
#: All results together, among those that are told apart.
TOGETHER = "together"
#: A million invoices are sorted and joined in memory.
_SETTINGS = {"work_mem": "64MB"}


class ResultsBy(StrEnum):
    """What results are told apart by."""

    PLAN = "plan"
    COLLECTOR = "collector"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of the invoices first reminded of in a period, of one plan, collector or segment.

    Amounts in minor units; days are late days, by amount, of invoices settled before and since.
    """

    key: str | None
    currency: str
    count: int
    reminded_minor: int
    received_minor: int
    days_before: Decimal | None
    days_since: Decimal | None

    @property
    def rate(self) -> Decimal:
        """The share of what was reminded of that was received since."""
        return Decimal(self.received_minor) / self.reminded_minor

    @property
    def days_gained(self) -> Decimal | None:
        """How many days sooner these debtors pay than before they were reminded."""
        if self.days_before is None or self.days_since is None:
            return None
        return self.days_before - self.days_since


@dataclass(frozen=True, slots=True)
class KeptResults:
    """The results of a period as they stood at the end of its last day."""

    from_on: date
    day: date
    figures: Mapping[str, tuple[Result, ...]]

    def of(self, by: ResultsBy | None) -> tuple[Result, ...]:
        """Told apart; ``by`` None is all together."""
        return self.figures[by or TOGETHER]


#: By what, its column and how it is reached from ``said``.
_KEYS = {
    ResultsBy.PLAN: ("plan.name", """
        JOIN dunning_version AS version ON version.id = said.version_id
        JOIN dunning_plan AS plan ON plan.id = version.plan_id"""),
    ResultsBy.COLLECTOR: ("person.name", """
        JOIN client ON client.id = said.client_id
        LEFT JOIN person ON person.id = client.collector_id"""),
    ResultsBy.SEGMENT: ("debtor.segment", "JOIN debtor ON debtor.id = said.debtor_id"),
}  # fmt: skip

_SAID = """
WITH said AS MATERIALIZED (
    SELECT DISTINCT ON (line.receivable_id)
           line.receivable_id, letter.day, letter.version_id, letter.currency, letter.debtor_id,
           line.open_minor, receivable.client_id
      FROM dunning_letter AS letter
      JOIN dunning_line AS line ON line.letter_id = letter.id
      JOIN receivable ON receivable.id = line.receivable_id
     WHERE letter.day BETWEEN :from_on AND :to_on AND letter.written_at IS NOT NULL
       AND letter.dropped IS NULL AND line.days > 0
       AND NOT EXISTS (SELECT FROM dunning_line AS other
                         JOIN dunning_letter AS earlier ON earlier.id = other.letter_id
                        WHERE other.receivable_id = line.receivable_id AND other.days > 0
                          AND earlier.written_at IS NOT NULL AND earlier.dropped IS NULL
                          AND earlier.day < :from_on)
     ORDER BY line.receivable_id, letter.day, letter.id),
keyed AS MATERIALIZED (SELECT said.*, {column} AS key FROM said {joins}),
sums AS (  -- line by line: a join of two sums is one of every line with every other
    SELECT key, currency, count(*) AS count, CAST(sum(open_minor) AS bigint) AS reminded,
           CAST(sum(least(open_minor, greatest(coalesce(recovered.minor, 0), 0))) AS bigint)
           AS received
      FROM keyed
      LEFT JOIN LATERAL (
           SELECT sum(part.amount_minor) AS minor
             FROM cash_allocation AS part
             JOIN cash_application AS applied
               ON applied.id = part.application_id AND applied.undone_at IS NULL
             LEFT JOIN bank_line ON bank_line.id = applied.bank_line_id
            WHERE part.receivable_id = keyed.receivable_id AND part.kind = 'payment'
              AND applied.applied_on <= :on
              AND coalesce(bank_line.booked_on, applied.applied_on) >= keyed.day
           ) AS recovered ON true
     GROUP BY key, currency),
whom AS MATERIALIZED (
    SELECT key, currency, debtor_id, min(day) AS since
      FROM keyed GROUP BY key, currency, debtor_id),
paid AS MATERIALIZED (  -- with its currency before it meets debtors: each has every contract's
    SELECT receivable.debtor_id, contract.currency, closed_on, due_date, amount_minor
      FROM receivable JOIN contract ON contract.id = receivable.contract_id
     WHERE kind = 'invoice' AND closed_on >= (SELECT min(since) FROM whom) - {habit}
       AND closed_on <= :on AND reversed_at IS NULL AND amount_minor > 0),
settled AS (
    SELECT whom.key, whom.currency, paid.closed_on >= whom.since AS is_since,
           CAST(sum(greatest(paid.closed_on - paid.due_date, 0) * paid.amount_minor) AS numeric)
           / sum(paid.amount_minor) AS days
      FROM whom
      JOIN paid ON paid.debtor_id = whom.debtor_id AND paid.currency = whom.currency
       AND paid.closed_on >= whom.since - {habit}
     GROUP BY whom.key, whom.currency, is_since)
SELECT sums.*, before.days AS days_before, since.days AS days_since
  FROM sums
  LEFT JOIN settled AS before ON before.key IS NOT DISTINCT FROM sums.key
   AND before.currency = sums.currency AND NOT before.is_since
  LEFT JOIN settled AS since ON since.key IS NOT DISTINCT FROM sums.key
   AND since.currency = sums.currency AND since.is_since
 ORDER BY sums.currency, sums.reminded DESC, sums.key"""


def results(
    session: Session, *, by: ResultsBy | None, from_on: date, to_on: date, on: date
) -> tuple[Result, ...]:
    """What came of the invoices first reminded of in a period; ``by`` None is all together."""
    column, joins = ("CAST(NULL AS text)", "") if by is None else _KEYS[by]
    query = text(_SAID.format(column=column, joins=joins, habit=HABIT_DAYS))
    days = {"from_on": from_on, "to_on": to_on, "on": on}
    with planned_for(session, _SETTINGS):
        rows = session.execute(query, days).mappings().all()
    return tuple(
        Result(row["key"], row["currency"], row["count"], row["reminded"], row["received"],
               _days(row["days_before"]), _days(row["days_since"]))
        for row in rows if row["reminded"]
    )  # fmt: skip


def kept_results(session: Session, *, day: date) -> KeptResults | None:
    """The results that were kept at the end of a day, if they were."""
    kept = session.get(CollectionFigures, day)
    if kept is None:
        return None
    return KeptResults(kept.from_on, day, {
        by: tuple(
            Result(**one | {name: _days(one[name]) for name in ("days_before", "days_since")})
            for one in told
        )
        for by, told in kept.figures.items()
    })  # fmt: skip


def _days(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.1"))
