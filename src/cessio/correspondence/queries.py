"""Reading the house's texts, what was sent, and who the factor is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cessio.correspondence.kinds import TemplateKind, kind_of, kinds
from cessio.correspondence.models import FactorIdentity, LetterCode, Message, MessageTemplate
from cessio.correspondence.rules import Channel, Text
from cessio.kernel.errors import NotFound
from cessio.kernel.ids import reference
from cessio.plumbing import formats
from cessio.plumbing.i18n import LANGUAGES, gettext
from cessio.plumbing.models import OutgoingMail, OutgoingSms


@dataclass(frozen=True, slots=True)
class FactorView:
    """The factor as its documents name it; ``legal`` says what kind of company it is."""

    name: str
    legal: str
    siren: str
    street: str
    post_code: str
    city: str
    set_at: datetime
    set_by: str

    @property
    def address(self) -> tuple[str, str]:
        return self.street, f"{self.post_code} {self.city}"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The factor as the head of a document prints it."""

    name: str
    legal: str
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in one language as it is used now; ``id`` None is the wording of the house."""

    id: int | None
    language: str
    text: Text
    set_at: datetime | None = None
    set_by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """A wording of the past or the present one; ``ended_at`` None holds now."""

    id: int
    language: str
    text: Text
    note: str | None
    set_at: datetime
    set_by: str
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A text of the house with its present wordings."""

    kind: TemplateKind
    wordings: tuple[Wording, ...]

    @property
    def changed(self) -> tuple[Wording, ...]:
        """The wordings that are not the house's, latest first."""
        edited = [one for one in self.wordings if one.set_at is not None]
        return tuple(sorted(edited, key=lambda one: one.id or 0, reverse=True))


@dataclass(frozen=True, slots=True)
class MessageView:
    """What was said: ``sent_at`` None is a mail still waiting for the mail server."""

    id: int
    template: str
    channel: Channel
    language: str
    recipient: str
    address: str
    subject: str
    body: str
    subject_kind: str
    subject_id: int
    client_id: int | None
    document_id: int | None
    at: datetime
    by: str
    sent_at: datetime | None


def issuer(session: Session, *, otherwise: str = "Cessio") -> Issuer:
    """The head of a document, in the language in use; ``otherwise`` while nobody named us."""
    known = factor_identity(session)
    if known is None:
        return Issuer(otherwise, gettext("Factoring company"), ())
    return Issuer(known.name, f"{known.legal} · SIREN {formats.siren(known.siren)}", known.address)


def factor_identity(session: Session) -> FactorView | None:
    """The identity that holds, if one was ever set."""
    row = session.scalars(
        select(FactorIdentity)
        .where(FactorIdentity.ended_at.is_(None))
        .order_by(FactorIdentity.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return FactorView(
        row.name, row.legal, row.siren, row.street, row.post_code, row.city, row.set_at, row.set_by
    )


def templates(session: Session) -> tuple[TemplateView, ...]:
    """Every text of the house with its present wordings, by code."""
    query = select(MessageTemplate).where(MessageTemplate.ended_at.is_(None))
    open_rows = {(row.code, row.language): row for row in session.scalars(query)}
    return tuple(
        TemplateView(
            kind,
            tuple(_wording(kind, code, open_rows.get((kind.code, code))) for code in LANGUAGES),
        )
        for kind in kinds()
    )


def wording(session: Session, code: str, language: str) -> Wording:
    """The wording a reader of that language gets now. Raises ``TemplateUnknown``."""
    kind = kind_of(code)
    language = language if language in LANGUAGES else LANGUAGES[0]
    return _wording(kind, language, open_edition(session, code, language))


def open_edition(
    session: Session, code: str, language: str, *, lock: bool = False
) -> MessageTemplate | None:
    """The row that holds, if the wording of the house was changed."""
    query = select(MessageTemplate).where(
        MessageTemplate.code == code, MessageTemplate.language == language,
        MessageTemplate.ended_at.is_(None),
    )  # fmt: skip
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def editions(session: Session, code: str, language: str) -> tuple[Edition, ...]:
    """Every wording ever saved, latest first."""
    rows = session.scalars(
        select(MessageTemplate)
        .where(MessageTemplate.code == code, MessageTemplate.language == language)
        .order_by(MessageTemplate.id.desc())
        .limit(100)
    )
    return tuple(
        Edition(row.id, row.language, Text(row.subject, row.body), row.note, row.set_at,
                row.set_by, row.ended_at, row.ended_by)
        for row in rows
    )  # fmt: skip


def messages_about(
    session: Session,
    *,
    kind: str,
    id: int,  # noqa: A002  # the thing's own id, as its page names it
    client_id: int | None = None,
    limit: int = 100,
) -> tuple[MessageView, ...]:
    """What was said about one thing, latest first; ``client_id`` is who may see it."""
    query = _messages().where(Message.subject_kind == kind, Message.subject_id == id)
    if client_id is not None:
        query = query.where(Message.client_id == client_id)
    return _views(session, query.order_by(Message.id.desc()).limit(limit))


def told_about(session: Session, *, kind: str, id: int) -> tuple[str, ...]:  # noqa: A002
    """The names of those whom something was said to about one thing, latest first."""
    query = select(Message.recipient).where(Message.subject_kind == kind, Message.subject_id == id)
    return tuple(dict.fromkeys(session.scalars(query.order_by(Message.id.desc()))))


def messages_to_client(
    session: Session, client_id: int, *, limit: int = 100
) -> tuple[MessageView, ...]:
    """What was said of one client's affairs, latest first."""
    query = _messages().where(Message.client_id == client_id)
    return _views(session, query.order_by(Message.id.desc()).limit(limit))


def messages_of_template(
    session: Session, code: str, *, limit: int = 20
) -> tuple[MessageView, ...]:
    """The last messages written with a text."""
    query = _messages().where(Message.template == code)
    return _views(session, query.order_by(Message.id.desc()).limit(limit))


def message(session: Session, message_id: int) -> MessageView:
    """One message. Raises ``NotFound``."""
    found = _views(session, _messages().where(Message.id == message_id))
    if not found:
        raise NotFound("message_unknown", "there is no such message")
    return found[0]


def message_of_key(session: Session, key: str) -> int | None:
    """The message of a key, if it was written."""
    return session.scalar(select(Message.id).where(Message.business_key == key))


def mails_to(
    session: Session, addresses: Collection[str], *, limit: int
) -> list[tuple[int, str, str]]:
    """The last mails to some addresses, in small letters: number, address as written, key."""
    rows = session.execute(
        select(OutgoingMail.id, OutgoingMail.recipient, OutgoingMail.business_key)
        .where(func.lower(OutgoingMail.recipient).in_(addresses))
        .order_by(OutgoingMail.id.desc())
        .limit(limit)
    )
    return [(mail_id, recipient, key) for mail_id, recipient, key in rows]


def wrote_to(session: Session, number: str) -> bool:
    """Whether an SMS of ours went to a number."""
    return bool(session.scalar(select(select(OutgoingSms.id)
                                      .where(OutgoingSms.number == number).exists())))  # fmt: skip


def locked_code(session: Session, code_id: int) -> LetterCode:
    """A code, to be changed. Raises ``NotFound``."""
    row = session.get(LetterCode, code_id, with_for_update=True)
    if row is None:
        raise NotFound("code_unknown", "there is no such code of a letter")
    return row


def letter_number(message_id: int) -> str:
    """The number a printed letter bears."""
    return reference("LT", message_id)


def next_message_id(session: Session) -> int:
    """A number no message has or will have, so that a letter can bear it."""
    following = func.nextval(func.pg_get_serial_sequence("message", "id"))
    return int(session.execute(select(following)).scalar_one())


def _messages() -> Select[Message, datetime | None]:
    sent = func.coalesce(OutgoingMail.sent_at, OutgoingSms.sent_at)
    return (
        select(Message, sent)
        .outerjoin(OutgoingMail, OutgoingMail.id == Message.mail_id)
        .outerjoin(OutgoingSms, OutgoingSms.id == Message.sms_id)
    )


def _views(session: Session, query: Select[Message, datetime | None]) -> tuple[MessageView, ...]:
    return tuple(
        MessageView(
            id=row.id, template=row.template, channel=Channel(row.channel),
            language=row.language, recipient=row.recipient, address=row.address,
            subject=row.subject, body=row.body, subject_kind=row.subject_kind,
            subject_id=row.subject_id, client_id=row.client_id, document_id=row.document_id,
            at=row.created_at, by=row.created_by,
            sent_at=row.created_at if row.document_id is not None else sent_at,
        )
        for row, sent_at in session.execute(query)
    )  # fmt: skip


def _wording(kind: TemplateKind, language: str, row: MessageTemplate | None) -> Wording:
    if row is None:
        return Wording(None, language, kind.default(language))
    return Wording(row.id, language, Text(row.subject, row.body), row.set_at, row.set_by, row.note)
