"""Which receivables a bank line pays, how sure that is, and why, in words."""

from cessio.cash.rules.facts import (
    APART,
    Allocation,
    AllocationKind,
    Candidate,
    LineFacts,
    LossCash,
    MatchReason,
    OwnMeans,
    Proposal,
    ReasonCode,
    Slot,
)
from cessio.cash.rules.matching import CERTAIN, NUMBERS_MAX, SURE, propose
from cessio.cash.rules.references import Said, mentions, said
from cessio.cash.rules.subsets import oldest_first, subset_of

__all__ = [
    "APART",
    "CERTAIN",
    "NUMBERS_MAX",
    "SURE",
    "Allocation",
    "AllocationKind",
    "Candidate",
    "LineFacts",
    "LossCash",
    "MatchReason",
    "OwnMeans",
    "Proposal",
    "ReasonCode",
    "Said",
    "Slot",
    "mentions",
    "oldest_first",
    "propose",
    "said",
    "subset_of",
]
