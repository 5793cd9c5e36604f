"""The decisions of screening: how names are read and compared, and what an alert stands for."""

from cessio.screening.rules.alerts import (
    AlertState,
    BeingChecked,
    ListSource,
    Settings,
    SubjectKind,
    Verdict,
    being_checked,
    blocks,
    is_short,
)
from cessio.screening.rules.index import ListIndex
from cessio.screening.rules.listed import Listed, ListedKind, identifier_key
from cessio.screening.rules.matching import Match, Pair, compare
from cessio.screening.rules.spelling import Spelling, spelled

__all__ = [
    "AlertState", "BeingChecked", "ListIndex", "ListSource", "Listed", "ListedKind", "Match",
    "Pair", "Settings", "Spelling", "SubjectKind", "Verdict", "being_checked", "blocks", "compare",
    "identifier_key", "is_short", "spelled",
]  # fmt: skip
