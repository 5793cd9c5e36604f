"""Addresses and numbers we do not write to: refused, sent back, or stopped by their reader."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.kernel.errors import NotFound
from cessio.plumbing.models import MailStop


class StopReason(StrEnum):
    """Why an address gets no mail."""

    REFUSED = "refused"  # its server said no, for ever
    RETURNED = "returned"  # the mail came back
    STOPPED = "stopped"  # its reader asked for it, by a link or an SMS
    ASKED = "asked"  # its reader told one of us
    WRONG = "wrong"  # it is not the debtor's, said somebody


@dataclass(frozen=True, slots=True)
class Stop:
    """An address that gets no mail, since when and why.

    ``detail`` is the server's code, or how we know.
    """

    id: int
    address: str
    why: StopReason
    detail: str | None
    noted_at: datetime
    noted_by: str


def note_stop(
    session: Session, *, address: str, why: StopReason, detail: str | None = None,
    mail_id: int | None = None, by: str, at: datetime,
) -> bool:  # fmt: skip
    """Send nothing there from now on; False if that was known."""
    values = {"address": address.lower(), "why": why.value, "detail": detail, "mail_id": mail_id,
              "noted_at": at, "noted_by": by}  # fmt: skip
    fresh = session.scalar(
        insert(MailStop).values(**values).on_conflict_do_nothing().returning(MailStop.id)
    )
    return fresh is not None


def lift_stop(session: Session, stop_id: int, *, by: str, at: datetime) -> str:
    """Mail may go there again; returns the address. Raises ``NotFound``."""
    row = session.scalar(
        select(MailStop).where(MailStop.id == stop_id, MailStop.ended_at.is_(None))
        .with_for_update()
    )  # fmt: skip
    if row is None:
        raise NotFound("mail_stop_unknown", "there is no such address to write to again")
    row.ended_at, row.ended_by = at, by
    session.flush()
    return row.address


def stops(session: Session, addresses: Collection[str]) -> tuple[Stop, ...]:
    """Those of some addresses that get no mail."""
    rows = session.scalars(
        select(MailStop)
        .where(MailStop.address.in_({one.lower() for one in addresses}),
               MailStop.ended_at.is_(None))
        .order_by(MailStop.id)
    )  # fmt: skip
    return tuple(
        Stop(row.id, row.address, StopReason(row.why), row.detail, row.noted_at, row.noted_by)
        for row in rows
    )


def masked(address: str) -> str:
    """An address or number of which only whoever knows it is reminded: c•••@delta.example."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}•••@{domain}" if at else f"{address[:3]}•••{address[-2:]}"
