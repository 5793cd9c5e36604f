"""Reminders of a day: chosen once, written once, with what the law adds, in whose name."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from tests import books
from tests.books import Pair, new_contract
from tests.collections.test_plans import BY, ON, addressed, counted, house, late

from cessio import collections, documents, replies
from cessio.banking.operations import open_account
from cessio.collections import DunningChannel, Steps
from cessio.collections.models import DunningLetter, DunningLine
from cessio.collections.queries import letters
from cessio.collections.rules import Step
from cessio.collections.rules.plans import REMINDER, SECOND_REMINDER
from cessio.contracts.models import Contract
from cessio.contracts.operations import record_fixing
from cessio.contracts.rules import IndexName, NotificationMode
from cessio.correspondence import queries as correspondence
from cessio.correspondence.kinds import kind_of
from cessio.correspondence.models import LetterCode, Message
from cessio.correspondence.operations import Addressee, letter_pdf
from cessio.correspondence.rules import Text
from cessio.correspondence.writing import preview
from cessio.kernel.errors import Problems
from cessio.parties.models import Client, Company
from cessio.plumbing.models import OutgoingMail

AT = datetime.combine(ON, time(6, 15), UTC)


@pytest.fixture
def pair(session: Session) -> Pair:
    made = books.new_pair(session)
    addressed(session, made.debtor_id, "compta@delta.example")
    return made


def reminded(session: Session, on: date = ON) -> list[DunningLetter]:
    collections.choose_day(session, on=on, by=BY, at=AT)
    collections.write_letters(session, letter_ids=letters.unwritten(session, on), by=BY, at=AT)
    query = select(DunningLetter).where(DunningLetter.day == on).order_by(DunningLetter.id)
    return list(session.scalars(query))


def rate(session: Session, on: date, value: str, index: IndexName = IndexName.ECB_REFI) -> None:
    record_fixing(session, index=index, fixed_on=on, rate=Decimal(value), source="ECB", by=BY,
                  at=AT + timedelta(days=120))  # fmt: skip


def test_a_day_is_chosen_once_and_each_step_said_once(session: Session, pair: Pair) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    [mail] = reminded(session)
    assert (mail.channel, mail.line_count, mail.dropped) == ("mail", 1, None)
    late(session, pair, "F-2", 3)
    assert len(reminded(session)) == 1  # the day was chosen
    later = ON + timedelta(days=1)
    assert counted(session, later) == {"quiet": (1, 1)}  # the debtor was written to yesterday
    assert counted(session, ON + timedelta(days=5)) == {"mail": (1, 1)}  # F-2 is caught up alone


def test_a_mail_names_the_invoices_and_is_kept(session: Session, pair: Pair) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    late(session, pair, "F-2", 4, 250_00)
    [mail] = reminded(session)
    assert mail.message_id is not None
    said = correspondence.message(session, mail.message_id)
    assert said.address == "compta@delta.example"
    assert "1 250,00 €" in said.subject.replace("\u202f", " ").replace("\xa0", " ")
    assert "F-1" in said.body
    assert "F-2" in said.body
    assert "Alpha" in said.body
    [row] = letters.letters_on(session, session.scalars(select(DunningLine.receivable_id)).first())
    assert row.id == mail.id


def test_penalties_of_each_half_year_and_indemnities_are_those_of_the_law(
    session: Session, pair: Pair
) -> None:
    """The letter of TEST F2, with the rates of its half-years."""
    rate(session, date(2026, 7, 1), "0.0425")
    rate(session, date(2027, 1, 1), "0.0315")
    rate(session, date(2026, 7, 1), "0.0276", IndexName.LEGAL)
    assert letters.without_legal_rate(session, date(2027, 2, 28)) == (date(2027, 1, 1),)
    rate(session, date(2027, 1, 1), "0.0276", IndexName.LEGAL)
    assert letters.without_legal_rate(session, date(2027, 2, 28)) == ()
    plan = collections.add_plan(
        session, name="Late", by=BY, at=AT - timedelta(days=30), steps=collections.Steps(
            (Step(days=90, channel=collections.DunningChannel.LETTER,
                                      template="dunning_second_reminder"),)),
    )  # fmt: skip
    collections.choose_plan(session, plan_id=plan, by=BY, at=AT)
    version = collections.queries.plan(session, plan).latest.id
    collections.switch_on(session, plan_id=plan, version_id=version, effective_from=ON, by=BY,
                          at=AT)  # fmt: skip
    books.new_invoice(session, pair, "F-1", 10_000_00, due_date=date(2026, 11, 30))
    [letter] = reminded(session, date(2027, 2, 28))
    assert (letter.penalty_minor, letter.indemnity_minor) == (333_59, 40_00)
    assert letter.message_id is not None
    said = correspondence.message(session, letter.message_id)
    words = said.body.replace("\xa0", " ").replace("\u202f", " ")
    assert words.count("333,59 €") == 2  # of the invoice, in its line, and in all
    assert "échéance le 30/11/2026, pénalités de 333,59 € : 10 000,00 €" in words
    line = session.scalars(select(DunningLine)).one()
    assert (line.penalty_minor, line.indemnity_minor) == (333_59, 40_00)


def test_a_half_year_without_its_rate_bears_the_indemnity_and_no_penalty(
    session: Session, pair: Pair
) -> None:
    """The rate of the half-year before is not that of this one."""
    house(session, collections.Steps((Step(days=90, channel=collections.DunningChannel.LETTER,
                                           template="dunning_second_reminder"),)))  # fmt: skip
    rate(session, date(2026, 1, 1), "0.0425")
    rate(session, date(2026, 1, 1), "0.0276", IndexName.LEGAL)
    books.new_invoice(session, pair, "F-1", 10_000_00, due_date=ON - timedelta(days=90))
    [letter] = reminded(session)
    assert (letter.penalty_minor, letter.indemnity_minor) == (0, 40_00)


def test_three_times_the_legal_rate_of_each_half_year_is_the_least(
    session: Session, pair: Pair
) -> None:
    house(session, collections.Steps((Step(days=90, channel=collections.DunningChannel.LETTER,
                                           template="dunning_second_reminder"),)))  # fmt: skip
    rate(session, date(2026, 7, 1), "0.0000")
    rate(session, date(2026, 7, 1), "0.0500", IndexName.LEGAL)
    books.new_invoice(session, pair, "F-1", 10_000_00, due_date=ON - timedelta(days=90))
    [letter] = reminded(session)
    assert letter.penalty_minor == 369_86  # 10 000 × 15 % × 90 / 365, not 10 %


@pytest.mark.parametrize(("on", "code"), [
    (date(2026, 7, 2), "fixing_half_year"), (date(2027, 7, 1), "fixing_in_future"),
])  # fmt: skip
def test_the_legal_rate_is_that_of_a_half_year(session: Session, on: date, code: str) -> None:
    with pytest.raises(Problems) as refused:
        record_fixing(session, index=IndexName.LEGAL, fixed_on=on, rate=Decimal("0.0276"),
                      source="JO", by=BY, at=AT)  # fmt: skip
    assert [one.code for one in refused.value.problems] == [code]


def test_a_confidential_contract_is_spoken_for_by_its_client(session: Session) -> None:
    house(session)
    open_account(session, name="Main", iban="FR7630004008120010123456405", bic="BNPAFRPPXXX",
                 holder="Cessio Factor", currency="EUR", by=BY, at=AT)  # fmt: skip
    pair = books.new_pair(session)
    addressed(session, pair.debtor_id)
    contract = new_contract(session, notification_mode=NotificationMode.CONFIDENTIAL)
    client_id = session.get_one(Contract, contract).client_id
    company = session.get_one(Company, session.get_one(Client, client_id).company_id)
    company.name, company.street, company.city = "Bravo Bois", "2 quai Sud", "Nantes"
    secret = Pair(contract, client_id, pair.debtor_id)
    late(session, secret, "S-1", 15)
    late(session, pair, "F-1", 15)
    written = [one for one in reminded(session) if one.channel == "letter"]
    ours, theirs = sorted(written, key=lambda one: one.writer_id or 0)
    assert theirs.writer_id == client_id
    said = [correspondence.message(session, one.message_id or 0) for one in (ours, theirs)]
    pages = [
        PdfReader(io.BytesIO(documents.read(session, one.document_id or 0).content))
        .pages[0].extract_text()
        for one in said
    ]  # fmt: skip
    assert "Bravo Bois" in pages[1]
    for word in ("Cessio", "cédées", "FR76", "/pay"):
        assert word not in pages[1]
    assert "cédées" in pages[0]
    assert "/pay" in pages[0]  # the code by which the debtor answers


def test_an_invoice_paid_meanwhile_is_not_written_about(session: Session, pair: Pair) -> None:
    house(session)
    paid, owed = late(session, pair, "F-1", 3), late(session, pair, "F-2", 3)
    collections.choose_day(session, on=ON, by=BY, at=AT)
    books.pay(session, paid, 1_000_00, ON)
    [mail] = reminded(session)
    assert (mail.line_count, mail.open_minor) == (1, 1_000_00)
    books.pay(session, owed, 1_000_00, ON)
    other = books.new_pair(session)
    addressed(session, other.debtor_id, "compta@other.example")
    gone = late(session, other, "G-1", 2)
    collections.choose_day(session, on=ON + timedelta(days=1), by=BY, at=AT)
    books.pay(session, gone, 1_000_00, ON)
    [dropped] = reminded(session, ON + timedelta(days=1))
    assert (dropped.dropped, dropped.message_id) == ("paid", None)


def test_the_database_refuses_the_same_step_twice(session: Session, pair: Pair) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    reminded(session)
    names = session.execute(text(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'dunning_line'::regclass"
        " AND contype = 'u'"))  # fmt: skip
    assert [name for (name,) in names] == ["uq_dunning_line_receivable_id_due_date_track_days"]


def test_one_code_opens_a_letter_about_two_clients_and_a_mail_bears_one_too(
    session: Session, pair: Pair
) -> None:
    house(session)
    open_account(session, name="Main", iban="FR7630004008120010123456405", bic="BNPAFRPPXXX",
                 holder="Cessio Factor", currency="EUR", by=BY, at=AT)  # fmt: skip
    contract = new_contract(session)
    other = Pair(contract, session.get_one(Contract, contract).client_id, pair.debtor_id)
    small, large = late(session, pair, "F-1", 3), late(session, other, "G-1", 3, 5_000_00)
    late(session, pair, "F-9", 1)  # open, and not of this letter
    [mailed] = reminded(session)
    codes = session.scalars(
        select(LetterCode).where(LetterCode.message_id == mailed.message_id).order_by(LetterCode.id)
    ).all()
    assert [one.receivable_ids for one in codes] == [[large], [small]]
    message = session.get_one(Message, mailed.message_id)
    content = session.get_one(OutgoingMail, message.mail_id).content
    body = message_from_bytes(content, EmailMessage, policy=policy.default).get_content()
    assert f"/pay/{codes[0].code}" in body
    assert codes[0].code not in message.body  # who holds it speaks for the debtor
    opening = replies.opened_by(session, codes[0].code, on=ON)
    assert opening is not None
    [beside] = replies.queries.beside(session, opening, on=ON)
    assert (beside.code, beside.open_minor) == (codes[1].code, 1_000_00)
    assert replies.queries.sums(session, opening, on=ON).open_minor == 5_000_00


def test_a_grouped_second_reminder_says_reminded_of_those_that_were(
    session: Session, pair: Pair
) -> None:
    second = Step(days=10, channel=DunningChannel.MAIL, template=SECOND_REMINDER)
    first = Step(days=3, channel=DunningChannel.MAIL, template=REMINDER)
    house(session, Steps((first, second)))
    late(session, pair, "F-1", 3)
    reminded(session)
    later = ON + timedelta(days=7)
    late(session, pair, "F-2", -4)  # three days late that day
    [row] = reminded(session, later)
    body = correspondence.message(session, row.message_id or 0).body
    before, _, after = body.partition("Sont aussi échues et impayées")
    assert "Malgré notre relance" in before
    assert "F-1" in before
    assert "F-2" not in before
    assert "F-2" in after
    alone = ON + timedelta(days=30)
    late(session, pair, "F-3", -20)
    session.execute(text("UPDATE receivable SET closed_on = :on, open_minor = 0"
                         " WHERE number <> 'F-3'"), {"on": later})  # fmt: skip
    [row] = reminded(session, alone)
    assert row.template == SECOND_REMINDER
    body = correspondence.message(session, row.message_id or 0).body
    assert "Malgré" not in body  # nothing of it was reminded of
    assert "F-3" in body


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_formal_notice_for_two_invoices_is_one_sheet_with_its_answer(
    session: Session, language: str
) -> None:
    kind = kind_of("dunning_formal_notice")
    two = ("F-1 du 2 août 2026, échéance le 1er octobre 2026 : 4 820,00 €",) * 2
    written = preview(kind, kind.default(language), language=language,
                      values={"reminded": two, "fresh": ()})  # fmt: skip
    paper = letter_pdf(
        session, number="LT-000001", at=AT, code="V9BJ-GE2P-NE1V-HQNQ",
        to=Addressee("Distribution Durand SA", ("1 rue du Port", "13002 Marseille"), language),
        text=Text(written.subject, written.body),
    )  # fmt: skip
    assert len(PdfReader(io.BytesIO(paper)).pages) == 1
