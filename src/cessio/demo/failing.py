"""Debtors that fail, and what failed to reach them: the collector's and the analyst's hard cases.

Each is made on its day, as in ``situations``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio.agreeing.deeds.book import WriteOff
from cessio.collections import note_instalments
from cessio.collections.operations.recovery import build_file, hand_over
from cessio.collections.rules.plans import SHORT
from cessio.correspondence import Addressee, send_sms
from cessio.correspondence.refusals import take_answer
from cessio.demo import queries
from cessio.demo.agreeing import agreed
from cessio.demo.book import Book, Owed, instant
from cessio.demo.chasing import late_items, to_call
from cessio.kernel.calendar import add_business_days
from cessio.kernel.money import Money
from cessio.parties import ContactDetails
from cessio.parties import queries as parties
from cessio.parties.operations import add_contact
from cessio.plumbing.jobs.running import TEMPLATE
from cessio.plumbing.mail import AddressRefused
from cessio.plumbing.mail_stops import StopReason, note_stop
from cessio.plumbing.models import Job, JobState, OutgoingMail, OutgoingSms
from cessio.receivables.operations import open_dispute
from cessio.receivables.rules import DisputeReason
from cessio.settlement import queries as settlement
from cessio.settlement.operations.losses import declare_to_insurer
from cessio.settlement.queries import UnpaidReceivable

LONG = timedelta(days=200)
MOBILE = "+33612458790"
BAILIFF = "SCP Vidal et Morand, commissaires de justice"


def _instalments(*after: int, contact: str) -> Callable[[Book, date], None]:
    """A debtor that pays in parts, so many business days later each, if it pays."""

    def agree(book: Book, on: date) -> None:
        for item in to_call(book, on, 1, within=LONG):
            item.pay_on = None
            key = (item.client.contract_id, item.number)
            with book.act() as session:
                found = queries.open_documents(session, contract_ids=[key[0]], numbers=[key[1]])
                if key not in found:
                    continue
                note_instalments(
                    session, debtor_id=item.debtor.id, receivable_ids=[found[key][0]],
                    days=[add_business_days(on, days) for days in after], contact=contact,
                    comment="Échéancier accepté par téléphone", by=book.staff["jules"],
                    at=instant(on, 15, 10),
                )  # fmt: skip

    return agree


def _handed_over(book: Book, on: date) -> None:
    """What neither letters nor calls brought goes to a bailiff, with its papers."""
    item = next(
        (one for one in late_items(book, on, within=LONG) if one not in book.promised), None
    )
    if item is None:
        return
    _pays_no_more(book, item.debtor.id)
    with book.act() as session:
        file_id = hand_over(
            session, debtor_id=item.debtor.id, given_to=BAILIFF, reference="2026/1187",
            note="Mise en demeure restée sans réponse", by=book.staff["jules"],
            at=instant(on, 15, 30),
        )  # fmt: skip
        build_file(session, file_id=file_id, by="job:collections.recovery", at=instant(on, 15, 31))


def _denied(book: Book, on: date) -> None:
    """A debtor says that it ordered nothing: the invoice may go back at once."""
    for item in to_call(book, on, 1, within=LONG):
        item.disputed, item.pay_on = True, None
        key = (item.client.contract_id, item.number)
        with book.act() as session:
            found = queries.open_documents(session, contract_ids=[key[0]], numbers=[key[1]])
            if key in found:
                open_dispute(
                    session, receivable_id=found[key][0], reason=DisputeReason.EXISTENCE,
                    comment="Le débiteur n’a ni bon de commande ni réception à ce nom",
                    by=book.staff["jules"], at=instant(on, 14, 5),
                )  # fmt: skip


def _unpaid(book: Book, on: date) -> None:
    """What is covered is indemnified and declared to the insurer; another goes back."""
    with book.act() as session:
        found = settlement.unpaid(session, on=on)
        lost = _largest(found, lambda one: one.outcome.indemnity_minor)
        back = _largest(found, lambda one: one.outcome.transfer_back_minor)
        gone = [one for one in (lost, back) if one is not None]
        if not gone:
            return
        agreed(
            session, WriteOff(tuple({one.receivable_id for one in gone}), on),
            by=book.staff["alice"], second=book.staff["chloe"], at=instant(on, 11),
        )  # fmt: skip
        if lost is not None:
            declare_to_insurer(
                session, settlement_id=queries.settled(session, lost.receivable_id),
                insurer="Coface", reference="SIN-2026-0417", by=book.staff["chloe"],
                at=instant(on, 11, 40),
            )  # fmt: skip
    for one in gone:
        for item in book.owed.get(one.debtor_id, ()):
            if item.number == one.number:
                item.pay_on = None


def _largest(
    found: Iterable[UnpaidReceivable], amount: Callable[[UnpaidReceivable], int]
) -> UnpaidReceivable | None:
    return max((one for one in found if amount(one)), key=amount, default=None)


def _stopped(book: Book, on: date) -> None:
    """A debtor is reminded on its mobile, and answers that it wants no more of it."""
    item = next(iter(to_call(book, on, 1, within=LONG)), None)
    if item is None:
        return
    with book.act() as session:
        debtor = parties.debtor_file(session, item.debtor.id)
        add_contact(
            session, company_id=debtor.company.id, by=book.staff["jules"], at=instant(on, 9, 40),
            contact=ContactDetails("Sophie Marchal", function="Comptabilité fournisseurs",
                                   phone=MOBILE),
        )  # fmt: skip
        _text(session, book, item, on)
        take_answer(session, number=MOBILE, text="STOP", by="gateway:sms", at=instant(on, 10, 4))


def _text(session: Session, book: Book, item: Owed, on: date) -> None:
    send_sms(
        session, template=SHORT, to=Addressee(item.debtor.firm.name, (MOBILE,)),
        values={"writer": "Cessio Factor", "count": 1, "client": item.client.cast.name,
                "total": Money(item.left_minor, "EUR"), "due_on": item.due_date},
        subject_kind="debtor", subject_id=item.debtor.id, client_id=item.client.id,
        key=f"demo/sms/{item.debtor.id}", by=book.staff["jules"], at=instant(on, 9, 45),
    )  # fmt: skip
    sent = session.scalars(
        update(OutgoingSms)
        .where(OutgoingSms.number == MOBILE, OutgoingSms.sent_at.is_(None))
        .values(sent_at=instant(on, 9, 46))
        .returning(OutgoingSms.id)
    )
    session.execute(
        update(Job)
        .where(Job.kind == "sms.send", Job.business_key.in_([str(one) for one in sent]))
        .values(state=JobState.DONE, attempts=1, started_at=instant(on, 9, 45),
                finished_at=instant(on, 9, 46))
    )  # fmt: skip


def _refused(book: Book, on: date) -> None:
    """A mail server takes no mail for an address: the job gives up, and says why."""
    with book.act() as session:
        job = queries.mail_to_send(session, before=instant(on, 0))
        mail = session.get(OutgoingMail, job.payload["mail_id"]) if job is not None else None
        if job is None or mail is None:
            return
        refused = AddressRefused(
            "mail_refused", "the mail server refused the mail with code {status}", status=550
        )
        job.state, job.attempts, job.fence = JobState.DEAD, 1, 1
        job.started_at, job.finished_at = instant(on, 6, 30), instant(on, 6, 31)
        job.error, job.error_code = str(refused), refused.code
        job.error_params = {**refused.params, TEMPLATE: refused.template}
        note_stop(session, address=mail.recipient, why=StopReason.REFUSED, detail="550",
                  mail_id=mail.id, by="job:mail.send", at=instant(on, 6, 31))  # fmt: skip


def _pays_no_more(book: Book, debtor_id: int) -> None:
    for item in book.owed.get(debtor_id, ()):
        item.pay_on = None


#: Business days before the last one → what happens that day.
DAYS: Mapping[int, Callable[[Book, date], None]] = {
    12: _instalments(5, 15, 25, contact="M. Delmas, gérant"), 7: _denied, 5: _stopped,
    4: _unpaid, 2: _handed_over, 1: _instalments(5, 10, 15, contact="Mme Kaci, trésorière"),
    0: _refused,
}  # fmt: skip
