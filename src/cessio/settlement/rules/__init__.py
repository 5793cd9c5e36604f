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
from cessio.settlement.rules.losses import Borne, borne_by, split_recovery
from cessio.settlement.rules.unpaid import (
    UnpaidCause,
    UnpaidFacts,
    UnpaidOutcome,
    unpaid_cause,
    unpaid_outcome,
)

__all__ = [
    "Balance",
    "Borne",
    "FinancingBase",
    "FinancingCommission",
    "FinancingDay",
    "Prepaid",
    "UnpaidCause",
    "UnpaidFacts",
    "UnpaidOutcome",
    "YearlyCost",
    "borne_by",
    "collection_value_date",
    "effective_rate",
    "financing_base",
    "financing_commission",
    "financing_days",
    "financing_line",
    "payout_value_date",
    "split_recovery",
    "unpaid_cause",
    "unpaid_outcome",
    "yearly_cost",
]
