"""Mail: written down in the caller's transaction, sent by a job after it.

Nobody waits for a mail server, and a rolled back transaction sends nothing. A worker that dies
between the server's answer and its own note sends the same mail again, with the same
``Message-ID``. Without a mail server, mails become files in a folder.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formataddr, parseaddr
from functools import partial
from hashlib import sha256
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.kernel.errors import CessioError, Conflict, Invalid
from cessio.plumbing import database, payee_gateway, sms
from cessio.plumbing.jobs import JobContext, enqueue, job
from cessio.plumbing.mail_stops import StopReason, note_stop
from cessio.plumbing.models import OutgoingMail
from cessio.plumbing.payee_gateway import PayeeGateway
from cessio.plumbing.settings import Settings
from cessio.plumbing.sms import Gateway
from cessio.plumbing.vault import Vault

_TIMEOUT_SECONDS = 30
_PORTS = {"smtp": 25, "smtps": 465}
_PERMANENT = 500
STOP_PATH = "/mail/stop"
_STOP = "mails to stop"


class MailInvalid(Invalid):
    """The mail cannot be written: a header with a line break, an address that is none."""


class MailRefused(CessioError):
    """The mail server will not take this mail, now or later."""


class AddressRefused(MailRefused):
    """The mail server takes no mail for this address."""


class MailServerAway(Conflict):
    """Nobody answers at the mail server's address: the next attempt may find it."""


class MailServerInsecure(CessioError):
    """The server offers no encryption and would get our password in clear."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail; ``media_type`` as in ``application/pdf``."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """What to say to whom; ``text`` always, ``html`` besides where it helps."""

    to: str
    subject: str
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    reply_to: str | None = None
    #: In whose name it is sent, where that is not our own.
    sender_name: str | None = None
    attachments: Sequence[Attachment] = ()
    #: Where its reader stops mails like this one, by one click of the mail program.
    stop: str | None = None


@dataclass(frozen=True, slots=True)
class Mailer:
    """How mails leave: through a server (``smtp://`` or ``smtps://``), else into a folder."""

    smtp_url: str | None = field(default=None, repr=False)
    sender: str = "cessio@localhost"
    folder: Path = Path("mail")
    #: Where the pages are that a mail leads to.
    base_url: str = "http://127.0.0.1:8000"
    #: What seals the addresses at which mails are stopped.
    vault: Callable[[], Vault] | None = field(default=None, repr=False)
    #: The sender of mails in another's name, where ours would name us.
    sender_for_clients: str | None = None
    #: How short messages leave; none are sent without.
    sms: Gateway | None = None
    payees: PayeeGateway | None = None

    @classmethod
    def of(cls, settings: Settings) -> Mailer:
        """The mailer of an installation."""
        return cls(
            settings.smtp_url, settings.mail_from, settings.data_dir / "mail",
            settings.public_url.rstrip("/"), partial(Vault.of, settings),
            settings.mail_from_clients, Gateway.of(settings), PayeeGateway.of(settings),
        )  # fmt: skip

    def send(self, mail_id: int, message: EmailMessage) -> None:
        """Send once; raises ``MailRefused`` for ever, another error for now."""
        if self.smtp_url is None:
            _write(self.folder / f"{mail_id:08}.eml", message.as_bytes())
            return
        try:
            _send(self.smtp_url, message)
        except smtplib.SMTPRecipientsRefused as error:
            _refuse(min(code for code, _ in error.recipients.values()), error, AddressRefused)
        except smtplib.SMTPAuthenticationError as error:
            _refuse(0, error)  # our password is wrong, not the mail: it can be set right
        except smtplib.SMTPResponseException as error:
            _refuse(error.smtp_code, error)
        except (ConnectionError, TimeoutError, socket.gaierror) as error:
            raise MailServerAway(
                "mail_server_away", "the mail server {host} does not answer: {reason}",
                host=urlsplit(self.smtp_url).hostname or "", reason=error.strerror or str(error),
            ) from error  # fmt: skip


_mailer = Mailer()


def use(mailer: Mailer) -> None:
    """Choose how this process sends; said once by each composition root."""
    global _mailer
    _mailer = mailer
    sms.use(mailer.sms)
    payee_gateway.use(mailer.payees)


def base_url() -> str:
    """The public address of this installation, without a slash at its end."""
    return _mailer.base_url


def stop_url(about: str) -> str | None:
    """Where a reader stops mails about something, without signing in: nobody else can name it."""
    if _mailer.vault is None:
        return None
    sealed = _mailer.vault().seal(about.encode(), _STOP)
    return f"{_mailer.base_url}{STOP_PATH}/{urlsafe_b64encode(sealed).decode().rstrip('=')}"


def stopped(token: str, vault: Vault) -> str:
    """What an address of ``stop_url`` is about. Raises ``SealBroken``."""
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, UnicodeEncodeError):
        sealed = b""
    return vault.open(sealed, _STOP).decode()


def post(
    session: Session, mail: Mail, *, key: str, by: str, at: datetime, client_id: int | None = None
) -> int:
    """Have a mail sent when the transaction commits; returns its id.

    The same key is the same mail, whatever it says. Raises ``MailInvalid``.
    """
    message = _compose(mail, key, at)
    values = {
        "business_key": key, "recipient": mail.to, "subject": mail.subject,
        "content": message.as_bytes(), "client_id": client_id, "created_by": by, "created_at": at,
    }  # fmt: skip
    fresh: int | None = session.scalar(
        insert(OutgoingMail).values(**values).on_conflict_do_nothing().returning(OutgoingMail.id)
    )
    if fresh is None:
        return session.scalars(
            select(OutgoingMail.id).where(OutgoingMail.business_key == key)
        ).one()
    enqueue(
        session, kind="mail.send", key=str(fresh), payload={"mail_id": fresh}, by=by, at=at,
        client_id=client_id,
    )  # fmt: skip
    return fresh


def recipients(session: Session, mail_ids: Collection[int]) -> dict[int, str]:
    """To whom each mail goes."""
    rows = session.execute(
        select(OutgoingMail.id, OutgoingMail.recipient).where(OutgoingMail.id.in_(mail_ids))
    )
    return {row.id: row.recipient for row in rows}


@job("mail.send", max_attempts=12, backoff_seconds=30, time_limit_seconds=120)
def send(context: JobContext, *, mail_id: int) -> None:
    """Talk to the server outside any transaction, then note when the mail left.

    An address refused for ever is noted: who writes to it again, writes on paper.
    """
    with database.transaction(context.engine) as session:
        row = session.execute(
            select(OutgoingMail.content, OutgoingMail.recipient).where(
                OutgoingMail.id == mail_id, OutgoingMail.sent_at.is_(None)
            )
        ).one_or_none()
    if row is None:
        return
    try:
        _mailer.send(mail_id, message_from_bytes(row.content, EmailMessage, policy=policy.SMTP))
    except AddressRefused as refused:
        with context.transaction() as session:
            note_stop(session, address=row.recipient, why=StopReason.REFUSED, mail_id=mail_id,
                      detail=str(refused.params["status"]), by=context.by,
                      at=context.at)  # fmt: skip
        raise
    with context.transaction() as session:
        session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.id == mail_id)
            .values(sent_at=func.clock_timestamp())
        )
        context.finish(session)


def message_name(key: str) -> str:
    """The first half of the ``Message-ID`` of the mail of a key: nobody else can name it."""
    return sha256(key.encode()).hexdigest()[:32]


def _compose(mail: Mail, key: str, at: datetime) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    try:
        message["From"] = _named(mail.sender_name)
        message["To"] = mail.to
        message["Subject"] = mail.subject
        if mail.reply_to:
            message["Reply-To"] = mail.reply_to
        if mail.stop:  # RFC 8058
            message["List-Unsubscribe"] = f"<{mail.stop}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    except ValueError as error:
        raise MailInvalid("mail_header", "a mail header is not one line: {reason}",
                          reason=str(error)) from None  # fmt: skip
    addresses = message["To"].addresses
    if len(addresses) != 1 or not addresses[0].domain or message["To"].defects:
        raise MailInvalid("mail_address", "{to} is not a mail address", field="to", to=mail.to)
    message["Date"] = at
    domain = parseaddr(str(message["From"]))[1].rpartition("@")[2]
    message["Message-ID"] = f"<{message_name(key)}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    for file in mail.attachments:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return message


def _named(name: str | None) -> str:
    """Our address, under a name if one is given: another domain's would be refused as forged."""
    if name is None:
        return _mailer.sender
    sender = _mailer.sender_for_clients or _mailer.sender
    if "\n" in name or "\r" in name:
        raise ValueError("a name of two lines")
    return formataddr((name, parseaddr(sender)[1]))


def _send(smtp_url: str, message: EmailMessage) -> None:
    parts = urlsplit(smtp_url)
    host, port = parts.hostname or "localhost", parts.port or _PORTS[parts.scheme]
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        _speak(server, message, parts, context)
        with suppress(smtplib.SMTPException):
            server.quit()  # the mail is taken, whatever the server says to goodbye
    finally:
        server.close()


def _speak(
    server: smtplib.SMTP, message: EmailMessage, parts: SplitResult, context: ssl.SSLContext
) -> None:
    server.ehlo()
    if parts.scheme == "smtp" and server.has_extn("starttls"):
        server.starttls(context=context)
        server.ehlo()
    elif parts.scheme == "smtp" and parts.username:
        raise MailServerInsecure(
            "mail_server_insecure",
            "the mail server {host} offers no encryption for our password", host=parts.hostname,
        )  # fmt: skip
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    server.send_message(message)


def _refuse(code: int, error: smtplib.SMTPException, kind: type[MailRefused] = MailRefused) -> None:
    """5xx is for ever, 4xx for now; the server's words may name the person, so only its code."""
    if code >= _PERMANENT:
        raise kind(
            "mail_refused", "the mail server refused the mail with code {status}", status=code
        ) from error
    raise ConnectionError(f"the mail server did not take the mail ({code or error})") from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)
