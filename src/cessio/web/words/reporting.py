"""Words of the indicators and of the ages of what is owed."""

from __future__ import annotations

from cessio.plumbing.i18n import lazy
from cessio.reporting.formats import AGES
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
labels(AgeBucket, AGES)
