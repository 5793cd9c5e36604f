"""Promises noted from the page of an invoice or of a debtor, and the list of those that matter."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from cessio import collections
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office

LIST = "/backoffice/collections/promises"


def amount(minor: int) -> str:
    return formats.money(minor, "EUR", code="fr")


def test_a_promise_is_noted_on_the_page_of_an_invoice_and_listed(office: Office) -> None:
    invoice = f"/backoffice/receivables/{office.id_of('F-1')}"
    due = (office.now + timedelta(days=5)).date().isoformat()
    with office.sits(office.book.people.alice) as alice:
        noted = alice.post(f"{invoice}/promises", data={"due_on": due, "contact": "Mme Petit"})
        assert noted.status_code == 303, noted.text
        page = alice.get(invoice).text
        assert "Promesses de paiement" in page
        with counted(office.engine) as statements:
            listed = alice.get(LIST).text
        assert len(statements) <= MOST_STATEMENTS
        assert "F-1" in listed
        assert "Mme Petit" in listed
        assert amount(900_00) in listed
        assert "F-1" not in alice.get(f"{LIST}?state=broken").text
        file = io.StringIO(alice.get(f"{LIST}?format=csv").content.decode("utf-8-sig"))
        rows = list(csv.DictReader(file, delimiter=";"))
        assert [row["Factures"] for row in rows] == ["F-1"]


def test_a_debtor_promises_an_amount_or_invoices(office: Office) -> None:
    durand = office.book.people.durand.id
    path = f"/backoffice/debtors/{durand}/promises"
    due = (office.now + timedelta(days=5)).date().isoformat()
    with office.sits(office.book.people.alice) as alice:
        assert "F-2" in alice.get(path).text
        assert alice.post(path, data={"due_on": due}).status_code == 422
        assert alice.post(path, data={"due_on": due, "promised_amount": "250"}).status_code == 303
        ids = [str(office.id_of("F-1")), str(office.id_of("F-2"))]
        assert alice.post(path, data={"due_on": due, "invoice": ids}).status_code == 303
        page = alice.get(path).text
        assert amount(250_00) in page
        assert amount(1_600_00) in page


def test_a_promise_of_the_past_is_refused_with_a_sentence(office: Office) -> None:
    path = f"/backoffice/receivables/{office.id_of('F-1')}/promises"
    with office.sits(office.book.people.alice) as alice:
        refused = alice.post(path, data={"due_on": "2026-11-01"})
    assert refused.status_code == 422
    assert "Une promesse est pour aujourd’hui ou plus tard" in refused.text


def test_a_broken_promise_is_found_filtered_and_dealt_with(office: Office) -> None:
    with transaction(office.engine) as session:
        made = collections.note_promise(
            session, debtor_id=office.book.people.durand.id, receivable_ids=[office.id_of("F-2")],
            due_on=(office.now - timedelta(days=10)).date(), by=office.book.people.alice.by,
            at=office.now - timedelta(days=20),
        )  # fmt: skip
    with office.sits(office.book.people.alice) as alice:
        assert "Non tenue" in alice.get(LIST).text
        assert "F-2" in alice.get(f"{LIST}?state=broken&q=durand&mine=1").text
        ended = alice.post(f"/backoffice/promises/{made}/end", data={"reason": "handled"})
        assert ended.status_code == 303
        assert "F-2" not in alice.get(f"{LIST}?state=broken").text
        assert "F-2" in alice.get(f"{LIST}?state=ended").text
    with office.sits(office.book.people.karine) as auditor:
        assert auditor.get(LIST).status_code == 200
        again = auditor.post(f"/backoffice/promises/{made}/end", data={"reason": "handled"})
        assert again.status_code == 403


def test_a_payment_in_parts_has_any_days_and_amounts_and_comes_to_the_debt(office: Office) -> None:
    path = f"/backoffice/debtors/{office.book.people.durand.id}/promises"
    days = [(office.now + timedelta(days=each)).date().isoformat() for each in (20, 5, 47)]
    ticked = {"invoice": [str(office.id_of("F-1")), str(office.id_of("F-2"))], "due_on": days[1]}
    typed = {f"part_day_{n}": day for n, day in enumerate(days)} | {
        "part_amount_0": "600", "part_amount_1": "100,05", "part_amount_2": "899,94",
        "part_day_3": "", "part_amount_3": "",
    }  # fmt: skip
    with office.sits(office.book.people.alice) as alice:
        offered = alice.post(path, data=ticked | {"split": "yes", "instalments": "3"})
        assert offered.status_code == 200
        for value in ("533,34", "533,33", days[1]):
            assert f'value="{value}"' in offered.text, value
        refused = alice.post(path, data=ticked | typed)
        assert refused.status_code == 422
        assert "0,01" in refused.text  # what is missing to the cent
        assert 'value="899,94"' in refused.text  # nothing typed is lost
        half = alice.post(path, data=ticked | typed | {"part_amount_2": "899,95", "part_day_3":
                                                       days[0]})  # fmt: skip
        assert half.status_code == 422  # a day without an amount
        made = alice.post(path, data=ticked | typed | {"part_amount_2": "899,95"})
        assert made.status_code == 303
        page = alice.get(path).text
        for minor in (600_00, 100_05, 899_95):
            assert amount(minor) in page
        assert "échéance 3 sur 3" in page
