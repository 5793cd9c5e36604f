"""A password forgotten, with the mails that belong to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio.access.operations.notices import PASSWORD_CHANGED, PASSWORD_RESET, write_to
from cessio.identity.operations.resets import ask_reset, finish_reset, issue_reset
from cessio.identity.queries import person
from cessio.plumbing.jobs import enqueue
from cessio.plumbing.mail import base_url

#: Who asks is nobody yet.
STRANGER = "system:sign-in"


def forget_password(session: Session, *, email: str, at: datetime) -> None:
    """Note the request; a job answers it, so that the page says and takes the same for all."""
    reset_id = ask_reset(session, email=email, at=at)
    enqueue(session, kind="access.reset", key=str(reset_id), payload={"reset_id": reset_id},
            by=STRANGER, at=at)  # fmt: skip


def send_reset(session: Session, *, reset_id: int, by: str, at: datetime) -> bool:
    """Mail the link, if the address is somebody's; whether it was."""
    issued = issue_reset(session, reset_id=reset_id)
    if issued is None:
        return False
    person_id, token = issued
    write_to(session, PASSWORD_RESET, person(session, person_id), by=by, at=at,
             secret=frozenset({"choose"}), choose=f"{base_url()}/reset/{token}")  # fmt: skip
    return True


def choose_password_anew(session: Session, *, token: str, password: str, at: datetime) -> None:
    """Keep the new password and tell its person. Raises as ``finish_reset``."""
    person_id = finish_reset(session, token=token, password=password, at=at)
    write_to(session, PASSWORD_CHANGED, person(session, person_id), by=f"person:{person_id}",
             at=at, on=at)  # fmt: skip
