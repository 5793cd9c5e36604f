"""What the holder of a letter reads and says, and what one of us makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
import segno
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import documents, vigilance
from cessio.contracts.operations import change_terms
from cessio.contracts.queries import terms_in_force
from cessio.contracts.rules import NotificationMode
from cessio.correspondence import Addressee, Opens, answer_page, print_letter, revoke_code
from cessio.correspondence import queries as letters
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, Invalid, NotFound, Problems
from cessio.kernel.paging import PageRequest
from cessio.plumbing.squares import square_svg
from cessio.receivables import operations
from cessio.receivables import queries as receivables
from cessio.receivables.rules import DisputeReason
from cessio.replies import (
    Means,
    ReplyFilter,
    ReplyKind,
    ReplyState,
    TooOften,
    accept_reply,
    ask_account,
    note_look,
    opened_by,
    queries,
    refuse_reply,
    say_disputed,
    say_paid,
)
from cessio.replies.operations import Paper, ReplyDecided
from cessio.replies.rules import MOST_A_DAY, Act
from tests.receivables.books import Book, assigned, invoice, open_book
from tests.replies.letters import CLERK, OTHER_IBAN, PAY_TO, ids, letter, opened

PDF = b"%PDF-1.4 bon de livraison"


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    """Durand owes Alpha two invoices and Bravo one; Mercier owes Alpha one."""
    book = open_book(session, now, blanket_cover_minor=50_000_00)
    assigned(session, book, now, invoice(book, "A-1", 1_000_00), invoice(book, "A-2", 250_50),
             invoice(book, "M-1", 800_00, debtor="mercier"))  # fmt: skip
    assigned(session, book, now, invoice(book, "B-1", 450_00), contract=book.bravo)
    return book


def paid(session: Session, code: str, at: datetime, *numbers: str, **more: object) -> int:
    said = {
        "paid_on": business_date(at), "amount_minor": 1_000_00, "means": Means.TRANSFER,
        "reference": "VIR 42", "paid_to": None, "comment": None, **more,
    }  # fmt: skip
    return say_paid(session, opened(session, code, at), receivable_ids=ids(session, *numbers),
                    author=CLERK, at=at, **said)  # type: ignore[arg-type]  # fmt: skip


def disputed(session: Session, code: str, at: datetime, number: str = "A-1", **more: object) -> int:
    said = {"reason": DisputeReason.DELIVERY, "amount_minor": None, "comment": "Deux colis abîmés",
            "paper": None, **more}  # fmt: skip
    return say_disputed(session, opened(session, code, at), receivable_id=ids(session, number)[0],
                        author=CLERK, at=at, **said)  # type: ignore[arg-type]  # fmt: skip


def numbers(session: Session, code: str, at: datetime) -> list[str]:
    rows = queries.owed(session, opened(session, code, at), PageRequest()).rows
    return [row.number for row in rows]


def test_a_code_opens_its_debtors_invoices_of_its_client_and_no_others(
    session: Session, book: Book, now: datetime
) -> None:
    mine, other_debtor, other_client = (
        letter(session, book, now), letter(session, book, now, debtor="mercier"),
        letter(session, book, now, contract=book.bravo),
    )  # fmt: skip
    assert numbers(session, mine, now) == ["A-1", "A-2"]
    assert numbers(session, other_debtor, now) == ["M-1"]
    assert numbers(session, other_client, now) == ["B-1"]
    opening = opened(session, mine, now)
    assert queries.sums(session, opening, on=business_date(now)).open_minor == 1_250_50
    assert (opening.iban, opening.payee) == (PAY_TO.iban, PAY_TO.holder)


def test_nobody_says_anything_of_another_debtors_or_another_clients_invoice(
    session: Session, book: Book, now: datetime
) -> None:
    code = letter(session, book, now)
    for stranger in ("M-1", "B-1"):
        with pytest.raises(Problems) as known:
            paid(session, code, now, "A-1", stranger)
        with pytest.raises(Problems) as unknown:
            say_paid(session, opened(session, code, now), receivable_ids=[10**9], author=CLERK,
                     paid_on=now.date(), amount_minor=1, means=Means.OTHER, reference=None,
                     paid_to=None, comment=None, at=now)  # fmt: skip
        assert str(known.value) == str(unknown.value)
        with pytest.raises(Problems):
            disputed(session, code, now, stranger)


def test_a_letter_that_names_its_invoices_opens_those_alone(
    session: Session, book: Book, now: datetime
) -> None:
    first = ids(session, "A-2")[0]
    print_letter(
        session, template="notice_of_assignment", to=Addressee("Durand", ()), values={},
        subject_kind="debtor", subject_id=book.people.durand.id, client_id=None, key="named",
        by=book.by, at=now,
        opens=(Opens(book.people.durand.id, book.alpha, PAY_TO.iban, None, "Atlas", (first,)),),
    )  # fmt: skip
    code = session.execute(text("SELECT code FROM letter_code")).scalar_one()
    assert numbers(session, code, now) == ["A-2"]
    with pytest.raises(Problems):
        paid(session, code, now, "A-1")


def test_a_code_that_is_mistyped_over_or_revoked_opens_nothing(
    session: Session, book: Book, now: datetime
) -> None:
    code, on = letter(session, book, now), business_date(now)
    assert opened_by(session, code.lower().replace("-", " "), on=on) is not None
    opening = opened(session, code, now)
    assert opened_by(session, code, on=opening.until_on) is not None
    assert opened_by(session, code, on=opening.until_on + timedelta(days=1)) is None
    for typed in ("", "AAAA-AAAA-AAAA-AAAA", code[:-1], code + "A", "'; --"):
        assert opened_by(session, typed, on=on) is None
    revoke_code(session, code_id=opening.id, why="Lettre perdue", by=book.by, at=now)
    assert opened_by(session, code, on=on) is None
    with pytest.raises(CessioError):
        revoke_code(session, code_id=opening.id, why="Encore", by=book.by, at=now)


def test_where_the_debtor_must_not_know_of_us_its_supplier_is_named(
    session: Session, book: Book, now: datetime
) -> None:
    code, on = letter(session, book, now), business_date(now)
    terms = terms_in_force(session, book.alpha, on)
    change_terms(session, contract_id=book.alpha, effective_from=on, reason="Confidentiel",
                 terms=replace(terms, notification_mode=NotificationMode.CONFIDENTIAL),
                 by="system:setup", at=now)  # fmt: skip
    opening = opened(session, code, now)
    assert not opening.is_told
    assert opening.payee == opening.client_name


def test_paid_already_books_nothing_and_the_same_said_twice_is_one(
    session: Session, book: Book, now: datetime
) -> None:
    code = letter(session, book, now)
    before = session.execute(text("SELECT count(*) FROM ledger_entry")).scalar_one()
    first = paid(session, code, now, "A-1", "A-2")
    assert paid(session, code, now + timedelta(minutes=1), "A-2", "A-1") == first
    assert paid(session, code, now, "A-1") != first
    assert session.execute(text("SELECT count(*) FROM ledger_entry")).scalar_one() == before
    said = queries.reply(session, first)
    assert (said.kind, said.state, said.paid_on) == (ReplyKind.PAID, ReplyState.OPEN, now.date())
    assert [one.number for one in said.invoices] == ["A-1", "A-2"]
    told = session.execute(text("SELECT person_id, href FROM notification ORDER BY id")).all()
    assert (book.people.alice.id, f"/backoffice/replies/{first}") in [tuple(row) for row in told]
    assert queries.contested(session, ids(session, "A-1", "M-1")) == set(ids(session, "A-1"))


def test_a_payment_of_tomorrow_or_of_nothing_is_refused(
    session: Session, book: Book, now: datetime
) -> None:
    code = letter(session, book, now)
    for wrong in (
        {"paid_on": business_date(now) + timedelta(days=1)}, {"paid_on": date(2010, 1, 1)},
        {"amount_minor": 0}, {"amount_minor": -5},
    ):  # fmt: skip
        with pytest.raises(Problems):
            paid(session, code, now, "A-1", **wrong)
    with pytest.raises(Problems):
        paid(session, code, now)


def test_a_contested_invoice_keeps_its_funding_until_one_of_us_accepts(
    session: Session, book: Book, now: datetime
) -> None:
    code = letter(session, book, now)
    reply_id = disputed(session, code, now, amount_minor=400_00, paper=Paper("../bl.pdf", PDF))
    [receivable_id] = ids(session, "A-1")
    assert not receivables.receivable(session, receivable_id).disputes
    papers = session.execute(
        text("SELECT client_id, filename, by FROM document WHERE kind = 'debtor_letter'")
    ).all()
    assert [tuple(row) for row in papers] == [(None, "bl.pdf", f"debtor:{book.people.durand.id}")]
    [dispute_id] = accept_reply(session, reply_id=reply_id, answer="Nous vérifions la livraison.",
                                by=book.people.alice.by, at=now)  # fmt: skip
    [dispute] = receivables.receivable(session, receivable_id).disputes
    assert (dispute.id, dispute.amount_minor) == (dispute_id, 400_00)
    assert dispute.reason == DisputeReason.DELIVERY
    said = queries.reply(session, reply_id)
    assert (said.state, said.invoices[0].dispute_id) == (ReplyState.ACCEPTED, dispute_id)
    with pytest.raises(ReplyDecided):
        refuse_reply(session, reply_id=reply_id, answer="Non", by=book.by, at=now)


def test_what_was_disputed_meanwhile_is_left_as_it_is(
    session: Session, book: Book, now: datetime
) -> None:
    code = letter(session, book, now)
    reply_id = disputed(session, code, now)
    operations.open_dispute(session, receivable_id=ids(session, "A-1")[0], by=book.by, at=now,
                            reason=DisputeReason.PRICE)  # fmt: skip
    assert accept_reply(session, reply_id=reply_id, answer=None, by=book.by, at=now) == ()


def test_who_refuses_says_why_and_the_debtor_reads_it(
    session: Session, book: Book, now: datetime
) -> None:
    reply_id = paid(session, letter(session, book, now), now, "A-1")
    with pytest.raises(Invalid):
        refuse_reply(session, reply_id=reply_id, answer="  ", by=book.by, at=now)
    refuse_reply(session, reply_id=reply_id, answer="Rien reçu à ce jour.", by=book.by, at=now)
    assert queries.reply(session, reply_id).answer == "Rien reçu à ce jour."
    assert not queries.replies(session, PageRequest(), ReplyFilter()).rows


@pytest.mark.parametrize("content", [b"MZ\x90 program", b"<svg onload=alert(1)>", b"PK\x03\x04"])
def test_no_file_but_a_paper_is_taken_from_a_stranger(
    session: Session, book: Book, now: datetime, content: bytes
) -> None:
    with pytest.raises(Invalid, match="PDF"):
        disputed(session, letter(session, book, now), now, paper=Paper("x.pdf", content))


def test_only_the_account_of_its_own_letters_is_confirmed(
    session: Session, book: Book, now: datetime
) -> None:
    """Not even another account of ours: nobody learns of accounts by asking."""
    opening = opened(session, letter(session, book, now), now)
    assert ask_account(session, opening, iban=PAY_TO.iban, address="192.0.2.7", at=now)
    assert not ask_account(session, opening, iban=OTHER_IBAN, address="192.0.2.7", at=now)
    vigilance.account_named(session, opening, iban=OTHER_IBAN, by="debtor:1", at=now)
    [sign] = vigilance.signals_about(session, vigilance.SignalFilter(debtor_id=opening.debtor_id))
    assert (sign.kind, sign.level) == (vigilance.SignalKind.OTHER_ACCOUNT, vigilance.Level.HIGH)
    assert not sign.document_ids  # it withholds nothing


def test_accounts_are_asked_about_ten_times_a_day(
    session: Session, book: Book, now: datetime
) -> None:
    opening = opened(session, letter(session, book, now), now)
    for turn in range(MOST_A_DAY[Act.FOREIGN]):
        iban = PAY_TO.iban if turn % 2 else OTHER_IBAN
        ask_account(session, opening, iban=iban, address="192.0.2.7", at=now)
    with pytest.raises(TooOften):
        ask_account(session, opening, iban=PAY_TO.iban, address="198.51.100.7", at=now)
    tomorrow = now + timedelta(days=1, minutes=1)
    assert ask_account(session, opening, iban=PAY_TO.iban, address="192.0.2.7", at=tomorrow)


def test_answers_of_one_letter_are_few_a_day_and_each_look_is_kept(
    session: Session, book: Book, now: datetime
) -> None:
    code = letter(session, book, now)
    note_look(session, opened(session, code, now), address="2001:db8::1", at=now)
    for turn in range(MOST_A_DAY[Act.PAID]):
        paid(session, code, now, "A-1", amount_minor=100 + turn)
    with pytest.raises(TooOften):
        paid(session, code, now, "A-1", amount_minor=99)
    kept = queries.accesses(session, PageRequest(), code_id=opened(session, code, now).id).rows
    assert len(kept) == 1 + MOST_A_DAY[Act.PAID]
    assert (kept[-1].act, kept[-1].network) == (Act.LOOK, "2001:db8::/56")
    assert queries.letters_to(session, book.people.durand.id)[0].looks == len(kept)


def test_the_letter_bears_its_code(session: Session, book: Book, now: datetime) -> None:
    code = letter(session, book, now)
    [kept] = letters.messages_about(session, kind="debtor", id=book.people.durand.id)
    assert code not in kept.body
    assert kept.document_id is not None
    told = PdfReader(BytesIO(documents.read(session, kept.document_id).content))
    printed = told.pages[0].extract_text()
    assert code in printed
    assert "/pay" in printed
    with pytest.raises(NotFound):  # its client must not speak for its debtor
        documents.read(session, kept.document_id, client_id=book.people.alpha.id)


def test_the_square_of_a_letter_holds_the_address_of_its_page() -> None:
    address = answer_page("7F3K-92QD-XM4T-0B6R")
    assert address.endswith("/pay/7F3K-92QD-XM4T-0B6R")
    drawn = square_svg(address)
    size = len(segno.make(address, error="q", micro=False).matrix)
    assert f'viewBox="0 0 {size} {size}"' in drawn or f'width="{size}"' in drawn
    assert drawn != square_svg(address + "0")
