"""What money costs, and what becomes of what is not paid."""

from cessio.settlement.rules.cost import (
    YearlyCost,
    effective_rate,
    financing_line,
    yearly_cost,
)
from cessio.settlement.rules.financing import (
    Balance,
    FinancingBase,
    FinancingCommission,
    FinancingDay,
    collection_value_date,
    daily_rate,
    financing_base,
    financing_commission,
    financing_days,
    payout_value_date,
    pre_counted,
    pre_counted_adjustment,
)
from cessio.settlement.rules.unpaid import UnpaidFacts, UnpaidOutcome, unpaid_outcome

__all__ = [
    "Balance",
    "FinancingBase",
    "FinancingCommission",
    "FinancingDay",
    "UnpaidFacts",
    "UnpaidOutcome",
    "YearlyCost",
    "collection_value_date",
    "daily_rate",
    "effective_rate",
    "financing_base",
    "financing_commission",
    "financing_days",
    "financing_line",
    "payout_value_date",
    "pre_counted",
    "pre_counted_adjustment",
    "unpaid_outcome",
    "yearly_cost",
]
