"""The file of a client: one page for a call from its accountant."""

from __future__ import annotations

import re
from datetime import timedelta

from cessio import audit
from cessio.contracts import queries as contracts
from cessio.funding import queries as funding
from cessio.funding.rules import AvailabilityFacts, availability
from cessio.kernel.calendar import end_of_day
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from cessio.reporting.queries import moved_by_kind
from cessio.web.backoffice.causes import difference
from cessio.web.backoffice.client_file import TABS
from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office


def test_the_file_opens_all_it_speaks_of_within_its_statements(office: Office) -> None:
    client = office.book.people.alpha.id
    with office.sits(office.book.people.alice) as alice:
        with counted(office.engine) as statements:
            answer = alice.get(f"/backoffice/clients/{client}")
        assert answer.status_code == 200
        assert len(statements) <= MOST_STATEMENTS
        for path in (f"/backoffice/contracts/{office.book.alpha}/withheld?line=over_limit",
                     f"/backoffice/remittances/{office.waiting}"):  # fmt: skip
            assert f'href="{path}"' in answer.text
            assert alice.get(path).status_code == 200
        paper = re.search(rf"/backoffice/clients/{client}/documents/\d+", answer.text)
        if paper is not None:
            assert alice.get(paper.group(0)).headers["content-disposition"]


def test_each_part_of_the_file_is_one_page_within_its_statements(office: Office) -> None:
    client = office.book.people.alpha.id
    with office.sits(office.book.people.alice) as alice:
        for tab in TABS:
            with counted(office.engine) as statements:
                answer = alice.get(f"/backoffice/clients/{client}?tab={tab}")
            assert answer.status_code == 200, tab
            assert len(statements) <= MOST_STATEMENTS, tab
        page = alice.get(f"/backoffice/clients/{client}?tab=debtors").text
        assert page.count(formats.money(2_400_00, "EUR", code="fr")) == 1
        assert "echarts" not in page


def test_what_changed_adds_up_to_the_difference_by_cause(office: Office) -> None:
    book, yesterday = office.book, office.now.date() - timedelta(days=1)
    with transaction(office.engine) as session:
        now = funding.availability(session, contract_id=book.alpha, on=office.now.date())
        moved = moved_by_kind(session, contract_id=book.alpha, since=end_of_day(yesterday))
        terms = contracts.terms_in_force(session, book.alpha, office.now.date())
        nothing = availability(terms, AvailabilityFacts(0, 0, 0, ()))
        found = difference(nothing, now, moved, page="/changes", lines_url="/withheld")
    assert sum(one.current_minor for one in moved) == now.current_account_minor
    assert sum(one.outstanding_minor for one in moved) == now.outstanding_minor == 2_400_00
    assert found.delta_minor == now.available_minor
    assert sum(cause.amount_minor for cause in found.causes) == found.delta_minor
    assert all(cause.href for cause in found.causes)
    with office.sits(book.people.alice) as alice:
        page = alice.get(f"/backoffice/clients/{book.people.alpha.id}?tab=changes&since=2026-11-13")
    assert page.status_code == 200


def test_a_colleague_named_in_a_note_finds_it_in_their_queue(office: Office) -> None:
    people = office.book.people
    notes = f"/backoffice/files/clients/{people.alpha.id}/notes"
    with office.sits(people.alice) as alice:
        said = {"note": "Wants a higher limit on Durand", "mention": str(people.chloe.id),
                "pinned": "yes"}  # fmt: skip
        assert alice.post(notes, data=said).status_code == 303
        stranger = {**said, "mention": str(people.fanny.id)}
        assert alice.post(notes, data=stranger).status_code == 422
    with office.sits(people.chloe) as chloe:
        queue = chloe.get("/backoffice?kind=todo").text
        assert "Wants a higher limit on Durand" in queue
        page = chloe.get(f"/backoffice/clients/{people.alpha.id}?tab=notes").text
        done = re.search(r"/backoffice/todos/\d+/done", page)
        assert done is not None
        assert chloe.post(done.group(0)).status_code == 303
        assert "Wants a higher limit on Durand" not in chloe.get("/backoffice").text
        pin = re.search(r"/backoffice/notes/\d+/pin", page)
        assert pin is not None
        assert chloe.post(pin.group(0)).status_code == 303
        assert chloe.post(pin.group(0).replace("/pin", "/end")).status_code == 303
        page = chloe.get(f"/backoffice/clients/{people.alpha.id}").text
        assert "Wants a higher limit on Durand" not in page


def test_something_to_do_is_owed_by_a_day(office: Office) -> None:
    people = office.book.people
    todos = f"/backoffice/files/debtors/{people.durand.id}/todos"
    with office.sits(people.alice) as alice:
        wanted = {"todo": "Ask for the balance sheet", "due_on": "2026-11-16",
                  "owner": str(people.alice.id)}  # fmt: skip
        assert alice.post(todos, data={**wanted, "todo": ""}).status_code == 422
        assert alice.post(todos, data=wanted).status_code == 303
        assert "Ask for the balance sheet" in alice.get("/backoffice").text
        page = alice.get(f"/backoffice/debtors/{people.durand.id}/notes")
        assert "Ask for the balance sheet" in page.text
        assert alice.get("/backoffice/debtors/999/notes").status_code == 404


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
        notes = f"/backoffice/files/clients/{people.alpha.id}/notes"
        assert chloe.post(notes, data={"note": ""}).status_code == 422
        said = "Called: new ERP in January,\nfiles will change."
        assert chloe.post(notes, data={"note": said}).status_code == 303
        nobody = "/backoffice/files/clients/999/notes"
        assert chloe.post(nobody, data={"note": "x"}).status_code == 404
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
