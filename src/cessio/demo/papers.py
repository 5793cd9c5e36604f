"""Papers of the last days: proofs beside invoices, notices to debtors, invoices being verified."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from cessio import documents
from cessio.contracts.operations.notices import PayTo, notify_debtor
from cessio.correspondence import Recipient
from cessio.demo import queries
from cessio.demo.book import Book, instant
from cessio.demo.cast import FACTOR
from cessio.kernel.calendar import business_date
from cessio.kernel.paging import PageRequest
from cessio.parties.queries import contacts
from cessio.plumbing import mail
from cessio.receivables.operations import answer_verification, ask_debtor
from cessio.receivables.queries.verification import (
    VerificationFilter,
    VerificationView,
    verifications,
)
from cessio.receivables.rules import DisputeReason
from cessio.receivables.rules.verification import Answer, VerificationMethod
from cessio.replies import (
    Means,
    Opening,
    ask_account,
    note_look,
    opened_by,
    say_disputed,
    say_paid,
)
from cessio.replies import queries as replies
from cessio.replies.operations import Author, Paper

#: Who answers letters at a debtor's.
_CLERK = Author("Service comptabilité fournisseurs", "04 72 00 00 42", "198.51.100.23")
#: What is kept beside a contested invoice: kind of paper, file name, what it says.
_PROOFS = (
    ("delivery_note", "bon-de-livraison.pdf",
     ("Bon de livraison", "Livré en présence du chef de dépôt", "Réserve : 2 colis abîmés")),
    ("debtor_letter", "courriel-du-debiteur.pdf",
     ("Objet : votre facture", "Nous bloquons le règlement dans l'attente de votre avoir.",
      "Le service comptable")),
    ("purchase_order", "bon-de-commande.pdf",
     ("Bon de commande", "Prix unitaire convenu : 118,00 EUR hors taxes",
      "Signé pour accord, le directeur des achats")),
)  # fmt: skip


def pdf(lines: Sequence[str]) -> bytes:
    """One plain page, as a scanner or a mail program would have made it."""
    shown = "".join(
        f"({line.replace('(', '[').replace(')', ']')}) Tj T* " for line in lines
    ).encode("cp1252", "replace")
    stream = b"BT /F1 14 Tf 72 760 Td 26 TL " + shown + b"ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 7\n0000000000 65535 f \n%strailer\n<< /Size 7 /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (table, len(body))
    )


def _last_day(book: Book, on: date) -> None:
    _proofs(book, on)
    _notices(book, on)
    _answers(book, on)
    _verified(book, on)


def _proofs(book: Book, on: date) -> None:
    """What the collector was sent about contested invoices."""
    with book.act() as session:
        for place, receivable_id in enumerate(queries.contested(session, most=6)):
            kind, name, lines = _PROOFS[place % len(_PROOFS)]
            documents.store(
                session, kind=kind, subject_kind="receivable", subject_id=receivable_id,
                filename=name, media_type="application/pdf", content=pdf(lines),
                by=book.staff["jules"], at=instant(on, 15, 20 + place),
            )  # fmt: skip


def _notices(book: Book, on: date) -> None:
    """The newest debtors of a client are told whom to pay."""
    client = book.clients[0]
    pay_to = PayTo(book.main.iban, None, FACTOR.upper())
    with book.act() as session:
        for debtor in client.debtors[-2:]:
            notify_debtor(
                session, contract_id=client.contract_id, debtor_id=debtor.id, pay_to=pay_to,
                by=client.manager, at=instant(on, 14, 5),
            )  # fmt: skip


def _answers(book: Book, on: date) -> None:
    """A large debtor answers by its letter: paid already, contested, and what about this IBAN?"""
    client = book.clients[0]
    pay_to, at = PayTo(book.main.iban, None, FACTOR.upper()), instant(on, 16, 40)
    with book.act() as session:
        for debtor in client.debtors[:2]:
            message_id = notify_debtor(
                session, contract_id=client.contract_id, debtor_id=debtor.id, pay_to=pay_to,
                by=client.manager, at=instant(on, 14, 10),
            )  # fmt: skip
            code = next(one.code for one in replies.letters_to(session, debtor.id)
                        if one.message_id == message_id)  # fmt: skip
            opening = opened_by(session, code, on=on)
            if opening is not None:
                _answer(session, opening, at)


def _answer(session: Session, opening: Opening, at: datetime) -> None:
    note_look(session, opening, address="198.51.100.23", at=at)
    owed = [one for one in replies.owed(session, opening, PageRequest(20)).rows
            if one.kind == "invoice" and not one.disputed_minor]  # fmt: skip
    if len(owed) < 2:
        return
    say_paid(
        session, opening, receivable_ids=[owed[0].id], paid_on=business_date(at),
        amount_minor=owed[0].open_minor, means=Means.TRANSFER, reference=f"VIR {owed[0].number}",
        paid_to=None, comment=None, author=_CLERK, at=at + timedelta(minutes=3),
    )  # fmt: skip
    say_disputed(
        session, opening, receivable_id=owed[-1].id, reason=DisputeReason.DELIVERY,
        amount_minor=owed[-1].open_minor // 3 or None, author=_CLERK,
        comment="Deux colis sur six sont arrivés abîmés, refusés par le magasinier.",
        paper=Paper("bon-de-livraison-avec-reserves.pdf", pdf(_PROOFS[0][2])),
        at=at + timedelta(minutes=6),
    )  # fmt: skip
    ask_account(session, opening, iban=opening.iban, address=_CLERK.address,
                at=at + timedelta(minutes=8))  # fmt: skip


def _verified(book: Book, on: date) -> None:
    """Of the invoices to verify, two debtors are asked; one says yes, one says no."""
    with book.act() as session:
        waiting = verifications(session, PageRequest(12), VerificationFilter()).rows
        by = book.staff["alice"]
        for place, one in enumerate(waiting[:2]):
            _ask(session, one, by=by, on=on, minute=30 + place)
        said = zip(waiting[2:4], ((Answer.YES, None), (Answer.NO, DisputeReason.DELIVERY)),
                   strict=False)  # fmt: skip
        for place, (one, (answer, dispute)) in enumerate(said):
            answer_verification(
                session, verification_id=one.id, answer=answer, dispute=dispute, by=by,
                method=VerificationMethod.CALL, contact="Service comptable fournisseurs",
                note="Commande et livraison confirmées" if dispute is None
                else "Marchandise refusée à la livraison, avoir attendu",
                at=instant(on, 18, 40 + place),
            )  # fmt: skip


def _ask(session: Session, one: VerificationView, *, by: str, on: date, minute: int) -> None:
    found = [each for each in contacts(session, one.debtor_company_id) if each.email]
    if found and found[0].email:
        ask_debtor(
            session, verification_id=one.id, page=f"{mail.base_url()}/confirm", by=by,
            to=Recipient(found[0].email, found[0].name, one.debtor_language),
            at=instant(on, 18, minute),
        )  # fmt: skip


#: Business days before the last one → what happens that day.
DAYS: Mapping[int, Callable[[Book, date], None]] = {0: _last_day}
