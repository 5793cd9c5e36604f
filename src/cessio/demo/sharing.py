"""Whom clients let read: an accountant with an account, a bank with a link."""

from __future__ import annotations

from datetime import date

from cessio.demo.book import Book, instant
from cessio.demo.cast import ACCOUNTANT, ACCOUNTANT_FIRM, ACCOUNTANT_HOUSE, PASSWORD
from cessio.identity.operations import set_password
from cessio.identity.queries import person_by_email
from cessio.kernel.calendar import add_months
from cessio.sharing import Part, ShareRole, note_access, share_by_link, share_with_guest
from cessio.sharing.operations import Reader


def share(book: Book, on: date) -> None:
    """The first client's accountant reads its accounts and has looked; its bank has a link."""
    client = book.clients[0]
    email = ACCOUNTANT.email(ACCOUNTANT_HOUSE)
    paul = Reader(ACCOUNTANT.name, ACCOUNTANT_FIRM, ShareRole.ACCOUNTANT, "fr", email)
    bank = Reader("Sophie Girard", "Banque du Rhône", ShareRole.BANKER)
    with book.act() as session:
        given = share_with_guest(
            session, client_id=client.id, reader=paul, contract_ids=None,
            parts=(Part.STATEMENTS, Part.COSTS, Part.DOCUMENTS, Part.ACCOUNTING),
            until_on=add_months(on, 12),
            by=client.signatory, at=instant(on, 11, 5),
        )  # fmt: skip
        share_by_link(
            session, client_id=client.id, reader=bank, contract_ids=[client.contract_id],
            parts=(Part.STATEMENTS, Part.INVOICES, Part.TODAY), until_on=add_months(on, 3),
            by=client.signatory, at=instant(on, 11, 12),
        )  # fmt: skip
        person = person_by_email(session, email)
        if person is not None:
            set_password(session, person_id=person.id, password=PASSWORD,
                         by=f"person:{person.id}", at=instant(on, 14, 20))  # fmt: skip
        for minute, part, kind in (
            (24, Part.STATEMENTS, None), (26, Part.STATEMENTS, "pdf"), (31, Part.COSTS, None)
        ):  # fmt: skip
            note_access(
                session, share_id=given.share_id, part=part, file_format=kind,
                contract_id=client.contract_id, address="198.51.100.24",
                at=instant(on, 14, minute),
            )  # fmt: skip
