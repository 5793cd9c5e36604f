"""A file becomes a draft: read at once when sure, asked about when not, remembered afterwards."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import open_book, reasons

from cessio import documents
from cessio.kernel.paging import PageRequest
from cessio.receivables import operations, queries
from cessio.receivables.formats.tabular import Field, FileRefused, Mapping

SURE = (
    "N° facture;Date facture;Échéance;SIREN;Débiteur;Montant TTC;Type\n"
    "F-1;02/11/2026;17/12/2026;456780014;Durand;1 200,00;Facture\n"
    "F-2;02/11/2026;;501234025;Mercier;300,00;Facture\n"
    "A-1;13/11/2026;;456780014;Durand;-100,00;Avoir\n"
    "F-3;31/02/2026;17/12/2026;456780014;Durand;10,00;Facture\n"
    "F-4;13/11/2026;;552081317;Électricité de France;50,00;Facture\n"
).encode()
UNSURE = b"Ref;Le;Qui;Combien\nF-1;13/11/2026;Garages Leroy;10,50\nF-2;14/11/2026;Nobody;3\n"
MAPPING = Mapping(
    {Field.NUMBER: 0, Field.ISSUE_DATE: 1, Field.DEBTOR_NAME: 2, Field.AMOUNT: 3}, header_line=1
)


def test_a_sure_file_is_read_checked_and_assigned(session: Session, now: datetime) -> None:
    book = open_book(session, now, blanket_cover_minor=10**9)
    made = operations.draft_from_file(
        session, contract_id=book.alpha, data=SURE, filename="ventes.csv", by=book.by, at=now
    )
    assert not made.mapping_needed
    found = operations.check(
        session, remittance_id=made.remittance_id, on=now.date(), by=book.by, at=now
    )
    assert (found.line_count, found.refused_count, found.invoices_minor) == (5, 1, 1_550_00)
    told = reasons(session, made.remittance_id)
    assert told[2] == ("accepted", [])
    assert told[3] == ("warning", ["due_date_assumed"])
    assert told[5] == ("refused", ["date_unreadable"])
    assert told[6] == ("warning", ["due_date_assumed", "new_debtor"])
    done = operations.assign(session, remittance_id=made.remittance_id, by=book.by, at=now)
    assert (done.document_count, done.amount_minor) == (4, 1_450_00)
    view = queries.remittance(session, made.remittance_id).remittance
    assert view.document_id is not None
    assert documents.read(session, view.document_id).content == SURE
    page = queries.lines(session, made.remittance_id, PageRequest(), reason="date_unreadable")
    assert page.rows[0].raw == {"issue_date": "31/02/2026"}


def test_columns_that_are_not_sure_are_asked_once_then_remembered(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    made = operations.draft_from_file(
        session, contract_id=book.alpha, data=UNSURE, filename="x.csv", by=book.by, at=now
    )
    assert made.mapping_needed
    assert queries.remittance(session, made.remittance_id).remittance.line_count == 0
    operations.apply_mapping(
        session, remittance_id=made.remittance_id, mapping=MAPPING, by=book.by, at=now
    )
    operations.check(session, remittance_id=made.remittance_id, on=now.date(), by=book.by, at=now)
    told = reasons(session, made.remittance_id)
    assert "debtor_by_name" in told[2][1]
    assert told[2][0] == "warning"
    assert told[3] == ("refused", ["due_date_assumed", "debtor_unidentified"])
    again = operations.draft_from_file(
        session, contract_id=book.alpha, data=UNSURE, filename="x.csv", by=book.by, at=now
    )
    assert not again.mapping_needed
    other = operations.draft_from_file(
        session, contract_id=book.bravo, data=UNSURE, filename="x.csv", by=book.by, at=now
    )
    assert other.mapping_needed


def test_a_refused_file_leaves_nothing_behind(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    with pytest.raises(FileRefused):
        operations.draft_from_file(
            session, contract_id=book.alpha, data=b"hello", filename="x.csv", by=book.by, at=now
        )
    assert session.scalar(text("SELECT count(*) FROM remittance")) == 0
