"""What a web process knows of the house's own settings between two looks at the database.

Days closed by the house and the names of its reasons are asked for by nearly every page and change
a few times a year: a process keeps them, and looks again after some seconds or after a change here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from cessio import house
from cessio.contracts.rules import IneligibleReason
from cessio.house import ReasonList
from cessio.house import queries as settings
from cessio.receivables.rules import DisputeOutcome, DisputeReason
from cessio.web import reasons
from cessio.web.words.registry import OwnWord, rename

KEPT = timedelta(seconds=30)
#: The enumerations whose members the house may call otherwise.
ENUMERATIONS: dict[ReasonList, type[DisputeReason | DisputeOutcome | IneligibleReason]] = {
    ReasonList.DISPUTE: DisputeReason,
    ReasonList.OUTCOME: DisputeOutcome,
    ReasonList.HOLD: IneligibleReason,
}
_looked_at: datetime | None = None


def keep_current(session: Session, now: datetime) -> None:
    """Look at the house's settings unless this process did a moment ago."""
    global _looked_at
    if _looked_at is not None and _looked_at <= now < _looked_at + KEPT:
        return
    look(session)
    _looked_at = now


def look(session: Session) -> None:
    """Know the settings as this session sees them."""
    house.tell_process(session)
    known = settings.reasons(session)
    reasons.know(known)
    rename(
        {
            (ENUMERATIONS[one.list].__name__, one.code): OwnWord(
                one.label_fr, one.label_en, one.position, one.is_offered
            )
            for one in known
            if one.list in ENUMERATIONS
        },
        settings.words_of_own_lists(session),
    )


def forget() -> None:
    """Know nothing: the next request looks again."""
    global _looked_at
    _looked_at = None
