"""Addresses that open by being known: who guesses them is held to a pace, over all processes.

A *door* is a kind of address (the debtor's page, a link, an invitation). One row a network and
door: how many were wrong since when.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.identity.models import WrongGuess
from cessio.identity.rules.guesses import WINDOW


def note_wrong_guess(session: Session, *, door: str, network: str, at: datetime) -> None:
    """Count one that opened nothing; the first after a window begins another."""
    row = WrongGuess
    fresh = insert(row).values(door=door, network=network, since_at=at, wrong=1)
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
