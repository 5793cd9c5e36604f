"""Reading what goes out to debtors: what is to be written, what was, and about which invoices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from cessio.collections.models import (
    DunningDay,
    DunningLetter,
    DunningLine,
    RecoveryFile,
    RecoveryLine,
)
from cessio.collections.queries.reach import mobile, stopped_address
from cessio.collections.rules.plans import WRITTEN, DunningChannel
from cessio.contracts import queries as contracts
from cessio.contracts.rules import IndexName
from cessio.correspondence.models import Message
from cessio.documents.models import Document
from cessio.identity.models import Person
from cessio.kernel.calendar import half_year
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.parties.models import Client, Company, Contact, Debtor
from cessio.parties.queries import address_of
from cessio.receivables.models import Receivable


@dataclass(frozen=True, slots=True)
class Due:
    """An invoice of a letter to be written, with what is open on it now."""

    line_id: int
    receivable_id: int
    contract_id: int
    client_id: int
    client_name: str
    collector: str | None
    number: str
    issue_date: date
    due_date: date
    open_minor: int
    was_reminded: bool


@dataclass(frozen=True, slots=True)
class ToWrite:
    """A letter to be written: to whom, where, in whose name, about what."""

    id: int
    day: date
    channel: DunningChannel
    template: str
    tone: str
    debtor_id: int
    debtor_name: str
    language: str
    address: tuple[str, ...]
    email: str | None
    contact: str | None
    writer_id: int | None
    currency: str
    lines: tuple[Due, ...]
    mobile: str | None


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A mail, letter or call of a day, as lists show it."""

    id: int
    day: date
    channel: DunningChannel
    days: int
    template: str | None
    debtor_id: int
    debtor_name: str
    writer_name: str | None
    currency: str
    line_count: int
    open_minor: int
    penalty_minor: int
    indemnity_minor: int
    written_at: datetime | None
    written_by: str | None
    dropped: str | None
    message_id: int | None
    recipient: str | None
    document_id: int | None
    returned_id: int | None


@dataclass(frozen=True, slots=True)
class LetterLine:
    """An invoice as a letter named it."""

    receivable_id: int
    number: str
    client_name: str
    due_date: date
    days: int
    open_minor: int
    penalty_minor: int
    indemnity_minor: int


@dataclass(frozen=True, slots=True)
class DayView:
    """A day whose letters were chosen."""

    day: date
    letter_count: int
    line_count: int
    left_out_count: int
    chosen_at: datetime


@dataclass(frozen=True, slots=True)
class DaySum:
    """What one day sends by one channel in one currency, and how much of it is done."""

    channel: DunningChannel
    currency: str
    count: int
    done: int
    dropped: int
    lines: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class Printed:
    """A letter of a day as its printer gets it."""

    letter_id: int
    registered: bool
    recipient: str
    address: str
    document_id: int
    filename: str
    sha256: bytes


def chosen_day(session: Session, on: date) -> DayView | None:
    """The choice of a day, if it was made."""
    row = session.get(DunningDay, on)
    return None if row is None else _day(row)


def last_days(session: Session, *, limit: int = 10) -> tuple[DayView, ...]:
    """The days whose letters were chosen, latest first."""
    query = select(DunningDay).order_by(DunningDay.day.desc()).limit(limit)
    return tuple(_day(row) for row in session.scalars(query))


def _of_day(on: date) -> ColumnElement[bool]:
    """Chosen on a day, or mailed before, come back, and on paper that day."""
    return or_(DunningLetter.paper_day == on,
               and_(DunningLetter.paper_day.is_(None), DunningLetter.day == on))  # fmt: skip


def unwritten(session: Session, on: date) -> list[int]:
    """The mails and letters of a day that did not go out yet, in order."""
    return list(session.scalars(
        select(DunningLetter.id)
        .where(_of_day(on), DunningLetter.written_at.is_(None),
               DunningLetter.channel.in_(WRITTEN))
        .order_by(DunningLetter.id)
    ))  # fmt: skip


def locked(session: Session, letter_ids: Collection[int]) -> dict[int, DunningLetter]:
    """Letters that did not go out yet, locked."""
    rows = session.scalars(
        select(DunningLetter)
        .where(DunningLetter.id.in_(letter_ids), DunningLetter.written_at.is_(None))
        .order_by(DunningLetter.id)
        .with_for_update()
    )
    return {row.id: row for row in rows}


def to_write(session: Session, letter_ids: Collection[int]) -> tuple[ToWrite, ...]:
    """Letters with all that is written in them; invoices paid since they were chosen are left."""
    lines = _due(session, letter_ids)
    mail = (
        select(Contact.company_id, Contact.email, Contact.name)
        .where(Contact.email.is_not(None), Contact.ended_at.is_(None),
               Contact.company_id == Company.id, ~stopped_address(Contact.email))
        .order_by(Contact.id)
        .limit(1)
        .lateral("mail")
    )  # fmt: skip
    number = mobile().label("number")
    phone = (
        select(number)
        .where(Contact.ended_at.is_(None), Contact.company_id == Company.id, mobile().is_not(None),
               ~stopped_address(mobile()))
        .order_by(Contact.id)
        .limit(1)
        .lateral("phone")
    )  # fmt: skip
    rows = session.execute(
        select(DunningLetter, Debtor.language, Company, mail.c.email, mail.c.name, phone.c.number)
        .join(Debtor, Debtor.id == DunningLetter.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .outerjoin(mail, mail.c.company_id == Company.id)
        .outerjoin(phone, DunningLetter.channel == DunningChannel.SMS.value)
        .where(DunningLetter.id.in_(letter_ids))
        .order_by(DunningLetter.id)
    )
    return tuple(
        ToWrite(
            one.id, one.paper_day or one.day, DunningChannel(one.channel), one.template or "",
            one.tone, one.debtor_id, company.name, language, address_of(company), email, name,
            one.writer_id, one.currency, tuple(lines.get(one.id, ())), number,
        )
        for one, language, company, email, name, number in rows
    )  # fmt: skip


def letters(
    session: Session, request: PageRequest, *, on: date, channel: DunningChannel | None = None,
    waiting: bool = False,
) -> Page[LetterRow]:  # fmt: skip
    """The letters of a day, by number; ``waiting``: only those that did not go out."""
    query = _rows().where(_of_day(on))
    if channel is not None:
        query = query.where(DunningLetter.channel == channel.value)
    if waiting:
        query = query.where(DunningLetter.written_at.is_(None))
    key = int(str(request.key[0])) if request.key else None
    backwards = request.backwards
    if key is not None:
        query = query.where(DunningLetter.id < key if backwards else DunningLetter.id > key)
    order = DunningLetter.id.desc() if backwards else DunningLetter.id
    rows = session.execute(query.order_by(order).limit(request.fetch)).all()
    return page_of([_row(row) for row in rows], request, lambda one: (one.id,))


def letter(session: Session, letter_id: int) -> LetterRow:
    """One letter. Raises ``NotFound``."""
    row = session.execute(_rows().where(DunningLetter.id == letter_id)).one_or_none()
    if row is None:
        raise NotFound("letter_unknown", "there is no such letter")
    return _row(row)


def letter_lines(session: Session, letter_id: int) -> tuple[LetterLine, ...]:
    """The invoices of a letter, as it named them."""
    rows = session.execute(
        select(DunningLine.receivable_id, Receivable.number, Company.name, DunningLine.due_date,
               DunningLine.days, DunningLine.open_minor, DunningLine.penalty_minor,
               DunningLine.indemnity_minor)
        .join(Receivable, Receivable.id == DunningLine.receivable_id)
        .join(Client, Client.id == Receivable.client_id)
        .join(Company, Company.id == Client.company_id)
        .where(DunningLine.letter_id == letter_id)
        .order_by(DunningLine.due_date, DunningLine.receivable_id)
    )  # fmt: skip
    return tuple(LetterLine(*row) for row in rows)


def letters_on(session: Session, receivable_id: int) -> tuple[LetterRow, ...]:
    """What was said about an invoice, latest first."""
    of_it = select(DunningLine.letter_id).where(DunningLine.receivable_id == receivable_id)
    query = _rows().where(DunningLetter.id.in_(of_it)).order_by(DunningLetter.id.desc())
    return tuple(_row(row) for row in session.execute(query.limit(50)))


def day_sums(session: Session, on: date) -> tuple[DaySum, ...]:
    """What a day sends by channel and currency."""
    dropped = func.count(DunningLetter.dropped)
    rows = session.execute(
        select(DunningLetter.channel, DunningLetter.currency, func.count(),
               func.count(DunningLetter.written_at) - dropped, dropped,
               func.sum(DunningLetter.line_count), func.sum(DunningLetter.open_minor))
        .where(_of_day(on))
        .group_by(DunningLetter.channel, DunningLetter.currency)
        .order_by(DunningLetter.channel, DunningLetter.currency)
    )  # fmt: skip
    return tuple(
        DaySum(DunningChannel(channel), currency, count, done, gone, int(lines), int(minor))
        for channel, currency, count, done, gone, lines, minor in rows
    )


def without_legal_rate(session: Session, on: date) -> tuple[date, ...]:
    """Of this half-year and the last, those whose legal rate nobody recorded: by first day.

    Reminders name no penalties of invoices that were late then.
    """
    this = half_year(on).start
    asked = (half_year(this - timedelta(days=1)).start, this)
    known = {one.fixed_on for one in contracts.fixings(session, IndexName.LEGAL, from_on=asked[0],
                                                       to_on=this)}  # fmt: skip
    return tuple(one for one in asked if one not in known)


def paper_count(session: Session, on: date) -> int:
    """How many letters of a day are on paper."""
    query = (
        select(func.count())
        .select_from(DunningLetter)
        .join(Message, Message.id == DunningLetter.message_id)
    )
    query = query.where(_of_day(on), Message.document_id.is_not(None))
    return int(session.scalar(query) or 0)


def printed(session: Session, on: date) -> tuple[Printed, ...]:
    """The letters of a day on paper, with the hash of each file."""
    rows = session.execute(
        select(DunningLetter.id, DunningLetter.channel, Message.recipient, Message.address,
               Document.id, Document.filename, Document.sha256)
        .join(Message, Message.id == DunningLetter.message_id)
        .join(Document, Document.id == Message.document_id)
        .where(_of_day(on))
        .order_by(DunningLetter.id)
    )  # fmt: skip
    return tuple(
        Printed(letter_id, channel == DunningChannel.REGISTERED.value, recipient, address,
                document_id, filename, bytes(sha256))
        for letter_id, channel, recipient, address, document_id, filename, sha256 in rows
    )  # fmt: skip


def _due(session: Session, letter_ids: Collection[int]) -> dict[int, list[Due]]:
    earlier, sent = aliased(DunningLine), aliased(DunningLetter)
    reminded = (
        select(earlier.id).join(sent, sent.id == earlier.letter_id)
        .where(earlier.receivable_id == Receivable.id, earlier.letter_id < DunningLine.letter_id,
               earlier.days > 0, sent.written_at.is_not(None), sent.dropped.is_(None),
               sent.channel.in_(WRITTEN))
        .exists()
    )  # fmt: skip
    rows = session.execute(
        select(DunningLine.letter_id, DunningLine.id, Receivable.id, Receivable.contract_id,
               Receivable.client_id, Company.name, Person.name, Receivable.number,
               Receivable.issue_date, Receivable.due_date, Receivable.open_minor, reminded)
        .join(Receivable, Receivable.id == DunningLine.receivable_id)
        .join(Client, Client.id == Receivable.client_id)
        .join(Company, Company.id == Client.company_id)
        .outerjoin(Person, Person.id == Client.collector_id)
        .where(DunningLine.letter_id.in_(letter_ids), Receivable.open_minor > 0,
               ~exists().where(RecoveryLine.receivable_id == Receivable.id,
                               RecoveryFile.id == RecoveryLine.file_id,
                               RecoveryFile.ended_at.is_(None)))
        .order_by(DunningLine.letter_id, Receivable.due_date, Receivable.id)
    )  # fmt: skip
    found: dict[int, list[Due]] = {}
    for letter_id, *line in rows:
        found.setdefault(letter_id, []).append(Due(*line))
    return found


def _rows() -> Select[*tuple[Any, ...]]:
    writer, writing = aliased(Company), aliased(Client)
    return (
        select(
            DunningLetter.id, DunningLetter.day, DunningLetter.channel, DunningLetter.days,
            DunningLetter.template, DunningLetter.debtor_id, Company.name, writer.name,
            DunningLetter.currency, DunningLetter.line_count, DunningLetter.open_minor,
            DunningLetter.penalty_minor, DunningLetter.indemnity_minor, DunningLetter.written_at,
            DunningLetter.written_by, DunningLetter.dropped, DunningLetter.message_id,
            Message.address, Message.document_id, DunningLetter.returned_id,
        )
        .join(Debtor, Debtor.id == DunningLetter.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .outerjoin(writing, writing.id == DunningLetter.writer_id)
        .outerjoin(writer, writer.id == writing.company_id)
        .outerjoin(Message, Message.id == DunningLetter.message_id)
    )  # fmt: skip


def _row(row: Sequence[Any]) -> LetterRow:
    its = list(row)
    its[2] = DunningChannel(its[2])
    return LetterRow(*its)


def _day(row: DunningDay) -> DayView:
    return DayView(row.day, row.letter_count, row.line_count, row.left_out_count, row.chosen_at)
