"""From a file to money: upload, columns, verdicts, what can be drawn, confirmation, receipt."""

from __future__ import annotations

import re
from datetime import date, time

from sqlalchemy import select, text

from cessio import house
from cessio.funding import queries as funding
from cessio.house import Counted
from cessio.house.rules import CutOff
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from cessio.receivables.models import Remittance
from tests.web.portal.conftest import Portal

FILE = """Numéro de facture;SIREN;Nom du client;Date de facture;Échéance;Montant TTC
F-2026-001;456780014;Distribution Durand SA;02/11/2026;17/12/2026;12 000,00
F-2026-002;501234025;Mercier & Fils;03/11/2026;18/12/2026;1 250,50
F-2026-003;501234026;Inconnu;03/11/2026;18/12/2026;800,00
"""


def send(client: object, text: str, name: str = "factures.csv") -> str:
    answer = client.post(  # type: ignore[attr-defined]
        "/portal/remittances", files={"file": (name, text.encode(), "text/csv")}
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_file_is_checked_corrected_and_assigned_for_what_was_told(portal: Portal) -> None:
    client = portal.fanny
    address = send(client, FILE)
    draft = client.get(address)
    assert draft.status_code == 200
    assert "F-2026-003" in draft.text
    assert "The SIREN or SIRET is not right" in draft.text
    corrected = client.post(
        f"{address}/lines/4",
        data={"kind": "invoice", "number": "F-2026-003", "debtor": "523 456 036", "debtor_name": "",
              "issue_date": "2026-11-03", "due_date": "2026-12-18", "amount": "800,00", "vat": "",
              "order_ref": "", "original_number": ""},
    )  # fmt: skip
    assert corrected.status_code == 303, corrected.text
    told = client.get(address).text
    assert client.post(f"{address}/submission").status_code == 303
    with transaction(portal.engine) as session:
        found = funding.availability(session, contract_id=portal.book.alpha, on=portal.now.date())
    big = re.search(r'class="value">(.*?)</span></span>', told, re.S) or re.search(
        r'class="value">(.*?)</span>', told, re.S
    )
    assert big is not None
    shown = re.sub(r"<[^>]+>", "", big.group(1)).strip()
    assert shown == formats.money(found.payable_now_minor, "EUR", code="en")
    done = client.get(address)
    assert "Receipt (PDF)" in done.text
    receipt = client.get(f"{address}/receipt.pdf")
    assert receipt.content.startswith(b"%PDF")
    assert client.get(f"{address}/receipt.pdf").content == receipt.content


def test_columns_are_asked_once_and_remembered(portal: Portal) -> None:
    client = portal.fanny
    odd = FILE.replace("Numéro de facture", "Zebra").replace("Montant TTC", "Girafe")
    address = send(client, odd)
    assert address.endswith("/columns")
    page = client.get(address)
    assert "Zebra" in page.text
    fields = {
        "column_number": "0", "column_debtor_siren": "1", "column_debtor_name": "2",
        "column_issue_date": "3", "column_due_date": "4", "column_amount": "5",
        "date_order": "dmy", "decimals": "auto",
    }  # fmt: skip
    refused = client.post(address, data={**fields, "column_amount": "0"})
    assert refused.status_code == 422
    assert client.post(address, data=fields).status_code == 303
    assert "F-2026-001" in client.get(address.removesuffix("/columns")).text
    again = send(client, odd.replace("F-2026", "G-2026"))
    assert not again.endswith("/columns")
    heads = odd.splitlines()[0].encode()
    none = client.post("/portal/remittances", files={"file": ("vide.csv", heads, "text/csv")})
    assert none.status_code == 422
    assert "he file has no line" in none.text


def test_a_file_that_is_no_table_is_refused_in_words(portal: Portal) -> None:
    answer = portal.fanny.post(
        "/portal/remittances", files={"file": ("a.pdf", b"%PDF-1.7 x", "application/pdf")}
    )
    assert answer.status_code == 422
    with transaction(portal.engine) as session:
        assert session.scalars(select(Remittance)).all() == []


def test_invoices_are_typed_one_by_one(portal: Portal) -> None:
    client = portal.fanny
    first = {"kind": "invoice", "number": "T-1", "debtor": "456780014", "debtor_name": "",
             "issue_date": "2026-11-02", "due_date": "", "amount": "1 000,00", "vat": "",
             "order_ref": "", "original_number": ""}  # fmt: skip
    refused = client.post("/portal/remittances/typed", data={**first, "amount": "twelve"})
    assert refused.status_code == 422
    made = client.post("/portal/remittances/typed", data=first)
    assert made.status_code == 303, made.text
    address = made.headers["location"]
    more = client.post(f"{address}/lines", data={**first, "number": "T-2"})
    assert more.status_code == 303
    assert client.post(f"{address}/lines/2/removal").status_code == 303
    shown = client.get(address).text
    assert "T-1" in shown
    assert "T-2" not in shown
    assert client.post(f"{address}/withdrawal").status_code == 303
    assert "Withdrawn" in client.get(address).text


def test_a_large_remittance_is_checked_and_assigned_by_jobs(portal: Portal) -> None:
    client = portal.fanny
    head = FILE.splitlines()[0]
    rows = [
        f"L-{n:05d};456780014;Distribution Durand SA;02/11/2026;17/12/2026;10,00"
        for n in range(1200)
    ]
    progress = send(client, "\n".join([head, *rows, ""]))
    assert "/progress/" in progress
    assert client.get(progress).status_code == 200
    portal.work()
    assert "See the result" in client.get(progress).text
    address = progress.partition("/progress")[0]
    assert "You will be able to draw" in client.get(address).text
    confirming = client.post(f"{address}/submission").headers["location"]
    portal.work()
    assert "See the result" in client.get(confirming).text
    assert "Receipt (PDF)" in client.get(address).text


def test_refused_lines_are_sent_again_under_their_own_numbers(portal: Portal) -> None:
    client = portal.fanny
    address = send(client, FILE)
    client.post(f"{address}/submission")
    again = client.post(f"{address}/resending")
    assert again.status_code == 303
    shown = client.get(again.headers["location"]).text
    assert "F-2026-003" in shown
    assert "F-2026-001" not in shown


def test_lines_are_exported_as_shown(portal: Portal) -> None:
    client = portal.fanny
    address = send(client, FILE)
    body = client.get(f"{address}?verdict=refused&format=csv").text
    assert "F-2026-003" in body
    assert "F-2026-001" not in body


def test_the_client_reads_for_which_day_a_remittance_sent_now_counts(portal: Portal) -> None:
    client = portal.fanny
    address = send(client, FILE)
    assert "Sent now, it counts for 16/11/2026." in client.get(address).text
    with transaction(portal.engine) as session:
        house.set_cut_off(session, what=Counted.REMITTANCE, cut_off=CutOff(time(8)),
                          by=portal.book.people.eva.by, at=portal.now)  # fmt: skip
    told = client.get(address).text
    assert "Sent before 08:00 (" in told
    assert "sent now, it counts for 17/11/2026." in told
    assert client.post(f"{address}/submission").status_code == 303
    with transaction(portal.engine) as session:
        valued = session.scalar(
            text("SELECT max(value_date) FROM ledger_transaction WHERE kind = 'ASSIGNMENT'")
        )
    assert valued == date(2026, 11, 17)
