"""Noting what is opened by a share."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio.identity.operations import network_of
from cessio.sharing.models import ShareAccess
from cessio.sharing.rules import Act, Part


def note_access(
    session: Session, *, share_id: int, part: Part | None, file_format: str | None = None,
    subject: str | None = None, contract_id: int | None = None, from_on: date | None = None,
    to_on: date | None = None, address: str, at: datetime,
) -> None:  # fmt: skip
    """Write down a page, or a file when there is a format, in the transaction that answers it."""
    session.add(
        ShareAccess(
            share_id=share_id, at=at, act=Act.FILE if file_format else Act.PAGE, part=part,
            subject=subject, format=file_format, contract_id=contract_id, from_on=from_on,
            to_on=to_on, network=network_of(address),
        )
    )  # fmt: skip
    session.flush()
