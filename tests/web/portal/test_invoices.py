"""Invoices are found, followed, disputed; a payment received directly is declared; limits asked."""

from __future__ import annotations

import re

from sqlalchemy import text

from cessio.collections.operations.insolvency import declare_insolvency
from cessio.collections.operations.recovery import hand_over
from cessio.collections.rules.insolvency import Judgment, Procedure
from cessio.plumbing.database import transaction
from tests.web.portal.conftest import Portal


def test_invoices_are_found_by_number_siren_and_amount(portal: Portal, first: int) -> None:
    client = portal.fanny
    assert "F-002" in client.get("/portal/invoices").text
    found = client.get("/portal/invoices?q=f%20001").text
    assert "F-001" in found
    assert "F-002" not in found
    assert "F-002" in client.get("/portal/invoices?q=456780014").text
    assert "F-001" not in client.get("/portal/invoices?q=800.00").text
    assert "F-001" in client.get("/portal/invoices?format=csv").text
    assert client.get("/portal/invoices?format=xlsx").content.startswith(b"PK")


def test_a_dispute_is_opened_and_told_in_the_life(portal: Portal, first: int) -> None:
    client = portal.fanny
    address = f"/portal/invoices/{first}"
    assert "A-001" in client.get(address).text
    refused = client.post(f"{address}/disputes", data={"reason": "quality", "comment": "",
                                                        "amount_minor": "9 999,00"})  # fmt: skip
    assert refused.status_code == 422
    done = client.post(f"{address}/disputes", data={"reason": "quality", "comment": "broken",
                                                     "amount_minor": "300,00"})  # fmt: skip
    assert done.status_code == 303
    shown = client.get(address)
    assert shown.status_code == 200
    assert "Dispute opened: Quality" in shown.text
    withheld = client.get(
        f"/portal/invoices/withheld/{portal.book.alpha}?line=ineligible&reason=disputed"
    )
    assert re.search(r"F-001.*€300\.00", withheld.text, re.S)


def test_a_direct_payment_settles_the_invoice(portal: Portal, first: int) -> None:
    client = portal.fanny
    address = f"/portal/invoices/{first}/direct-payments"
    too_much = client.post(address, data={"paid": "5 000,00", "paid_on": "2026-11-16"})
    assert too_much.status_code == 422
    assert (
        client.post(address, data={"paid": "1 000,00", "paid_on": "2026-11-16"}).status_code == 303
    )
    assert "Settled" in client.get(f"/portal/invoices/{first}").text


def test_a_limit_is_asked_for_a_debtor_nobody_knew(portal: Portal) -> None:
    client = portal.fanny
    form = {"siren": "552 100 554", "amount": "25 000,00", "name": "", "comment": "new order"}
    assert client.post("/portal/debtors/requests", data=form).status_code == 422
    done = client.post("/portal/debtors/requests", data={**form, "name": "Automobiles SA"})
    assert done.status_code == 303, done.text
    shown = client.get(done.headers["location"]).text
    assert "Automobiles SA" in shown
    assert "Answer by" in shown
    again = client.post("/portal/debtors/requests", data={**form, "name": "Automobiles SA"})
    assert again.status_code == 422


def test_a_statement_is_the_same_on_screen_and_in_files(portal: Portal, first: int) -> None:
    client = portal.fanny
    period = "from=2026-11-01&to=2026-11-16"
    assert "1,800.00" in client.get(f"/portal/statements?{period}").text
    for file_format, start in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("camt053", b"<?xml")):
        got = client.get(f"/portal/statements/{portal.book.alpha}/{file_format}?{period}")
        assert got.content.startswith(start)
    with transaction(portal.engine) as session:
        codes = session.scalars(text("SELECT DISTINCT verification_code FROM issued_statement"))
        (code,) = codes.all()
    assert "Closing balance" in client.get(f"/verify/{code}").text
    assert client.get("/verify/0000-0000-0000").status_code == 404
    assert client.get("/portal/statements?from=2026-11-16&to=2026-11-01").status_code == 422


def test_access_is_seen_and_ended(portal: Portal) -> None:
    client = portal.fanny
    other = portal.fanny
    with transaction(portal.engine) as session:
        oldest = session.scalar(text("SELECT min(id) FROM web_session"))
    assert other.post(f"/portal/users/sessions/{oldest}/end").status_code == 303
    assert client.get("/portal").status_code in (302, 303)
    made = other.post("/portal/users/tokens", data={"name": "ERP", "days": "90",
                                                    "scope": ["receivables:read"]})  # fmt: skip
    assert made.status_code == 200, made.text
    assert "cs_" in made.text
    refused = other.post("/portal/users/password", data={"current": "x", "password": "y"})
    assert refused.status_code == 422


def test_all_that_is_available_is_drawn_in_two_taps(portal: Portal, first: int) -> None:
    client = portal.fanny
    page = client.get("/portal").text
    every = re.search(r'name="all" value="(\d+)"', page)
    assert every is not None
    drawn = client.post("/portal/funding", data={"all": every.group(1), "amount": ""})
    assert drawn.status_code == 303
    assert client.get(drawn.headers["location"]).status_code == 200


def test_a_client_sees_what_became_of_the_collection_and_what_it_means(
    portal: Portal, first: int
) -> None:
    durand, bell = portal.book.people.durand.id, "/portal/notifications"
    with transaction(portal.engine) as session:
        hand_over(session, debtor_id=durand, given_to="Me Huissier", note="fraude ?",
                  receivable_ids=[first], by="staff:jules", at=portal.now)  # fmt: skip
    client = portal.fanny
    shown = client.get(f"/portal/invoices/{first}").text
    assert "Handed over for legal recovery" in shown
    assert "does not change what you can draw" in shown
    assert "Legal recovery" in client.get("/portal/invoices").text
    assert "F-001" in client.get(bell).text
    judgment = Judgment(Procedure.LIQUIDATION, portal.now.date(), None, None, None, ())
    with transaction(portal.engine) as session:
        declare_insolvency(session, debtor_id=durand, judgment=judgment, by="staff:jules",
                           at=portal.now)  # fmt: skip
    shown = client.get(f"/portal/invoices/{first}").text
    assert "Debtor insolvent since" in shown
    assert "no longer counts in what you can draw" in shown
    told = client.get(bell).text
    assert "no longer count in what you can draw" in told
    for ours in ("Huissier", "fraude"):
        assert ours not in shown + told
    with transaction(portal.engine) as session:  # and nobody else hears of Alpha's invoices
        others = session.scalar(text(
            "SELECT count(*) FROM notification JOIN person ON person.id = person_id"
            " WHERE kind IN ('invoices_handed_over', 'debtor_insolvent')"
            " AND client_id IS DISTINCT FROM (SELECT client_id FROM contract WHERE id = :alpha)"
        ), {"alpha": portal.book.alpha})  # fmt: skip
    assert others == 0
