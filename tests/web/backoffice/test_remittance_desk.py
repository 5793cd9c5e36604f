"""A remittance at the desk: columns told once, large ones by jobs, lines corrected, undone."""

from __future__ import annotations

import re

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text as sql

from cessio.funding import queries as funding
from cessio.kernel.paging import PageRequest
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.receivables import jobs as receivable_jobs
from cessio.receivables import queries
from cessio.receivables.rules import RemittanceState, Verdict
from tests.counting import counted
from tests.web.agreed import agree
from tests.web.backoffice.office import MOST_STATEMENTS, Office

HEAD = "Numéro de facture;SIREN;Nom du client;Date de facture;Échéance;Montant TTC"
ROWS = """F-2026-001;456780014;Distribution Durand SA;02/11/2026;17/12/2026;12 000,00
F-2026-003;501234026;Inconnu;03/11/2026;18/12/2026;800,00
"""
LINE = {"kind": "invoice", "number": "F-2026-003", "debtor": "523 456 036",
        "issue_date": "2026-11-03", "due_date": "2026-12-18", "amount": "800,00"}  # fmt: skip
DESK = "/backoffice/remittances"


def send(office: Office, browser: TestClient[Litestar], text: str) -> str:
    answer = browser.post(DESK, data={"contract": str(office.book.alpha)},
                          files={"file": ("f.csv", text.encode(), "text/csv")})  # fmt: skip
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def number_of(address: str) -> int:
    return int(address.removeprefix(f"{DESK}/").partition("/")[0])


def test_columns_told_at_the_desk_are_remembered_for_the_client(office: Office) -> None:
    odd = HEAD.replace("Numéro de facture", "Zebra").replace("Montant TTC", "Girafe")
    fields = {"column_number": "0", "column_debtor_siren": "1", "column_debtor_name": "2",
              "column_issue_date": "3", "column_due_date": "4", "column_amount": "5",
              "date_order": "dmy", "decimals": "auto", "header_line": "1"}  # fmt: skip
    with office.sits(office.book.people.alice) as alice:
        address = send(office, alice, f"{odd}\n{ROWS}")
        assert address.endswith("/columns")
        home = address.removesuffix("/columns")
        assert alice.get(home).headers["location"] == address
        assert "Zebra" in alice.get(address).text
        assert alice.post(address, data={**fields, "column_amount": "0"}).status_code == 422
        assert alice.post(address, data=fields).headers["location"] == home
        assert "F-2026-001" in alice.get(home).text
        again = send(office, alice, f"{odd}\n{ROWS.replace('F-2026', 'G-2026')}")
    assert not again.endswith("/columns")


def test_refused_lines_are_corrected_and_sent_again_under_their_own_number(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        first = send(office, alice, f"{HEAD}\n{ROWS}")
        assert alice.post(f"{first}/acceptance").status_code == 303
        again = alice.post(f"{first}/resending").headers["location"]
        page = alice.get(again).text
        assert "F-2026-003" in page
        assert "F-2026-001" not in page
        assert 'data-hotkey="a"' not in page  # nothing to accept yet
        found = re.search(rf'href="({again}/lines/\d+)"', page)
        assert found is not None
        line = found.group(1)
        assert alice.get(line).status_code == 200
        assert alice.post(line, data={**LINE, "amount": "twelve"}).status_code == 422
        assert alice.post(line, data=LINE).status_code == 303
        assert alice.post(f"{again}/acceptance").status_code == 303
    with transaction(office.engine) as session:
        row = queries.remittance(session, number_of(again)).remittance
    assert row.state is RemittanceState.ASSIGNED
    assert row.total_minor == 800_00


def test_a_remittance_is_typed_at_the_desk(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        form = {**LINE, "contract": str(office.book.alpha)}
        assert alice.get(f"{DESK}/typed?contract={office.book.alpha}").status_code == 200
        assert alice.post(f"{DESK}/typed", data={**form, "amount": ""}).status_code == 422
        address = alice.post(f"{DESK}/typed", data=form).headers["location"]
        assert alice.get(f"{address}/lines/new").status_code == 200
        more = {**LINE, "number": "F-2026-004"}
        assert alice.post(f"{address}/lines", data=more).status_code == 303
        assert alice.post(f"{address}/lines/1/removal").status_code == 303
        page = alice.get(address).text
    assert "F-2026-004" in page
    assert "F-2026-003" not in page


def test_a_large_remittance_is_accepted_by_a_job_that_is_followed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cessio.web.backoffice.remittances.AT_ONCE", 2)
    path = f"{DESK}/{office.waiting}"
    with office.sits(office.book.people.alice) as alice:
        progress = alice.post(f"{path}/acceptance", data={"leave_out": ["2"]}).headers["location"]
        assert "/progress/" in progress
        assert 'aria-busy="true"' in alice.get(progress).text
        assert alice.get(path).headers["location"] == progress  # a reload finds it again
        assert receivable_jobs.ACCEPT == "remittance.accept"
        run_pending(office.engine)
        done = alice.get(progress)
        assert f'href="{path}?verdict=refused"' in done.text
        assert alice.get(path).status_code == 200
    with transaction(office.engine) as session:
        row = queries.remittance(session, office.waiting).remittance
    assert row.state is RemittanceState.ASSIGNED
    assert (row.accepted_count, row.refused_count) == (1, 2)


def test_a_reversal_shows_what_it_gives_back_and_gives_back_exactly(office: Office) -> None:
    path = f"{DESK}/{office.waiting}"

    def state() -> tuple[int, int, int]:
        with transaction(office.engine) as session:
            found = funding.availability(session, contract_id=office.book.alpha,
                                         on=office.now.date())  # fmt: skip
        return found.outstanding_minor, found.available_minor, found.retention_minor

    before = state()
    with office.sits(office.book.people.alice) as alice:
        alice.post(f"{path}/acceptance")
        taken = state()
        with counted(office.engine) as statements:
            shown = alice.get(f"{path}/reversal")
        assert shown.status_code == 200
        assert len(statements) <= 2 * MOST_STATEMENTS
        assert state() == taken  # a preview writes nothing
        assert alice.post(f"{path}/reversal", data={"reversal": ""}).status_code == 422
        with office.sits(office.book.people.chloe) as chloe:
            agree(chloe, alice.post(f"{path}/reversal", data={"reversal": "Wrong file"}))
    assert state() == before


def test_what_stands_in_the_way_of_a_reversal_is_named_and_opened(office: Office) -> None:
    path = f"{DESK}/{office.waiting}"
    with office.sits(office.book.people.alice) as alice:
        alice.post(f"{path}/acceptance")
        invoice = office.id_of("F-9")
        paid = {"paid_amount": "100", "paid_on": office.now.date().isoformat()}
        assert alice.post(f"/backoffice/receivables/{invoice}/direct-payment",
                          data=paid).status_code == 303  # fmt: skip
        page = alice.get(f"{path}/reversal").text
        refused = alice.post(f"{path}/reversal", data={"reversal": "Wrong file"})
    assert f'href="/backoffice/receivables/{invoice}"' in page
    assert f'action="{path}/reversal"' not in page
    assert refused.status_code == 422


def test_a_mapping_is_seen_before_it_is_kept_then_changed_and_forgotten(office: Office) -> None:
    """The debtor is no column of this file: it is the same on every line."""
    text = "Zebra;Jour;Girafe\nA-1;02/11/2026;1 200,00\nA-2;03/11/2026;douze\n"
    fields = {"column_number": "0", "column_issue_date": "1", "column_amount": "2",
              "constant_debtor_siren": "456 780 014", "date_order": "dmy",
              "decimals": "auto", "header_line": "1"}  # fmt: skip
    with office.sits(office.book.people.alice) as alice:
        address = send(office, alice, text)
        assert address.endswith("/columns")
        with counted(office.engine) as statements:
            seen = alice.post(address, data={**fields, "act": "preview"}).text
        assert len(statements) <= MOST_STATEMENTS
        assert "456780014" in seen
        assert "Montant illisible" in seen  # the fault of the second line, before anything is kept
        with transaction(office.engine) as session:
            assert not queries.mappings(session)
            draft = queries.remittance(session, number_of(address)).remittance
            assert draft.line_count == 0
        home = alice.post(address, data={**fields, "act": "read"}).headers["location"]
        with transaction(office.engine) as session:
            [kept] = queries.mappings(session)
            [first, second] = queries.lines(session, number_of(home + "/"), PageRequest()).rows
        assert kept.names == ("Zebra", "Jour", "Girafe")
        assert (first.debtor_siren, second.verdict) == ("456780014", Verdict.REFUSED)
        page = f"/backoffice/mappings/{kept.id}"
        assert "Zebra" in alice.get(page).text
        assert page in alice.get("/backoffice/mappings").text
        assert alice.post(page, data={**fields, "column_number": ""}).status_code == 422
        changed = {**fields, "constant_debtor_siren": "523 456 036"}
        del changed["header_line"]
        assert alice.post(page, data=changed).status_code == 303
        again = send(office, alice, text.replace("A-", "B-").replace("douze", "12"))
        with transaction(office.engine) as session:
            rows = queries.lines(session, number_of(again + "/"), PageRequest()).rows
        assert {row.debtor_siren for row in rows} == {"523456036"}
        assert alice.post(f"{page}/removal").status_code == 303
        assert send(office, alice, text.replace("A-", "C-")).endswith("/columns")


def test_the_desk_shows_what_is_to_decide_with_totals_and_leads_on(office: Office) -> None:
    path = f"{DESK}/{office.waiting}"
    with office.sits(office.book.people.alice) as alice:
        with counted(office.engine) as statements:
            page = alice.get(DESK).text
        assert len(statements) <= MOST_STATEMENTS
        assert f'href="{path}?desk=1"' in page
        assert "1 400,00" in page.replace("\u202f", " ")  # the foot: what would be assigned
        assert path not in alice.get(f"{DESK}?q=Bravo").text
        assert path in alice.get(f"{DESK}?faulty=yes").text
        csv = alice.get(f"{DESK}?format=csv").text
        assert csv.count("\n") == 2
        with counted(office.engine) as statements:
            assert alice.get(f"{path}?desk=1").status_code == 200
        assert len(statements) <= MOST_STATEMENTS
        done = alice.post(f"{path}/acceptance?desk=1", data={"leave_out": ["1"], "act": "verify"})
        assert done.headers["location"] == DESK  # none is left
    with transaction(office.engine) as session:
        found = session.execute(
            sql("SELECT number, reasons FROM verification v JOIN receivable r"
                " ON r.id = receivable_id")
        ).all()  # fmt: skip
    assert [tuple(row) for row in found] == [("F-9", ["by_hand"])]
