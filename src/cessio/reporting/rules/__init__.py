"""Indicators of a receivables ledger, each with its formula (domain.md section 9)."""

from cessio.reporting.rules.ageing import (
    AGE_BUCKETS,
    AgeBucket,
    AgedBalance,
    OpenItem,
    aged_balance,
    bucket_of,
    late_payment_ratio,
)
from cessio.reporting.rules.delays import (
    CohortInvoice,
    CohortPayment,
    MonthlySales,
    average_delay,
    dso_count_back,
    dso_simple,
    payment_rates,
)
from cessio.reporting.rules.ratios import (
    Concentration,
    advance_rate_for_dilution,
    cash_application_rate,
    collection_effectiveness,
    concentration,
    dilution_on_collections,
    dilution_on_invoices,
    ratio,
)

__all__ = [
    "AGE_BUCKETS",
    "AgeBucket",
    "AgedBalance",
    "CohortInvoice",
    "CohortPayment",
    "Concentration",
    "MonthlySales",
    "OpenItem",
    "advance_rate_for_dilution",
    "aged_balance",
    "average_delay",
    "bucket_of",
    "cash_application_rate",
    "collection_effectiveness",
    "concentration",
    "dilution_on_collections",
    "dilution_on_invoices",
    "dso_count_back",
    "dso_simple",
    "late_payment_ratio",
    "payment_rates",
    "ratio",
]
