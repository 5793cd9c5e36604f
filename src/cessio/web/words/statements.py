"""How the money of debtors came, in words."""

from __future__ import annotations

from cessio.plumbing.i18n import lazy
from cessio.statements.rules import CollectedAs
from cessio.statements.rules.rhythm import Rhythm
from cessio.web.words.registry import labels, tones

labels(
    CollectedAs,
    {
        CollectedAs.PAYMENT: lazy("Paid to the factor"),
        CollectedAs.ON_ACCOUNT: lazy("Paid on account"),
        CollectedAs.DIRECT: lazy("Paid to you directly"),
        CollectedAs.CREDIT_NOTE: lazy("Credit note deducted"),
        CollectedAs.TAKEN_BACK: lazy("Taken back"),
    },
)
tones(
    CollectedAs,
    {
        "muted": [CollectedAs.PAYMENT],
        "info": [CollectedAs.ON_ACCOUNT, CollectedAs.CREDIT_NOTE],
        "attention": [CollectedAs.DIRECT, CollectedAs.TAKEN_BACK],
    },
)
labels(
    Rhythm,
    {
        Rhythm.MONTHLY: lazy("Every month"),
        Rhythm.WEEKLY: lazy("Every week"),
        Rhythm.DAILY: lazy("Every working day"),
        Rhythm.NONE: lazy("Never by itself"),
    },
)
