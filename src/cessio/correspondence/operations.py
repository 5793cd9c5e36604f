"""Writing to people, and changing what the house writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio import audit, documents
from cessio.correspondence import queries
from cessio.correspondence.kinds import TemplateKind, Values, kind_of
from cessio.correspondence.models import FactorIdentity, LetterCode, Message, MessageTemplate
from cessio.correspondence.queries import Wording
from cessio.correspondence.rules import CODE_GROUPS, CODE_MONTHS, Channel, Text, text_problems
from cessio.correspondence.writing import write, written_values
from cessio.kernel.calendar import add_months, business_date
from cessio.kernel.codes import new_code
from cessio.kernel.errors import Conflict, Invalid, Problems
from cessio.plumbing import formats, mail, pdf, sms
from cessio.plumbing.i18n import LANGUAGES, gettext, use_language
from cessio.plumbing.mail import Attachment, Mail
from cessio.plumbing.squares import square_svg

_HIDDEN = "•••"
#: What a link is about that stops reminders to an address by mail.
STOP_ADDRESS = "address:"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person or a desk with a mail address, and the language it reads."""

    email: str
    name: str
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who a printed letter goes to; ``address`` is the lines under the name."""

    name: str
    address: tuple[str, ...]
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name a text is written, where that is not ours: its paper bears no mark of us."""

    name: str
    address: tuple[str, ...]
    city: str
    legal: str = ""
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Opens:
    """What the code of a letter opens: a debtor's invoices under a contract, and whom to pay.

    ``receivable_ids`` are the documents the letter names; ``None`` is all of them, later ones too.
    """

    debtor_id: int
    contract_id: int
    iban: str
    bic: str | None
    holder: str
    receivable_ids: tuple[int, ...] | None = None


def send(
    session: Session, *, template: str, to: Recipient, values: Values, subject_kind: str,
    subject_id: int, client_id: int | None, key: str, by: str, at: datetime,
    attachments: Sequence[Attachment] = (), secret: Collection[str] = (),
    sender: Sender | None = None, stoppable: bool = False, opens: Sequence[Opens] = (),
) -> int:  # fmt: skip
    """Write the house's text of that code to somebody by mail; returns the message's id.

    ``values`` are those the text was registered with; one left out is absent. The same key is the
    same message, whatever it says. The ``secret`` values are in the mail and not in the message
    that is kept. One that is ``stoppable`` names where its reader has them come by post, unless it
    is written in the name of another. With ``opens`` it ends with the address where its reader
    answers, which the message that is kept has not. Raises ``TemplateUnknown``, ``MailInvalid``
    for an address that is none, ``ValueError`` for a value the text does not know.
    """
    known = queries.message_of_key(session, key)
    if known is not None:
        return known
    used, written = _written(session, template, to.name, to.language, values, at, sender)
    codes = [new_code(CODE_GROUPS) for _one in opens]
    mail_id = mail.post(
        session, Mail(to=to.email, subject=written.subject,
                      text=written.body + _answer_by(codes, to.language),
                      reply_to=sender.email if sender else None,
                      sender_name=sender.name if sender else None, attachments=attachments,
                      stop=mail.stop_url(f"{STOP_ADDRESS}{to.email.lower()}")
                      if stoppable and sender is None else None),
        key=f"message/{key}", by=by, at=at, client_id=client_id,
    )  # fmt: skip
    if hidden := {name: _HIDDEN for name in secret if values.get(name)}:
        _used, written = _written(
            session, template, to.name, to.language, {**values, **hidden}, at, sender
        )
    message_id = queries.next_message_id(session)
    first = _keep(
        session, used, written, template=template, channel=Channel.MAIL, recipient=to.name,
        address=to.email, subject_kind=subject_kind, subject_id=subject_id, client_id=client_id,
        key=key, mail_id=mail_id, document_id=None, by=by, at=at, message_id=message_id,
    )  # fmt: skip
    if first == message_id:
        _keep_codes(session, opens, codes, message_id, business_date(at))
    return first


def send_sms(
    session: Session, *, template: str, to: Addressee, values: Values, subject_kind: str,
    subject_id: int, client_id: int | None, key: str, by: str, at: datetime,
) -> int:  # fmt: skip
    """Write the house's text of that code as an SMS to the number that ``to`` has as its address.

    Returns the message's id. Keys and errors as for ``send``; ``Invalid`` for a text too long.
    """
    known = queries.message_of_key(session, key)
    if known is not None:
        return known
    used, written = _written(session, template, to.name, to.language, values, at, None)
    [number] = to.address
    sms_id = sms.post(session, number=number, text=written.body, key=f"message/{key}", by=by,
                      at=at, client_id=client_id)  # fmt: skip
    return _keep(
        session, used, written, template=template, channel=Channel.SMS, recipient=to.name,
        address=number, subject_kind=subject_kind, subject_id=subject_id, client_id=client_id,
        key=key, mail_id=None, document_id=None, sms_id=sms_id, by=by, at=at,
    )  # fmt: skip


def print_letter(
    session: Session, *, template: str, to: Addressee, values: Values, subject_kind: str,
    subject_id: int, client_id: int | None, key: str, by: str, at: datetime,
    opens: Sequence[Opens] = (), sender: Sender | None = None,
) -> int:  # fmt: skip
    """Write the house's text of that code as a letter on our paper, kept as a PDF document.

    With ``opens`` it bears a new code and the address where its reader answers, and is no file of
    the client's: who holds the code speaks for the debtor. Returns the message's id; its
    ``document_id`` is the file. Keys and errors as for ``send``.
    """
    known = queries.message_of_key(session, key)
    if known is not None:
        return known
    used, written = _written(session, template, to.name, to.language, values, at, sender)
    message_id = queries.next_message_id(session)
    number = queries.letter_number(message_id)
    codes = [new_code(CODE_GROUPS) for _one in opens]
    code = codes[0] if codes else None
    kept = documents.store(
        session, kind="letter", subject_kind=subject_kind, subject_id=subject_id,
        filename=f"{number}.pdf", media_type="application/pdf",
        content=letter_pdf(session, number=number, to=to, text=written, at=at, code=code,
                           sender=sender),
        client_id=client_id if code is None else None, by=by, at=at,
    )  # fmt: skip
    first = _keep(
        session, used, written, template=template, channel=Channel.LETTER, recipient=to.name,
        address="\n".join(to.address), subject_kind=subject_kind, subject_id=subject_id,
        client_id=client_id, key=key, mail_id=None, document_id=kept.id, by=by, at=at,
        message_id=message_id,
    )  # fmt: skip
    if first == message_id:
        _keep_codes(session, opens, codes, message_id, business_date(at))
    return first


def revoke_code(session: Session, *, code_id: int, why: str, by: str, at: datetime) -> None:
    """The code of a letter opens nothing any more. Raises ``NotFound``, ``Conflict``."""
    row = queries.locked_code(session, code_id)
    if row.revoked_at is not None:
        raise Conflict("code_revoked", "this code was revoked before")
    row.revoked_at, row.revoked_by, row.revoked_why = at, by, why
    session.flush()
    audit.record(session, verb="letter_code.revoke", subject_kind="letter_code",
                 subject_id=code_id, after={"debtor_id": row.debtor_id}, why=why, by=by,
                 at=at)  # fmt: skip


def answer_page(code: str) -> str:
    """The public address where who holds a letter reads what is owed and answers."""
    return f"{mail.base_url()}/pay/{code}"


def letter_pdf(
    session: Session, *, number: str, to: Addressee, text: Text, at: datetime,
    code: str | None = None, sender: Sender | None = None,
) -> bytes:  # fmt: skip
    """Any text as a letter of ours, with its code if it has one; nothing is kept."""
    with use_language(to.language):
        data = {
            "factor": _letterhead(session, sender),
            "recipient": {"name": to.name, "address": list(to.address)},
            "reference": number, "date": formats.date(business_date(at), "long"),
            "subject": text.subject, "paragraphs": text.body.split("\n\n"),
            "answer": None if code is None else {
                "code": code, "at": f"{mail.base_url().partition('://')[2]}/pay",
                "square": square_svg(answer_page(code)),
            },
        }  # fmt: skip
        return pdf.render_pdf("letter", data, language=to.language, at=at)


def _letterhead(session: Session, sender: Sender | None) -> dict[str, Any]:
    if sender is not None:
        return {"name": sender.name, "legal": sender.legal, "address": list(sender.address),
                "city": sender.city, "marked": False}  # fmt: skip
    factor = queries.factor_identity(session)
    if factor is None:
        return {"name": "Cessio", "legal": gettext("Factoring company"), "address": [], "city": ""}
    return {"name": factor.name, "legal": f"{factor.legal} · SIREN {formats.siren(factor.siren)}",
            "address": list(factor.address), "city": factor.city}  # fmt: skip


def change_wording(
    session: Session, *, code: str, language: str, text: Text, note: str | None = None, by: str,
    at: datetime,
) -> int:  # fmt: skip
    """Use another wording from now on; the one before ends and stays on record.

    Raises ``Problems`` with each fault and its line, ``TemplateUnknown``, ``Conflict`` when it is
    the present wording already.
    """
    kind = _asked(code, language)
    text = Text(text.subject.strip(), text.body.replace("\r\n", "\n").strip())
    if faults := text_problems(text, kind.names):
        raise Problems(faults)
    held = queries.wording(session, code, language)
    if held.text == text:
        raise Conflict("wording_unchanged", "this is the present wording already")
    _end_open(session, code, language, by, at)
    row = MessageTemplate(
        code=code, language=language, subject=text.subject, body=text.body,
        note=(note or "").strip() or None, set_at=at, set_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, "change_wording", row.id, kind, language, held.text, text, note, by, at)
    return row.id


def restore_house_wording(
    session: Session, *, code: str, language: str, by: str, at: datetime
) -> None:
    """Back to the wording of the house. Raises ``Conflict`` when it is in use already."""
    kind = _asked(code, language)
    held = queries.wording(session, code, language)
    ended = _end_open(session, code, language, by, at)
    if ended is None:
        raise Conflict("wording_unchanged", "this is the present wording already")
    _record(session, "restore_wording", ended, kind, language, held.text, kind.default(language),
            None, by, at)  # fmt: skip


def set_identity(
    session: Session, *, name: str, legal: str, siren: str, street: str, post_code: str,
    city: str, by: str, at: datetime,
) -> None:  # fmt: skip
    """Say who the factor is, from now on; what was said before stays on record as ended."""
    before = queries.factor_identity(session)
    session.execute(
        update(FactorIdentity).where(FactorIdentity.ended_at.is_(None)).values(ended_at=at)
    )
    told = {
        "name": name, "legal": legal, "siren": siren, "street": street, "post_code": post_code,
        "city": city,
    }  # fmt: skip
    row = FactorIdentity(**told, set_at=at, set_by=by)
    session.add(row)
    session.flush()
    audit.record(
        session, verb="set_identity", subject_kind="factor", subject_id=row.id,
        before={key: getattr(before, key) for key in told} if before else None, after=told,
        by=by, at=at,
    )  # fmt: skip


def _written(
    session: Session, template: str, name: str, language: str, values: Values, at: datetime,
    sender: Sender | None,
) -> tuple[Wording, Text]:  # fmt: skip
    kind = kind_of(template)
    if strange := set(values) - {one.name for one in kind.variables}:
        raise ValueError(f"{template} has no value {sorted(strange)}")
    used = queries.wording(session, template, language)
    factor = sender or queries.factor_identity(session)
    everything: Values = {
        **{one.name: None for one in kind.variables}, **values, "recipient": name,
        "factor": factor.name if factor else "Cessio",
        "factor_address": ", ".join(factor.address) if factor else None,
        "today": business_date(at),
    }  # fmt: skip
    return used, write(used.text, written_values(everything, used.language), used.language)


def _keep(
    session: Session, used: Wording, written: Text, *, template: str, channel: Channel,
    recipient: str, address: str, subject_kind: str, subject_id: int, client_id: int | None,
    key: str, mail_id: int | None, document_id: int | None, by: str, at: datetime,
    message_id: int | None = None, sms_id: int | None = None,
) -> int:  # fmt: skip
    numbered = {} if message_id is None else {"id": message_id}
    kept: int | None = session.scalar(
        insert(Message)
        .values(
            business_key=key, template=template, template_id=used.id, channel=channel.value,
            language=used.language, recipient=recipient, address=address,
            subject=written.subject, body=written.body, subject_kind=subject_kind,
            subject_id=subject_id, client_id=client_id, mail_id=mail_id,
            document_id=document_id, sms_id=sms_id, created_at=at, created_by=by, **numbered,
        )
        .on_conflict_do_nothing()
        .returning(Message.id)
    )  # fmt: skip
    if kept is not None:
        return kept
    first = queries.message_of_key(session, key)
    if first is None:
        raise Conflict("message_twice", "somebody else wrote this message just now")
    return first


def _keep_codes(
    session: Session, opens: Sequence[Opens], codes: Sequence[str], message_id: int, on: date
) -> None:
    session.add_all(
        LetterCode(
            code=code, message_id=message_id, debtor_id=one.debtor_id,
            contract_id=one.contract_id, iban=one.iban, bic=one.bic, holder=one.holder,
            receivable_ids=None if one.receivable_ids is None else [*one.receivable_ids],
            from_on=on, until_on=add_months(on, CODE_MONTHS),
        )
        for one, code in zip(opens, codes, strict=True)
    )  # fmt: skip
    session.flush()


def _answer_by(codes: Sequence[str], language: str) -> str:
    """The end of a mail by which its reader answers."""
    if not codes:
        return ""
    with use_language(language):
        told = gettext(
            "See these invoices, say that they are paid or dispute them, without an account:"
        )
    return f"\n\n{told}\n{answer_page(codes[0])}"


def _asked(code: str, language: str) -> TemplateKind:
    if language not in LANGUAGES:
        raise Invalid("language_unknown", "the language is fr or en", field="language")
    return kind_of(code)


def _end_open(session: Session, code: str, language: str, by: str, at: datetime) -> int | None:
    row = queries.open_edition(session, code, language, lock=True)
    if row is None:
        return None
    row.ended_at, row.ended_by = at, by
    session.flush()
    return row.id


def _record(
    session: Session, verb: str, edition_id: int, kind: TemplateKind, language: str,
    before: Text, after: Text, note: str | None, by: str, at: datetime,
) -> None:  # fmt: skip
    old, new = audit.narrowed(
        {"subject": before.subject, "body": before.body},
        {"subject": after.subject, "body": after.body},
    )
    audit.record(
        session, verb=verb, subject_kind="message_template", subject_id=edition_id,
        before={"template": kind.code, "language": language, **old},
        after={"template": kind.code, "language": language, **new}, why=note, by=by, at=at,
    )  # fmt: skip
