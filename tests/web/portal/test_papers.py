"""What leaves on paper: its code, read off the page, is found by whoever holds it."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader
from sqlalchemy import text

from cessio.documents import store
from cessio.plumbing.database import transaction
from tests.web.portal.conftest import Portal

PERIOD = "from=2026-11-01&to=2026-11-16"
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


def printed(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def code_on(pdf: bytes) -> str:
    said = printed(pdf)
    assert "127.0.0.1:8000/verify" in said
    found = CODE.search(said)
    assert found is not None
    return found.group()


def assigned(portal: Portal) -> int:
    with transaction(portal.engine) as session:
        return int(session.scalar(text("SELECT remittance_id FROM subrogation_receipt")) or 0)


def test_the_code_on_a_statement_is_found_by_its_holder(portal: Portal, first: int) -> None:
    pdf = portal.fanny.get(f"/portal/statements/{portal.book.alpha}/pdf?{PERIOD}").content
    page = portal.stranger.get(f"/verify/{code_on(pdf)}")
    assert page.status_code == 200
    assert "Closing balance" in page.text


def test_a_file_without_a_code_is_known_by_its_bytes_alone(portal: Portal, first: int) -> None:
    journal = portal.fanny.get(f"/portal/statements/{portal.book.alpha}/fec?{PERIOD}").content
    assert journal.startswith(b"JournalCode")
    known = portal.stranger.post("/verify", files={"file": ("any name.txt", journal)})
    assert known.status_code == 303
    page = portal.stranger.get(known.headers["location"])
    assert "Closing balance" in page.text
    changed = portal.stranger.post("/verify", files={"file": ("x.txt", journal + b" ")})
    assert (changed.status_code, "no such file" in changed.text) == (404, True)
    assert portal.stranger.post("/verify", data={}).status_code == 422


def test_the_code_on_a_receipt_is_found_and_says_no_name(portal: Portal, first: int) -> None:
    pdf = portal.fanny.get(f"/portal/remittances/{assigned(portal)}/receipt.pdf").content
    page = portal.stranger.get(f"/verify/{code_on(pdf)}")
    assert page.status_code == 200
    assert "Subrogation receipt" in page.text
    assert "Alpha" not in page.text
    assert "Durand" not in page.text


def test_papers_and_files_are_found_together_and_given_back_as_they_were(
    portal: Portal, first: int
) -> None:
    with transaction(portal.engine) as session:
        kept = {
            kind: store(
                session, kind=kind, subject_kind="remittance", subject_id=assigned(portal),
                filename="factures.csv", media_type="text/csv", content=b"a;b",
                client_id=portal.book.people.alpha.id, by=portal.book.by, at=portal.now,
            ).id
            for kind in ("remittance_file", "note_of_the_factor")
        }  # fmt: skip
    client = portal.fanny
    page = client.get("/portal/documents").text
    assert f"/portal/remittances/{assigned(portal)}/receipt.pdf" in page
    assert "factures.csv" in page
    assert client.get(f"/portal/documents/{kept['remittance_file']}").content == b"a;b"
    assert client.get(f"/portal/documents/{kept['note_of_the_factor']}").status_code == 404


def test_a_code_is_read_however_it_is_typed_and_no_other_is_found(
    portal: Portal, first: int
) -> None:
    pdf = portal.fanny.get(f"/portal/remittances/{assigned(portal)}/receipt.pdf").content
    code = code_on(pdf)
    somebody = portal.stranger
    typed = somebody.get("/verify", params={"code": code.lower().replace("-", " ")})
    assert typed.headers["location"] == f"/verify/{code}"
    other = ("1" if code[0] != "1" else "2") + code[1:]
    assert somebody.get(f"/verify/{other}").status_code == 404
    assert somebody.get("/verify/no").status_code == 404


def test_a_paper_of_an_invoice_is_the_clients_once_shared_and_nobody_elses(
    portal: Portal, first: int
) -> None:
    with transaction(portal.engine) as session:
        kept = {
            name: store(
                session, kind="other_proof", subject_kind="receivable", subject_id=first,
                filename=f"{name}.csv", media_type="text/csv", content=name.encode(),
                client_id=client_id, by=portal.book.people.alice.by, at=portal.now,
            ).id
            for name, client_id in (("ours", None), ("shared", portal.book.people.alpha.id))
        }  # fmt: skip
    page = f"/portal/invoices/{first}"
    told = portal.fanny.get(page).text
    assert "shared.csv" in told
    assert "ours.csv" not in told
    assert portal.fanny.get(f"{page}/documents/{kept['shared']}").content == b"shared"
    assert portal.fanny.get(f"{page}/documents/{kept['ours']}").status_code == 404
    assert portal.visit(portal.book.people.helene).get(
        f"{page}/documents/{kept['shared']}").status_code == 404  # fmt: skip
    invoice, shared = f"/backoffice/receivables/{first}", kept["shared"]
    alice = portal.visit(portal.book.people.alice)
    assert alice.post(f"{invoice}/documents/{shared}/withdrawal").status_code == 303
    assert "shared.csv" not in portal.fanny.get(page).text
    assert portal.fanny.get(f"{page}/documents/{shared}").status_code == 404
    ours = alice.get(invoice).text
    assert "Taken back from the client: shared.csv" in ours
    assert alice.get(f"{invoice}/documents/{shared}").content == b"shared"
    for again in (shared, kept["ours"]):
        assert alice.post(f"{invoice}/documents/{again}/withdrawal").status_code == 409


PDF = b"%PDF-1.7 bon de livraison"


def test_a_dispute_is_opened_and_answered_with_documents_that_both_sides_read(
    portal: Portal, first: int
) -> None:
    client, page = portal.fanny, f"/portal/invoices/{first}"
    told = {"reason": "quality", "comment": "broken", "amount_minor": ""}
    wrong = client.post(f"{page}/disputes", data=told,
                        files={"dispute_paper": ("a.pdf", b"MZ", "application/pdf")})  # fmt: skip
    assert wrong.status_code == 422
    assert "end a PDF, a JPEG or a PNG" in wrong.text
    assert "Dispute opened" not in client.get(page).text
    letter = {"dispute_paper": ("lettre.pdf", b"%PDF-1.4 lettre", "application/pdf")}
    assert client.post(f"{page}/disputes", data=told, files=letter).status_code == 303
    note = {"paper": ("../bl 12.pdf", PDF, "text/html")}
    kind = {"kind": "delivery_note"}
    assert client.post(f"{page}/documents", data=kind, files=note).status_code == 303
    again = client.post(f"{page}/documents", data=kind, files=note)
    assert again.status_code == 422
    assert "his document is with the invoice already" in again.text
    shown = client.get(page).text
    assert "Answer the dispute" in shown
    found = re.search(rf'href="({page}/documents/\d+)">bl 12.pdf', shown)
    assert found is not None
    assert "lettre.pdf" in shown
    given = client.get(found.group(1))
    assert (given.content, given.headers["content-type"]) == (PDF, "application/pdf")
    alice = portal.visit(portal.book.people.alice)
    ours = alice.get(f"/backoffice/receivables/{first}").text
    assert "lettre.pdf" in ours
    assert "bl 12.pdf" in ours
    bell = alice.get("/backoffice/notifications").text
    assert "sent a document of invoice F-001" in bell


def test_a_document_without_a_file_or_of_a_foreign_kind_is_refused_beside_its_field(
    portal: Portal, first: int
) -> None:
    page = f"/portal/invoices/{first}/documents"
    french = portal.visit(portal.book.people.fanny, "fr")
    assert "Choisissez un fichier" in french.post(page, data={"kind": "delivery_note"}).text
    files = {"paper": ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")}
    assert french.post(page, data={"kind": "remittance_file"}, files=files).status_code == 422
    helene = portal.visit(portal.book.people.helene)
    assert helene.post(page, data={"kind": "other_proof"}, files=files).status_code == 404
