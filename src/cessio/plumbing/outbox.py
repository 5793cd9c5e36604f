"""Telling the capabilities above what happened, without knowing them.

A capability publishes an event in its own transaction; the table of reactions, one for the whole
program (``worker.py``), turns it into jobs of that same transaction. Rolled back, it never was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio.plumbing.jobs import enqueue

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reaction:
    """An event makes a job: of which kind, once per which key, with which fields of the event.

    ``fields`` None passes the whole event.
    """

    kind: str
    key: Callable[[Payload], str]
    fields: tuple[str, ...] | None = None
    priority: int = 0


def key_of(*fields: str) -> Callable[[Payload], str]:
    """A business key made of fields of the event: ``key_of("contract_id", "on")`` → ``12/…``."""
    return lambda payload: "/".join(str(payload[field]) for field in fields)


class NotComposed(RuntimeError):
    """A process publishes before its composition root gave it the table of reactions."""


_reactions: Mapping[str, Sequence[Reaction]] | None = None


def configure(reactions: Mapping[str, Sequence[Reaction]]) -> None:
    """Set the table of reactions; each composition root does it once."""
    global _reactions
    _reactions = reactions


@contextmanager
def reactions(table: Mapping[str, Sequence[Reaction]]) -> Iterator[None]:
    """Another table of reactions inside a block: a history told again is not reacted to again."""
    global _reactions
    before, _reactions = _reactions, table
    try:
        yield
    finally:
        _reactions = before


def publish(
    session: Session,
    event: str,
    payload: Payload,
    *,
    at: datetime,
    by: str | None = None,
    client_id: int | None = None,
) -> list[int]:
    """Enqueue what reacts to an event; returns the ids of the jobs, none if nothing does.

    Raises ``NotComposed`` rather than lose reactions in a process that was not set up.
    """
    if _reactions is None:
        raise NotComposed(f"{event} is published before the reactions are known")
    return [
        enqueue(
            session,
            kind=reaction.kind,
            key=reaction.key(payload),
            payload=_pick(payload, reaction.fields),
            by=by or f"event:{event}",
            at=at,
            client_id=client_id,
            priority=reaction.priority,
        )
        for reaction in _reactions.get(event, ())
    ]


def _pick(payload: Payload, fields: tuple[str, ...] | None) -> Payload:
    return payload if fields is None else {field: payload[field] for field in fields}
