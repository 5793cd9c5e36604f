"""Reading how a debtor can be written to, and which mails to debtors did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, func, literal_column, or_, select
from sqlalchemy.orm import Session

from cessio.collections.models import DunningLetter
from cessio.collections.rules.plans import DunningChannel
from cessio.correspondence.models import Message
from cessio.kernel.errors import NotFound
from cessio.parties.models import Company, Contact, Debtor
from cessio.plumbing.mail_stops import Stop, stops
from cessio.plumbing.models import MailStop, OutgoingMail, OutgoingSms

#: The number of ``contact`` to which an SMS can go, as gateways want it; else NULL.
MOBILE = """(SELECT CASE WHEN plain ~ '^0[67][0-9]{8}$' THEN '+33' || substr(plain, 2)
             WHEN plain ~ '^[+]33[67][0-9]{8}$' OR plain ~ '^[+](?!33)[1-9][0-9]{7,14}$' THEN plain
              END
         FROM regexp_replace(replace(contact.phone, '(0)', ''), '[^0-9+]', '', 'g') AS plain)"""


def mobile() -> ColumnElement[str | None]:
    """``MOBILE`` for a query that reads ``Contact``."""
    return literal_column(MOBILE, Text)


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address or a mobile number of a debtor, whose it is, and what stops it."""

    address: str
    name: str
    is_mobile: bool
    stop: Stop | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How a debtor can be written to: by mail, by post, or not at all; what gets no mail."""

    by_mail: bool
    by_post: bool
    addresses: tuple[Address, ...]

    @property
    def stops(self) -> tuple[Stop, ...]:
        """What keeps us from writing, an address each."""
        return tuple(one.stop for one in self.addresses if one.stop is not None)


def reach(session: Session, debtor_id: int) -> Reach:
    """How a debtor can be reminded. Raises ``NotFound``."""
    company = session.scalars(
        select(Company).join(Debtor, Debtor.company_id == Company.id).where(Debtor.id == debtor_id)
    ).one_or_none()
    if company is None:
        raise NotFound("debtor_not_found", "There is no such debtor")
    rows = session.execute(
        select(Contact.name, func.lower(Contact.email), mobile())
        .where(Contact.company_id == company.id, Contact.ended_at.is_(None)).order_by(Contact.id)
    ).all()  # fmt: skip
    names = {email: (name, False) for name, email, _number in rows if email}
    names |= {number: (name, True) for name, _email, number in rows if number}
    stopped = {one.address: one for one in stops(session, names)}
    addresses = tuple(Address(one, *names[one], stopped.get(one)) for one in names)
    by_mail = any(one.stop is None for one in addresses if not one.is_mobile)
    return Reach(by_mail, bool(company.street and company.city), addresses)


def stopped_address(email: SQLColumnExpression[str | None]) -> ColumnElement[bool]:
    """Whether an address gets no mail."""
    return (
        select(MailStop.id)
        .where(MailStop.address == func.lower(email), MailStop.ended_at.is_(None))
        .exists()
    )


def came_back(session: Session, *, since: date) -> Sequence[DunningLetter]:
    """Mails and SMS chosen since a day that did not reach their address, locked.

    Mails to an address written after the one that failed did not either.
    """
    failed = (
        select(MailStop.id)
        .join(OutgoingMail, OutgoingMail.id >= MailStop.mail_id)
        .join(Message, Message.mail_id == OutgoingMail.id)
        .where(MailStop.ended_at.is_(None), MailStop.address == func.lower(OutgoingMail.recipient),
               Message.id == DunningLetter.message_id)
        .exists()
    )  # fmt: skip
    refused = (
        select(Message.id)
        .join(OutgoingSms, OutgoingSms.id == Message.sms_id)
        .where(OutgoingSms.refused_at.is_not(None), Message.id == DunningLetter.message_id)
        .exists()
    )
    return session.scalars(
        select(DunningLetter)
        .where(DunningLetter.day >= since,
               DunningLetter.channel.in_([DunningChannel.MAIL, DunningChannel.SMS]),
               DunningLetter.message_id.is_not(None), or_(failed, refused))
        .order_by(DunningLetter.id)
        .with_for_update()
    ).all()  # fmt: skip
