"""Saying what an alert is: one person stops everything, two let it go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit, identity
from cessio.identity import Permission
from cessio.identity.queries import staff_who_may
from cessio.kernel.errors import Conflict, Forbidden, Invalid
from cessio.notifications import notify
from cessio.screening import queries
from cessio.screening.models import ScreeningAlert, ScreeningOpinion
from cessio.screening.rules import AlertState, Verdict


class Settled(Conflict):
    """The alert is cleared, or another took its place."""


def give_opinion(
    session: Session, *, alert_id: int, verdict: Verdict, reason: str, by: str, at: datetime
) -> AlertState:
    """Say what an alert is and why; returns how it stands then.

    A true hit stops payouts and assignments at once. Somebody else: when a second person says so
    too, the pair of name and entry is cleared until either changes; a hit is lifted the same way.
    Raises ``NotFound``, ``Settled``, ``Forbidden`` for jobs and for who said so already,
    ``Invalid`` without a reason.
    """
    row = queries.locked_alert(session, alert_id)
    person = identity.person_behind(session, by)
    if person is None:
        raise Forbidden("person_needed", "Only a person looks at an alert")
    if row.state in (AlertState.CLEARED, AlertState.SUPERSEDED):
        raise Settled("alert_settled", "this alert is settled: reload")
    if not reason.strip():
        raise Invalid("reason_missing", "say what you compared, and where you read it",
                      field="reason")  # fmt: skip
    agreed = _agreed(session, alert_id)
    if verdict is Verdict.CLEAR and person in agreed:
        raise Forbidden("cleared_by_you", "another person than you clears it with you")
    if verdict is Verdict.HIT and row.state == AlertState.HIT:
        raise Settled("alert_hit_already", "it is taken for a true hit already")
    session.add(ScreeningOpinion(alert_id=alert_id, verdict=verdict.value, reason=reason.strip(),
                                 person_id=person, given_at=at, given_by=by))  # fmt: skip
    session.flush()
    state = AlertState(row.state)
    if verdict is Verdict.HIT:
        state = AlertState.HIT
    elif agreed:
        state = AlertState.CLEARED
    _enter(session, row, state, verdict, reason, by=by, at=at)
    return state


def _agreed(session: Session, alert_id: int) -> set[int]:
    """Who said that it is somebody else, since it was last taken for a hit."""
    found: set[int] = set()
    for one in queries.opinions(session, alert_id):
        found = set() if one.verdict is Verdict.HIT else found | {one.person_id}
    return found


def _enter(
    session: Session, row: ScreeningAlert, state: AlertState, verdict: Verdict, reason: str, *,
    by: str, at: datetime,
) -> None:  # fmt: skip
    before = row.state
    if state != before:
        row.state, row.state_at = state.value, at
        session.flush()
    audit.record(
        session, verb="screening.look", subject_kind="screening_alert", subject_id=row.id,
        before={"state": before},
        after={"state": state, "verdict": verdict, "name": row.name, "alias": row.alias,
               "score": row.score, "entry": row.entry_id, "version": row.version_id},
        why=reason.strip(), by=by, at=at,
    )  # fmt: skip
    if state is AlertState.HIT and before != state:
        notify(
            session, person_ids=staff_who_may(session, Permission.SEE_SCREENING),
            kind="screening_hit", values={"name": row.name},
            href=f"/backoffice/screening/{row.id}", at=at, key=f"screening_hit/{row.id}/{at}",
        )  # fmt: skip
