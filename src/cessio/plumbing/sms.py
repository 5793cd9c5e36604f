"""Short messages: written down in the caller's transaction, given to a gateway by a job after it.

The gateway (``plumbing.gateway``) gets ``id``, ``to`` and ``text``, with the message's own
``Idempotency-Key``, so that one given twice is sent once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.kernel.errors import CessioError, Invalid
from cessio.plumbing import database
from cessio.plumbing.gateway import posted
from cessio.plumbing.jobs import JobContext, enqueue, job
from cessio.plumbing.mail_stops import StopReason, note_stop
from cessio.plumbing.models import OutgoingSms
from cessio.plumbing.settings import Settings

_TIMEOUT_SECONDS = 20
#: Longer than four parts is no short message.
MAX_CHARACTERS = 600
#: Answers about us, not about the message: it is given again.
_OURS = frozenset({
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS,
})  # fmt: skip


class SmsRefused(CessioError):
    """The gateway will not take this message, now or later."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where short messages are given away."""

    url: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Gateway | None:
        """The gateway of an installation, if it has one."""
        return None if settings.sms_url is None else cls(settings.sms_url, settings.sms_token)

    def send(self, sms_id: int, number: str, text: str) -> None:
        """Give it once; raises ``SmsRefused`` for ever, another error for now."""
        name = f"sms-{sms_id}"
        with posted(
            self.url, {"id": name, "to": number, "text": text}, token=self.token,
            timeout_seconds=_TIMEOUT_SECONDS, headers={"Idempotency-Key": name},
        ) as answer:  # fmt: skip
            status = answer.status
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and (
            status not in _OURS
        ):
            raise SmsRefused("sms_refused", "the SMS gateway refused it with code {status}",
                             status=status)  # fmt: skip
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise ConnectionError(f"the SMS gateway did not take the message ({status})")


_gateway: list[Gateway | None] = [None]


def use(gateway: Gateway | None) -> None:
    """Choose the gateway of this process; said once by each composition root."""
    _gateway[0] = gateway


def has_gateway() -> bool:
    """Whether short messages can be sent from here."""
    return _gateway[0] is not None


def post(
    session: Session, *, number: str, text: str, key: str, by: str, at: datetime,
    client_id: int | None = None,
) -> int:  # fmt: skip
    """Have a message sent when the transaction commits; the same key is the same message."""
    if len(text) > MAX_CHARACTERS:
        raise Invalid("sms_too_long", "an SMS has {most} characters at the most", field="body",
                      most=MAX_CHARACTERS)  # fmt: skip
    values = {"business_key": key, "number": number, "text": text, "client_id": client_id,
              "created_by": by, "created_at": at}  # fmt: skip
    fresh: int | None = session.scalar(
        insert(OutgoingSms).values(**values).on_conflict_do_nothing().returning(OutgoingSms.id)
    )
    if fresh is None:
        return session.scalars(select(OutgoingSms.id).where(OutgoingSms.business_key == key)).one()
    enqueue(session, kind="sms.send", key=str(fresh), payload={"sms_id": fresh}, by=by, at=at,
            client_id=client_id)  # fmt: skip
    return fresh


def numbers(session: Session, sms_ids: Collection[int]) -> dict[int, str]:
    """To which number each message goes."""
    rows = session.execute(
        select(OutgoingSms.id, OutgoingSms.number).where(OutgoingSms.id.in_(sms_ids))
    )
    return {row.id: row.number for row in rows}


@job("sms.send", max_attempts=12, backoff_seconds=30, time_limit_seconds=120)
def send(context: JobContext, *, sms_id: int) -> None:
    """Talk to the gateway outside any transaction, then note when the message left."""
    with database.transaction(context.engine) as session:
        row = session.execute(
            select(OutgoingSms.number, OutgoingSms.text).where(
                OutgoingSms.id == sms_id, OutgoingSms.sent_at.is_(None)
            )
        ).one_or_none()
    if row is None:
        return
    gateway = _gateway[0]
    if gateway is None:
        raise ConnectionError("there is no SMS gateway")
    try:
        gateway.send(sms_id, row.number, row.text)
    except SmsRefused as refused:
        with context.transaction() as session:
            _note(session, sms_id, refused=True)
            note_stop(session, address=row.number, why=StopReason.REFUSED, by=context.by,
                      detail=str(refused.params["status"]), at=context.at)  # fmt: skip
        raise
    with context.transaction() as session:
        _note(session, sms_id, refused=False)
        context.finish(session)


def _note(session: Session, sms_id: int, *, refused: bool) -> None:
    at = {"refused_at" if refused else "sent_at": func.clock_timestamp()}
    session.execute(update(OutgoingSms).where(OutgoingSms.id == sms_id).values(**at))
