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
    Prepaid,
    collection_value_date,
    financing_base,
    financing_commission,
    financing_days,
    payout_value_date,
)
from cessio.settlement.rules.unpaid import UnpaidFacts, UnpaidOutcome, unpaid_outcome

__all__ = [
    "Balance",
    "FinancingBase",
    "FinancingCommission",
    "FinancingDay",
    "Prepaid",
    "UnpaidFacts",
    "UnpaidOutcome",
    "YearlyCost",
    "collection_value_date",
    "effective_rate",
    "financing_base",
    "financing_commission",
    "financing_days",
    "financing_line",
    "payout_value_date",
    "unpaid_outcome",
    "yearly_cost",
]
