"""Signals at the desk: listed with their figures, looked at one after the other, exported."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from cessio import vigilance
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.receivables import operations
from cessio.vigilance import jobs as vigilance_jobs
from tests.counting import counted
from tests.receivables.books import draft, invoice
from tests.web.backoffice.office import MOST_STATEMENTS, Office

HOME = "/backoffice/signals"


@pytest.fixture
def odd(office: Office) -> int:
    """A remittance of Bravo's with an invoice of Alpha's but for a day; its job has looked."""
    book, now = office.book, office.now
    with transaction(office.engine) as session:
        first = invoice(book, "F-1", 900_00)
        again = invoice(book, "F-1", 900_00, on=first.issue_date + timedelta(days=1))
        remittance = draft(session, book, now, again, contract=book.bravo)
        operations.check(session, remittance_id=remittance, on=now.date(), by=book.by, at=now)
    assert vigilance_jobs.REMITTANCE == "vigilance.remittance"
    run_pending(office.engine)
    return remittance


def test_a_signal_tells_its_figures_and_whose_the_other_document_is(
    office: Office, odd: int
) -> None:
    with office.sits(office.book.people.alice) as alice, counted(office.engine) as statements:
        page = alice.get(HOME)
    assert len(statements) <= MOST_STATEMENTS
    assert "Cédée aussi par un autre client" in page.text
    assert "Alpha Métallerie SAS" in page.text
    assert page.text.count("900,00") >= 2


def test_a_look_needs_a_reason_is_kept_and_leads_to_the_next(office: Office, odd: int) -> None:
    with transaction(office.engine) as session:
        [signal] = vigilance.signals_about(session, vigilance.SignalFilter(remittance_id=odd))
    path = f"{HOME}/{signal.id}"
    with office.sits(office.book.people.alice) as alice:
        shown = alice.get(path)
        assert 'data-hotkey="a"' in shown.text
        assert f'href="/backoffice/receivables/{office.id_of("F-1")}"' in shown.text
        bare = alice.post(f"{path}/look", data={"outcome": "explained", "note": ""})
        assert bare.status_code == 422
        said = {"outcome": "explained", "note": "Two carriers, one order."}
        answer = alice.post(f"{path}/look", data=said)
        assert answer.headers["location"] == HOME  # none is left
        assert alice.post(f"{path}/look", data=said).status_code == 422
        assert "Two carriers, one order." in alice.get(path).text
    with transaction(office.engine) as session:
        assert not vigilance.open_signals(session)
        verbs = session.execute(text("SELECT why FROM audit_event WHERE verb = 'signal.look'"))
        assert verbs.scalar_one() == "Two carriers, one order."


def test_the_work_queue_is_told_whose_signals_are_open(office: Office, odd: int) -> None:
    with transaction(office.engine) as session:
        [found] = vigilance.open_signals(session)
    assert (found.client_name, found.high, found.medium) == ("Bravo Textile SARL", 1, 0)
    assert found.amount_minor == 900_00


def test_the_list_is_exported_as_filtered(office: Office, odd: int) -> None:
    with office.sits(office.book.people.karine) as karine:
        csv = karine.get(f"{HOME}?kind=other_client&format=csv").text
        none = karine.get(f"{HOME}?kind=round_amounts&format=csv").text
        assert karine.post(f"{HOME}/1/look", data={}).status_code == 403  # the auditor reads
    assert "Bravo Textile" in csv
    assert "Bravo Textile" not in none
