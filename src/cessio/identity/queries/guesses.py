"""Reading who guesses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.identity.models import WrongGuess
from cessio.identity.rules.guesses import MOST_WRONG, WINDOW


def guesses(session: Session, *, door: str, network: str, at: datetime) -> bool:
    """Whether so many of a network were wrong lately that the next one is not even looked at."""
    row = WrongGuess
    found = select(row.door).where(
        row.door == door, row.network == network, row.wrong >= MOST_WRONG,
        row.since_at > at - WINDOW,
    )  # fmt: skip
    return session.scalar(found) is not None
