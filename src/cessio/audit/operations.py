"""Writing the trail."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio.audit import rules
from cessio.audit.models import AuditEvent
from cessio.plumbing.database import copy_rows

_COLUMNS = (
    "at", "by", "verb", "subject_kind", "subject_id", "client_id", "before", "after", "why",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One act to write down, for callers that record many at once (``record_all``)."""

    verb: str
    subject_kind: str
    subject_id: int
    before: Any = None
    after: Any = None
    why: str | None = None
    client_id: int | None = None


def record(
    session: Session,
    *,
    verb: str,
    subject_kind: str,
    subject_id: int,
    before: Any = None,
    after: Any = None,
    why: str | None = None,
    by: str,
    at: datetime,
    client_id: int | None = None,
) -> int:
    """Write one act in the caller's transaction and return its id.

    ``before`` and ``after`` are mappings or dataclasses; values are made JSON-safe. Name the
    ``client_id`` whenever the subject is a client's, so that its own users may read the event.
    """
    event = AuditEvent(
        at=at,
        by=by,
        verb=verb,
        subject_kind=subject_kind,
        subject_id=subject_id,
        client_id=client_id,
        before=rules.state(before),
        after=rules.state(after),
        why=why,
    )
    session.add(event)
    session.flush()
    return event.id


def record_all(session: Session, *, facts: Iterable[Fact], by: str, at: datetime) -> int:
    """Write many acts of one author and instant by one COPY; returns how many."""
    rows = (
        (
            at,
            by,
            fact.verb,
            fact.subject_kind,
            fact.subject_id,
            fact.client_id,
            _json(fact.before),
            _json(fact.after),
            fact.why,
        )
        for fact in facts
    )
    return copy_rows(session, "audit_event", _COLUMNS, rows)


def _json(value: Any) -> str | None:
    safe = rules.state(value)
    return None if safe is None else json.dumps(safe, ensure_ascii=False)
