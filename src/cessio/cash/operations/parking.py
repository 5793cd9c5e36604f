"""Setting a line aside for somebody to find out about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import identity
from cessio.cash import queries
from cessio.cash.models import ParkedLine
from cessio.kernel.errors import Invalid, NotFound
from cessio.notifications import notify


def park_line(
    session: Session, *, line_id: int, owner_id: int, note: str, by: str, at: datetime
) -> None:
    """Park a line with an owner and a note; parked again, it changes hands."""
    if not note.strip():
        raise Invalid("note_missing", "say what is to be found out", field="note")
    if not queries.lock_line(session, line_id=line_id):
        raise NotFound("line_unknown", "there is no such bank line")
    queries.end_parking(session, line_id=line_id, by=by, at=at)
    session.add(
        ParkedLine(bank_line_id=line_id, owner_id=owner_id, note=note.strip(), parked_at=at,
                   parked_by=by)
    )  # fmt: skip
    session.flush()
    if identity.person_behind(session, by) != owner_id:
        notify(
            session, person_ids=[owner_id], kind="line_parked", values={"note": note.strip()},
            href=f"/backoffice/bank/lines/{line_id}", at=at,
            key=f"parked/{line_id}/{at.isoformat()}",
        )  # fmt: skip


def unpark_line(session: Session, *, line_id: int, by: str, at: datetime) -> None:
    """Bring a parked line back to the workbench."""
    queries.end_parking(session, line_id=line_id, by=by, at=at)
