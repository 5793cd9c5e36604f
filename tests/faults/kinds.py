"""Every kind of job with something for it to do in the small demonstration book.

A new kind of job gets a line in ``CASES`` (``tests/house/test_jobs.py`` asks for it): what brings
about its work, through the operations that bring it about in life, and the payload it is asked
with. ``tests/faults/test_jobs.py`` then kills a worker in the middle of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import banking, delivery, funding, screening
from cessio.access.operations.forgotten import forget_password
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.collections.operations.recovery import hand_over
from cessio.funding.rules import Instruction, StandingMode
from cessio.kernel.calendar import PARIS
from cessio.parties import add_account
from cessio.plumbing import outbox, sms
from cessio.reporting.operations import set_report_order
from cessio.settlement import issue_fee_invoices
from cessio.statements.rules.rhythm import Rhythm, Wanted
from tests.books import lose
from tests.walking import UNTIL

Prepare = Callable[[Session, datetime], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """How a kind of job comes to have work: on which day, and what happened before."""

    prepare: Prepare
    on: date = UNTIL + timedelta(days=3)
    hour: int = 9
    #: Columns that hold what is drawn by chance: ``table.column``.
    secret: frozenset[str] = frozenset()

    @property
    def at(self) -> datetime:
        """When the job runs."""
        return datetime(self.on.year, self.on.month, self.on.day, self.hour, 20,
                        tzinfo=PARIS).astimezone(UTC)  # fmt: skip


def _one(session: Session, query: str) -> Any:
    found = session.execute(text(query)).first()
    assert found is not None, f"the demonstration book has none: {query}"
    return found[0] if len(found) == 1 else found


def _dated(_session: Session, at: datetime) -> Mapping[str, Any]:
    """A line of the schedule: the business day alone."""
    return {"on": at.astimezone(PARIS).date()}


def _bare(_session: Session, _at: datetime) -> Mapping[str, Any]:
    return {}


def _named(name: str, query: str) -> Prepare:
    """About one thing of the book."""
    return lambda session, _at: {name: _one(session, query)}


def _forgotten(session: Session, at: datetime) -> Mapping[str, Any]:
    email = _one(session, "SELECT email FROM person ORDER BY id LIMIT 1")
    forget_password(session, email=email, at=at)
    return {"reset_id": _one(session, "SELECT max(id) FROM password_reset")}


def _statement(session: Session, at: datetime) -> Mapping[str, Any]:
    """A statement came: two invoices are paid, and our payouts were debited."""
    on = at.date()
    iban, closing, sequence = _one(
        session,
        "SELECT iban, closing_minor, coalesce(sequence, 0) FROM bank_statement"
        " JOIN factor_account ON factor_account.id = account_id WHERE is_payout"
        " ORDER BY bank_statement.id DESC LIMIT 1",
    )
    paid = session.execute(text(
        "SELECT number, open_minor, company.name FROM receivable JOIN debtor ON debtor.id ="
        " debtor_id JOIN company ON company.id = company_id WHERE closed_on IS NULL AND kind ="
        " 'invoice' AND open_minor = amount_minor ORDER BY receivable.id LIMIT 2"
    )).all()  # fmt: skip
    sent = session.execute(text(
        "SELECT end_to_end_id, amount_minor FROM drawdown WHERE state = 'ordered' ORDER BY id"
    )).all()  # fmt: skip
    assert paid
    assert sent
    entries = [
        _entry(on, minor, f"KT-{number}", ParsedDetail(
            amount_minor=minor, debtor=Party(name=name[:70]), remittance=(f"FACTURE {number}",)))
        for number, minor, name in paid
    ] + [
        _entry(on, -minor, f"KT-{said}", ParsedDetail(amount_minor=-minor, end_to_end_id=said))
        for said, minor in sent
    ]  # fmt: skip
    end = closing + sum(entry.amount_minor for entry in entries)
    data = camt053_bytes([ParsedStatement(
        kind="camt.053", statement_ref="KT-1", currency="EUR", iban=iban,
        electronic_sequence=sequence + 1, from_on=on, to_on=on,
        balances=(Balance("OPBD", closing, on), Balance("CLBD", end, on)),
        entries=tuple(entries),
    )], message_id="KT-1", created_at=at)  # fmt: skip
    [imported] = banking.import_statement(
        session, data=data, filename="kt.xml", by="person:1", at=at - timedelta(minutes=5)
    )
    return {"statement_id": imported.statement_id}


def _entry(on: date, minor: int, reference: str, detail: ParsedDetail) -> ParsedEntry:
    return ParsedEntry(amount_minor=minor, currency="EUR", booked_on=on, value_date=on,
                       bank_ref=reference, details=(detail,))  # fmt: skip


def _texted(session: Session, at: datetime) -> Mapping[str, Any]:
    """An SMS waits to be given to the gateway."""
    return {"sms_id": sms.post(session, number="+33612345678", text="Deux factures à régler.",
                               key="kinds", by="person:1", at=at)}  # fmt: skip


def _unverified(session: Session, at: datetime) -> Mapping[str, Any]:
    """A payout account was added about which nobody asked the bank."""
    company = _one(session, "SELECT company_id FROM client ORDER BY id LIMIT 1")
    add_account(session, company_id=company, iban="FR1420041010050500013M02606", is_payout=True,
                by="person:1", at=at)  # fmt: skip
    return {"asked_by": "person:1"}


def _standing(session: Session, at: datetime) -> Mapping[str, Any]:
    """Two clients have drawn for them what is available above a thousand euros."""
    rows = session.execute(text("SELECT id FROM contract ORDER BY id LIMIT 2"))
    for contract_id in rows.scalars().all():
        funding.instruct(
            session, contract_id=contract_id, by="person:1", at=at - timedelta(days=3),
            said=Instruction(mode=StandingMode.DAILY, reserve_minor=1_000_00),
        )  # fmt: skip
    return _dated(session, at)


def _not_kept(session: Session, at: datetime) -> Mapping[str, Any]:
    """As after an upgrade from a release that kept no figures: four days of the first week."""
    first = _one(session, "SELECT min(starts_on) FROM contract")
    lose(session, "availability_snapshot", "day < :on", on=first + timedelta(days=4))  # fmt: skip
    return {"last": first + timedelta(days=3)}


def _signed_in(session: Session, at: datetime) -> Mapping[str, Any]:
    """Sessions and attempts of long ago."""
    session.execute(text(
        "INSERT INTO sign_in_attempt (email, address, network, at, succeeded)"
        " SELECT 'a@b.test', '127.0.0.1', '127.0.0.0/24', :at, false FROM generate_series(1, 3)"
    ), {"at": at - timedelta(days=500)})  # fmt: skip
    return {}


def _to_mail(session: Session, _at: datetime) -> Mapping[str, Any]:
    """Three people chose to hear of what happened once a day."""
    session.execute(text(
        "UPDATE notification SET in_digest = true WHERE person_id IN (SELECT person_id FROM"
        " notification GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 3)"
    ))  # fmt: skip
    return {}


def _told(session: Session, at: datetime) -> Mapping[str, Any]:
    return {"notification_id": _one(session, "SELECT max(id) FROM notification")}


def _delivered(session: Session, at: datetime) -> Mapping[str, Any]:
    """A document of the book for a bank that fetches its files."""
    bank = delivery.open_recipient(session, name="Banque", folder="banque", by="person:1", at=at)
    return {"delivery_id": delivery.deliver(
        session, recipient_id=bank, document_id=_one(session, "SELECT min(id) FROM document"),
        filename="a_report.pdf", by="person:1", at=at,
    )}  # fmt: skip


def _reported(session: Session, at: datetime) -> Mapping[str, Any]:
    """A bank that finds the report of each week in its folder."""
    bank = delivery.open_recipient(session, name="Banque", folder="banque", by="person:1", at=at)
    set_report_order(
        session, recipient_id=bank, wanted=Wanted(Rhythm.WEEKLY, ("csv", "xlsx"), "fr"),
        by="person:1", at=at - timedelta(days=9),
    )  # fmt: skip
    return {"recipient_id": bank, "as_of": at.astimezone(PARIS).date() - timedelta(days=1)}


def _october(session: Session, _at: datetime) -> Mapping[str, Any]:
    """The month of a contract, to be told."""
    return {
        "contract_id": _one(session, "SELECT min(id) FROM contract"),
        "from_on": date(2026, 10, 1),
        "to_on": date(2026, 10, 31),
        "rhythm": "monthly",
    }


def _invoiced(session: Session, at: datetime) -> Mapping[str, Any]:
    """November is invoiced, and nothing of it printed."""
    assert issue_fee_invoices(session, month=date(2026, 11, 1), by="person:1", at=at)
    return {}


def _listed(session: Session, at: datetime) -> Mapping[str, Any]:
    """A list names one of our debtors, much as a register would."""
    name = _one(session, "SELECT name FROM company ORDER BY id DESC LIMIT 1")
    with outbox.reactions({}):  # the job asked for here is the one that screens
        screening.load_list(
            session, source=screening.ListSource.OWN, filename="list.csv", dated_on=at.date(),
            data=f"reference;name\nK-1;{name}".encode(), by="person:1",
            at=at - timedelta(minutes=5),
        )  # fmt: skip
    return {}


_DRAFT = "SELECT id FROM remittance WHERE state = 'draft'"
_SUBMITTED = "SELECT id FROM remittance WHERE state = 'submitted'"


#: The kinds of job, each with its work.
def _handed_over(session: Session, at: datetime) -> Mapping[str, Any]:
    debtor_id, receivable_id = _one(
        session, "SELECT debtor_id, id FROM receivable WHERE kind = 'invoice'"
        " AND closed_on IS NULL AND open_minor > 0 ORDER BY id LIMIT 1",
    )  # fmt: skip
    file_id = hand_over(session, debtor_id=debtor_id, receivable_ids=[receivable_id],
                        given_to="Me Roche", by="person:1", at=at)  # fmt: skip
    return {"file_id": file_id}


CASES: Mapping[str, Case] = {
    "access.reset": Case(_forgotten, secret=frozenset(
        {"password_reset.token_hash", "outgoing_mail.content", "message.text"})),
    "cash.match": Case(_statement),
    "closing.back_fill": Case(_not_kept),
    "closing.day_end": Case(_dated, on=UNTIL + timedelta(days=1), hour=0),
    "closing.seal": Case(_dated),
    "closing.verify": Case(_bare),
    "collections.dunning": Case(_dated, hour=6, secret=frozenset(
        {"letter_code.code", "document.content", "document.sha256", "document.size",
         "outgoing_mail.content"})),
    "collections.recovery_file": Case(_handed_over),
    "collections.results": Case(_dated),
    "delivery.put": Case(_delivered),
    "disputes.day": Case(_dated, on=date(2027, 2, 1), hour=5),
    "funding.automatic": Case(_standing),
    "funding.plan_standing": Case(_dated, hour=6),
    "funding.settle_payouts": Case(_statement),
    "identity.forget": Case(_signed_in),
    "limits.day": Case(_dated, on=date(2027, 9, 1), hour=5),
    "mail.send": Case(_named("mail_id", "SELECT min(id) FROM outgoing_mail WHERE sent_at IS NULL")),
    "notifications.digest": Case(_to_mail, hour=7),
    "notifications.mail": Case(_told),
    "remittance.accept": Case(lambda session, at: {
        "remittance_id": _one(session, _SUBMITTED), "by": "person:1", "leave_out": []}),
    "remittance.check": Case(_named("remittance_id", _DRAFT)),
    "remittance.submit": Case(lambda session, at: {
        "remittance_id": _one(session, _DRAFT), "by": "person:1"}),
    "screening.due": Case(_listed),
    "funding.ask_payees": Case(_unverified),
    "sms.send": Case(_texted),
    "reporting.day": Case(_dated),
    "reporting.report": Case(_reported),
    "statements.day": Case(_dated, on=date(2026, 10, 31)),
    "statements.fee_invoices": Case(_invoiced, on=date(2026, 12, 1)),
    "statements.period": Case(_october),
    "vigilance.day": Case(_dated, hour=2),
    "vigilance.remittance": Case(_named("remittance_id", "SELECT max(id) FROM remittance")),
}  # fmt: skip
