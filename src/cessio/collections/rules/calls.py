"""Whom a collector calls first: amount, lateness and the chance that a call brings the money."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from cessio.parties.rules import Segment

#: Lateness counts up to so many days: beyond, a call is no longer what helps.
MOST_DAYS = 90
#: Chances in hundred that a call brings the money, by segment; halved by a broken promise.
CHANCES: Mapping[Segment, int] = {Segment.REGULAR: 80, Segment.NEW: 60, Segment.AT_RISK: 30}


class CallOutcome(StrEnum):
    """What came of a call."""

    PROMISED = "promised"
    NO_ANSWER = "no_answer"
    AGAIN = "again"  # call again on a day
    DISPUTES = "disputes"  # it contests: a dispute is opened from the invoice
    REFUSES = "refuses"


def chance(segment: Segment, *, broke_promise: bool) -> int:
    """The chance in hundred that a call brings the money."""
    base = CHANCES[segment]
    return base // 2 if broke_promise else base


def weight(late_minor: int, days: int, chance_percent: int) -> int:
    """What a call is worth: amount × lateness × chance; only its order matters."""
    return late_minor * min(days, MOST_DAYS) * chance_percent
