"""What debtors promise and are reminded of, and what goes to the law."""

from cessio.collections.models.dunning import (
    Call,
    DunningChoice,
    DunningDay,
    DunningLetter,
    DunningLine,
    DunningPlan,
    DunningStep,
    DunningSwitch,
    DunningVersion,
    Promise,
    PromiseLine,
)
from cessio.collections.models.figures import CollectionFigures
from cessio.collections.models.legal import Insolvency, RecoveryFile, RecoveryLine

__all__ = [
    "Call",
    "CollectionFigures",
    "DunningChoice",
    "DunningDay",
    "DunningLetter",
    "DunningLine",
    "DunningPlan",
    "DunningStep",
    "DunningSwitch",
    "DunningVersion",
    "Insolvency",
    "Promise",
    "PromiseLine",
    "RecoveryFile",
    "RecoveryLine",
]
