"""Words of the indicators and of the ages of what is owed."""

from __future__ import annotations

from cessio.plumbing.i18n import lazy
from cessio.reporting.rules import AgeBucket, Indicator
from cessio.web.words.registry import labels

labels(
    Indicator,
    {
        Indicator.DSO: lazy("DSO"),
        Indicator.AGED_BALANCE: lazy("Aged balance"),
        Indicator.PAYMENT_RATES: lazy("Payment rates"),
        Indicator.DELAY_BY_AMOUNT: lazy("Delay by amount"),
        Indicator.DILUTION: lazy("Dilution"),
        Indicator.CONCENTRATION: lazy("Concentration"),
        Indicator.FORECAST: lazy("Money to come"),
    },
)
labels(
    AgeBucket,
    {
        AgeBucket.NOT_DUE: lazy("Not due yet"),
        AgeBucket.DAYS_1_30: lazy("1 to 30 days late"),
        AgeBucket.DAYS_31_60: lazy("31 to 60 days late"),
        AgeBucket.DAYS_61_90: lazy("61 to 90 days late"),
        AgeBucket.OVER_90: lazy("More than 90 days late"),
    },
)
