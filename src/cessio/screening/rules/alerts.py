"""What an alert stands for, what it stops, and what the house sets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cessio.kernel.errors import Conflict, Invalid


class ListSource(StrEnum):
    """Whose list it is; ``own`` is a plain table the factor brings itself."""

    EU = "eu"
    FRANCE = "france"
    OWN = "own"


class SubjectKind(StrEnum):
    """Whose name it is that resembles a listed one."""

    COMPANY = "company"
    TRADE_NAME = "trade_name"
    CONTACT = "contact"
    HOLDER = "holder"
    PERSON = "person"


class AlertState(StrEnum):
    """Where an alert stands: ``hit`` is a true one, ``superseded`` one whose entry changed since
    and for which another alert was opened."""

    OPEN = "open"
    CLEARED = "cleared"
    HIT = "hit"
    SUPERSEDED = "superseded"


class Verdict(StrEnum):
    """What a person thinks after looking: somebody else, or the one who is listed."""

    CLEAR = "clear"
    HIT = "hit"


@dataclass(frozen=True, slots=True)
class Settings:
    """From which score a resemblance is an alert, and after how many days a list is old."""

    threshold: int = 85
    stale_days: int = 7

    def problems(self) -> list[Invalid]:
        """What cannot be set: a threshold that finds nothing, or everything."""
        found = []
        if not 70 <= self.threshold <= 99:
            found.append(Invalid("threshold_range", "between 70 and 99", field="threshold"))
        if not 1 <= self.stale_days <= 90:
            found.append(Invalid("stale_days_range", "between 1 and 90 days", field="stale_days"))
        return found


class BeingChecked(Conflict):
    """Something waits for a check of ours; it tells nobody which one."""


def being_checked() -> BeingChecked:
    """The one sentence whoever asks may read: a client must not learn of an alert."""
    return BeingChecked("being_checked", "this is being checked: we come back to you")


def blocks(state: AlertState) -> bool:
    """Whether nothing is paid while an alert is in this state."""
    return state in (AlertState.OPEN, AlertState.HIT)


def is_short(before: int, now: int) -> bool:
    """Whether a list lost so many entries that the file may be cut off."""
    return before >= 10 and now * 5 < before * 4
