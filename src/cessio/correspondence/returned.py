"""Mails that came back: the report of a mail server (RFC 3464) about a mail of ours.

Anybody can write such a report to our mailbox: it is believed only if it names the identity of a
mail that we sent to that address, which nobody else knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, message_from_string, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr

from sqlalchemy.orm import Session

from cessio import audit
from cessio.correspondence import queries
from cessio.plumbing import confined
from cessio.plumbing.mail import message_name
from cessio.plumbing.mail_stops import StopReason, lift_stop, note_stop

#: A report larger than this is none, and mails of one address looked at for the one that failed.
MAX_BYTES, _MOST = 5_000_000, 500


@dataclass(frozen=True, slots=True)
class Returned:
    """What a report says: the addresses that failed for ever, the status, the mails it is about."""

    addresses: frozenset[str]
    status: str | None
    names: frozenset[str]


def read_report(content: bytes) -> Returned:
    """What a mail says as a report of delivery; one that is none says nothing."""
    message = message_from_bytes(content[:MAX_BYTES], EmailMessage, policy=policy.default)
    addresses: set[str] = set()
    names: set[str] = set()
    status: str | None = None
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in _blocks(part):
                code = _header(block, "Status").partition(" ")[0]
                if _header(block, "Action").lower() == "failed" and not code.startswith("4"):
                    status = status or code[:12] or None
                    addresses |= set(_addresses(block))
        elif part.get_content_type() in ("text/rfc822-headers", "message/rfc822") and addresses:
            for inner in _inner(part):
                names.add(_header(inner, "Message-ID").strip("<> ").partition("@")[0])
                addresses.add(parseaddr(_header(inner, "To"))[1].lower())
    return Returned(frozenset(addresses - {""}), status, frozenset(names - {""}))


def take_returned(session: Session, content: bytes, *, by: str, at: datetime) -> tuple[str, ...]:
    """Note the addresses of a report about a mail of ours; returns those it was true of."""
    report = confined.read(read_report, content[:MAX_BYTES])
    if not report.addresses or not report.names:
        return ()
    found = []
    for mail_id, recipient, key in queries.mails_to(session, report.addresses, limit=_MOST):
        if message_name(key) in report.names:
            note_stop(session, address=recipient, why=StopReason.RETURNED, detail=report.status,
                      mail_id=mail_id, by=by, at=at)  # fmt: skip
            found.append(recipient)
    return tuple(found)


def write_again(session: Session, *, stop_id: int, by: str, at: datetime) -> str:
    """Mail may go to an address again; returns it. Raises ``NotFound``."""
    address = lift_stop(session, stop_id, by=by, at=at)
    audit.record(session, verb="mail_stop.lift", subject_kind="mail_stop", subject_id=stop_id,
                 after={"address": address}, by=by, at=at)  # fmt: skip
    return address


def _blocks(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (one for one in payload if isinstance(one, Message))


def _inner(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (one for one in payload if isinstance(one, Message))
    else:
        text = part.get_payload(decode=True)
        if isinstance(text, bytes):
            yield message_from_string(text.decode("utf-8", "replace"), policy=policy.compat32)


def _addresses(block: Message) -> Iterator[str]:
    for name in ("Original-Recipient", "Final-Recipient"):
        kind, _, address = _header(block, name).partition(";")
        if kind.strip().lower() == "rfc822":
            yield parseaddr(address.strip())[1].lower()


def _header(message: Message, name: str) -> str:
    return str(message.get(name) or "").strip()
