"""Addresses that open by being known: who guesses them is held to a pace, over all processes.

A *door* is a kind of address (the debtor's page, a link, an invitation). One row a network and
door: how many were wrong since when.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.identity.models import WrongGuess
from cessio.identity.operations.sessions import network_of

#: So many wrong ones of a network within the window, and the next is not even looked at.
MOST_WRONG = 20
WINDOW = timedelta(minutes=10)


def guesses(session: Session, *, door: str, address: str, at: datetime) -> bool:
    """Whether so many of a network were wrong lately that the next one is not even looked at."""
    row = WrongGuess
    found = select(row.door).where(
        row.door == door, row.network == network_of(address), row.wrong >= MOST_WRONG,
        row.since_at > at - WINDOW,
    )  # fmt: skip
    return session.scalar(found) is not None


def note_wrong_guess(session: Session, *, door: str, address: str, at: datetime) -> None:
    """Count one that opened nothing; the first after a window begins another."""
    row = WrongGuess
    fresh = insert(row).values(door=door, network=network_of(address), since_at=at, wrong=1)
    is_over = row.since_at <= at - WINDOW
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=["door", "network"],
            set_={
                "wrong": case((is_over, 1), else_=row.wrong + 1),
                "since_at": case((is_over, at), else_=row.since_at),
            },
        )
    )


def forget_guesses(session: Session, *, at: datetime) -> None:
    """Remove those whose window is over: they name networks."""
    session.execute(delete(WrongGuess).where(WrongGuess.since_at <= at - WINDOW))
