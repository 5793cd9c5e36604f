"""Reading how a debtor can be written to, and which mails to debtors did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from cessio.collections.models import DunningLetter
from cessio.collections.rules.plans import DunningChannel
from cessio.correspondence.models import Message
from cessio.parties.models import Company, Contact, Debtor
from cessio.plumbing.mail_stops import Stop, stops
from cessio.plumbing.models import MailStop, OutgoingMail


@dataclass(frozen=True, slots=True)
class Reach:
    """How a debtor can be written to: by mail, by post, or not at all; what gets no mail."""

    by_mail: bool
    by_post: bool
    stops: tuple[Stop, ...]


def reach(session: Session, debtor_id: int) -> Reach:
    """How a debtor can be reminded."""
    company = session.scalars(
        select(Company).join(Debtor, Debtor.company_id == Company.id).where(Debtor.id == debtor_id)
    ).one()
    addresses = session.scalars(
        select(Contact.email).where(Contact.company_id == company.id, Contact.ended_at.is_(None),
                                    Contact.email.is_not(None))
    ).all()  # fmt: skip
    stopped = stops(session, [one for one in addresses if one])
    return Reach(len(stopped) < len({one.lower() for one in addresses if one}),
                 bool(company.street and company.city), stopped)  # fmt: skip


def stopped_address(email: SQLColumnExpression[str | None]) -> ColumnElement[bool]:
    """Whether an address gets no mail."""
    return (
        select(MailStop.id)
        .where(MailStop.address == func.lower(email), MailStop.ended_at.is_(None))
        .exists()
    )


def came_back(session: Session, *, since: date) -> Sequence[DunningLetter]:
    """Mails chosen since a day that did not reach their address, locked.

    Those to an address written after the one that failed did not either.
    """
    failed = (
        select(MailStop.id)
        .join(OutgoingMail, OutgoingMail.id >= MailStop.mail_id)
        .join(Message, Message.mail_id == OutgoingMail.id)
        .where(MailStop.ended_at.is_(None), MailStop.address == func.lower(OutgoingMail.recipient),
               Message.id == DunningLetter.message_id)
        .exists()
    )  # fmt: skip
    return session.scalars(
        select(DunningLetter)
        .where(DunningLetter.day >= since, DunningLetter.channel == DunningChannel.MAIL.value,
               DunningLetter.message_id.is_not(None), failed)
        .order_by(DunningLetter.id)
        .with_for_update()
    ).all()  # fmt: skip
