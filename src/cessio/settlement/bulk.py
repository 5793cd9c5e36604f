"""Writing what settlement computes, set by set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.settlement.rules import FinancingDay

_STORE_DAYS = text("""
    INSERT INTO financing_day (contract_id, day, base_minor, interest_free_minor, prepaid_minor,
                               index_rate, rate, day_basis, computed_at)
    SELECT contract_id, day, base_minor, interest_free_minor, prepaid_minor, index_rate, rate,
           day_basis, :at
      FROM unnest(CAST(:contracts AS bigint[]), CAST(:days AS date[]), CAST(:bases AS bigint[]),
                  CAST(:free AS bigint[]), CAST(:prepaid AS bigint[]),
                  CAST(:indexes AS numeric[]), CAST(:rates AS numeric[]),
                  CAST(:counts AS bigint[]))
           AS one (contract_id, day, base_minor, interest_free_minor, prepaid_minor, index_rate,
                   rate, day_basis)
     WHERE NOT EXISTS (
       SELECT FROM financing_day AS known
        WHERE known.contract_id = one.contract_id AND known.day = one.day
          AND (known.base_minor, known.interest_free_minor, known.prepaid_minor, known.index_rate,
               known.rate, known.day_basis)
            = (one.base_minor, one.interest_free_minor, one.prepaid_minor, one.index_rate,
               one.rate, one.day_basis))
    ON CONFLICT (contract_id, day) DO UPDATE
       SET base_minor = excluded.base_minor, interest_free_minor = excluded.interest_free_minor,
           prepaid_minor = excluded.prepaid_minor, index_rate = excluded.index_rate,
           rate = excluded.rate, day_basis = excluded.day_basis,
           computed_at = excluded.computed_at
""")


def store_days(
    session: Session, found: Mapping[int, Sequence[FinancingDay]], *, at: datetime
) -> None:
    """Store financing days by contract in one statement; those that are as stored stay."""
    rows = [(contract_id, day) for contract_id, days in found.items() for day in days]
    session.execute(
        _STORE_DAYS,
        {
            "contracts": [contract_id for contract_id, _ in rows],
            "days": [day.on for _, day in rows],
            "bases": [day.base_minor for _, day in rows],
            "free": [day.interest_free_minor for _, day in rows],
            "prepaid": [day.prepaid_minor for _, day in rows],
            "indexes": [day.index_rate for _, day in rows],
            "rates": [day.rate for _, day in rows],
            "counts": [day.day_basis for _, day in rows],
            "at": at,
        },
    )
