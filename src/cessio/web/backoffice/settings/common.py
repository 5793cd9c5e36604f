"""What the settings pages share: who sees and who changes them, and how a change is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio import audit
from cessio.audit import Event
from cessio.identity import Permission
from cessio.web.actors import actors
from cessio.web.acts import act, shown_changes
from cessio.web.guards import staff

PATH = "/backoffice/settings"
SEE = staff(Permission.MANAGE_SETTINGS, Permission.SETTLE, Permission.SEE_AUDIT)
SET = staff(Permission.MANAGE_SETTINGS)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be changed: its page, what it decides, how it stands, since when."""

    href: str
    title: str
    decides: str
    value: str
    at: datetime | None = None
    by: str | None = None


def told(session: Session, kind: str, subject_id: int, *, limit: int = 40) -> dict[str, Any]:
    """What the ``_history.html`` of a page needs: the acts on one thing, latest first."""
    events: tuple[Event, ...] = audit.history(session, kind, subject_id, limit=limit)
    return {
        "events": events, "act": act, "shown_changes": shown_changes,
        "names": actors(session, [event.by for event in events]),
    }  # fmt: skip
