"""A request repeated has one effect and one answer, for ever."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.identity import queries
from cessio.identity.models import IdempotencyKey
from cessio.kernel.errors import Conflict, Invalid

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered; ``replayed`` when it is the stored answer of an earlier one."""

    status: int
    body: bytes
    media_type: str = "application/json"
    replayed: bool = False


def idempotent(
    session: Session,
    *,
    actor: str,
    route: str,
    key: str,
    input_hash: bytes,
    at: datetime,
    act: Callable[[], Answer],
) -> Answer:
    """Run ``act`` once for this actor, route and key; give its stored answer to repetitions.

    The key is taken before the act, in the same transaction: a concurrent second waits on the
    unique index and then reads the first one's answer; if the act raises, the caller's rollback
    frees the key. Raises ``Conflict`` when the key was used for another input (it names the key),
    ``Invalid`` when the key is not 1 to 255 printable ASCII characters.
    """
    if not _KEY.fullmatch(key):
        raise Invalid(
            "idempotency_key_unreadable",
            "An idempotency key is 1 to 255 printable ASCII characters without spaces",
            field="idempotency_key",
        )
    taken = session.scalar(
        insert(IdempotencyKey)
        .values(actor=actor, route=route, key=key, input_hash=input_hash, status=0, body=b"",
                media_type="", at=at)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.id)
    )  # fmt: skip
    if taken is None:
        return _earlier(session, actor, route, key, input_hash)
    answer = act()
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.id == taken)
        .values(status=answer.status, body=answer.body, media_type=answer.media_type)
    )
    return replace(answer, replayed=False)


def _earlier(session: Session, actor: str, route: str, key: str, input_hash: bytes) -> Answer:
    stored = queries.stored_answer(session, actor=actor, route=route, key=key)
    if stored.input_hash != input_hash:
        raise Conflict(
            "idempotency_key_reused", "The key {key} was used for another request",
            field="idempotency_key", key=key,
        )  # fmt: skip
    return Answer(stored.status, stored.body, stored.media_type, replayed=True)
