"""A password forgotten: a link by mail, good once and for an hour.

Every request leaves one same trace at one same pace, known address or not: what differs happens in
a job afterwards. The second factor is asked for as ever once the new password is chosen.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio.identity import queries, rules
from cessio.identity.models import PasswordReset
from cessio.identity.operations.people import set_password
from cessio.identity.operations.sessions import token_hash
from cessio.identity.queries import resets
from cessio.kernel.errors import NotFound


def ask_reset(session: Session, *, email: str, at: datetime) -> int:
    """Note that somebody forgot the password of an address, known or not; the request's id."""
    known = queries.credentials(session, rules.email_key(email.replace("\0", ""))[:254])
    row = PasswordReset(
        person_id=None if known is None else known.person_id, asked_at=at,
        expires_at=at + rules.RESET_LIFE,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def issue_reset(session: Session, *, reset_id: int) -> tuple[int, str] | None:
    """The person of a request and a fresh token, to be mailed and stored nowhere.

    ``None`` for an unknown address, a closed access, one that never chose a password (an invitation
    does that), and after three in an hour.
    """
    row = session.get(PasswordReset, reset_id, with_for_update=True)
    if row is None or row.person_id is None or row.token_hash is not None:
        return None
    person = queries.person(session, row.person_id)
    if person.disabled_at is not None or not person.has_password:
        return None
    sent = resets.lately(session, person.id, since=row.asked_at - rules.RESET_LIFE)
    if sent >= rules.RESETS_AN_HOUR:
        return None
    token = secrets.token_urlsafe(32)
    row.token_hash = token_hash(token)
    session.flush()
    return person.id, token


def finish_reset(session: Session, *, token: str, password: str, at: datetime) -> int:
    """Choose the new password: every session ends, every link is used up. The person's id.

    Raises ``NotFound`` for a link that is none or no longer, ``Invalid`` for the password.
    """
    person = resets.person_of(session, token_hash(token), at)
    if person is None:
        raise NotFound("reset_over", "This link no longer works")
    set_password(session, person_id=person.id, password=password, by=f"person:{person.id}", at=at)
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.person_id == person.id, PasswordReset.used_at.is_(None))
        .values(used_at=at)
    )
    return person.id
