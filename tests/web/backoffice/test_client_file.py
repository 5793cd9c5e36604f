"""The file of a client: one page for a call from its accountant."""

from __future__ import annotations

import re

from cessio import audit
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from tests.web.backoffice.office import MOST_STATEMENTS, Office, counted


def test_the_file_opens_all_it_speaks_of_within_its_statements(office: Office) -> None:
    client = office.book.people.alpha.id
    with office.sits(office.book.people.alice) as alice:
        with counted(office.engine) as statements:
            answer = alice.get(f"/backoffice/clients/{client}")
        assert answer.status_code == 200
        assert len(statements) <= MOST_STATEMENTS
        for path in (f"/backoffice/contracts/{office.book.alpha}/changes",
                     f"/backoffice/remittances/{office.waiting}"):  # fmt: skip
            assert f'href="{path}"' in answer.text
            assert alice.get(path).status_code == 200
        paper = re.search(rf"/backoffice/clients/{client}/documents/\d+", answer.text)
        if paper is not None:
            assert alice.get(paper.group(0)).headers["content-disposition"]


def test_its_outstanding_is_the_ledgers(office: Office) -> None:
    on = office.now.date()
    with transaction(office.engine) as session:
        months = ledger.monthly_balances(
            session, contract_id=office.book.alpha, account=AccountKind.RECEIVABLE, since=on
        )
    assert months[max(months)] == 2_400_00
    shown = {formats.money(2_400_00, "EUR", code=code) for code in ("fr", "en")}
    with office.sits(office.book.people.alice) as alice:
        page = alice.get(f"/backoffice/clients/{office.book.people.alpha.id}").text
    assert any(words in page for words in shown)


def test_a_note_is_kept_with_its_author_and_hidden_from_the_client(office: Office) -> None:
    people = office.book.people
    path = f"/backoffice/clients/{people.alpha.id}"
    with office.sits(people.chloe) as chloe:
        assert chloe.post(f"{path}/notes", data={"note": ""}).status_code == 422
        said = "Called: new ERP in January,\nfiles will change."
        assert chloe.post(f"{path}/notes", data={"note": said}).status_code == 303
        assert chloe.post("/backoffice/clients/999/notes", data={"note": "x"}).status_code == 404
    with office.sits(people.alice) as alice:
        page = alice.get(path).text
    assert "new ERP in January" in page
    with transaction(office.engine) as session:
        assert audit.journal(session, verb="client.note", client_id=people.alpha.id) == ()


def test_another_clients_paper_is_not_in_the_file(office: Office) -> None:
    with office.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT id, client_id FROM document WHERE client_id IS NOT NULL LIMIT 1"
        ).one_or_none()
    document, other = (found[0], found[1] + 1) if found else (1, 1)
    with office.sits(office.book.people.alice) as alice:
        answer = alice.get(f"/backoffice/clients/{other}/documents/{document}")
    assert answer.status_code == 404
