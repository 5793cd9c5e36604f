"""The debtor's page in a browser: what a code opens, what is said there, what abuse meets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine, text

from cessio import collections
from cessio.plumbing.database import transaction
from cessio.web import errors
from tests.counting import counted
from tests.replies.letters import OTHER_IBAN, PAY_TO, letter
from tests.web.backoffice.office import MOST_STATEMENTS, Office, open_office

PDF = b"%PDF-1.4 bon de livraison"


@dataclass(frozen=True)
class Desk:
    """An office, the code of Durand's letter about Alpha's invoices, and a clerk's browser."""

    office: Office
    code: str
    clerk: TestClient[Any]

    @property
    def page(self) -> str:
        return f"/pay/{self.code}"

    def id_of(self, number: str) -> str:
        return str(self.office.id_of(number))


@pytest.fixture
def desk(engine: Engine, now: datetime) -> Iterator[Desk]:
    office = open_office(engine, now)
    with transaction(office.engine) as session:
        code = letter(session, office.book, now)
    with TestClient(office.app) as clerk:
        clerk.follow_redirects = False
        clerk.headers.update({"Sec-Fetch-Site": "same-origin", "Accept": "text/html",
                              "Accept-Language": "en"})  # fmt: skip
        yield Desk(office, code, clerk)


def plain(page: str) -> str:
    """A page with ordinary spaces."""
    return re.sub("[\u00a0\u202f]", " ", page)


def test_a_clerk_sees_whom_to_pay_and_each_invoice_of_this_letter_alone(desk: Desk) -> None:
    with counted(desk.office.engine) as statements:
        answer = desk.clerk.get(desk.page)
    assert len(statements) <= MOST_STATEMENTS
    page = plain(answer.text)
    assert answer.status_code == 200
    for said in ("F-1", "F-2", "Alpha Métallerie", "Atlas Factor", "1346-1",
                 "FR76 3000 4008 1200 0101 2345 640", "BNPAFRPPXXX", "€1,600.00"):  # fmt: skip
        assert said in page, said
    for hidden in ("F-3", "B-1", "Mercier", "Bravo"):
        assert hidden not in page, hidden
    assert 'lang="fr"' in desk.clerk.get(desk.page, headers={"Accept-Language": "fr"}).text


def test_the_page_is_kept_by_no_cache_index_log_or_other_site(desk: Desk) -> None:
    headers = desk.clerk.get(desk.page).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    assert desk.code not in errors.logged_path(f"{desk.page}/paid")


def test_a_code_is_typed_as_people_type(desk: Desk) -> None:
    typed = desk.clerk.get("/pay", params={"code": f" {desk.code.lower().replace('-', ' ')}"})
    assert typed.headers["location"] == desk.page
    assert "sixteen" in desk.clerk.get("/pay?code=12").text


def test_paid_already_is_in_the_work_queue_the_same_minute(desk: Desk) -> None:
    fields = {"invoice": [desk.id_of("F-1"), desk.id_of("F-2")], "paid_on": "2026-11-13",
              "means": "transfer", "reference": "VIR 42", "name": "Paul"}  # fmt: skip
    assert desk.clerk.get(f"{desk.page}/paid").status_code == 200
    for _ in range(2):
        done = desk.clerk.post(f"{desk.page}/paid", data=fields)
        assert done.headers["location"] == desk.page
    assert "Being looked into" in desk.clerk.get(desk.page).text
    book = desk.office.book
    with desk.office.sits(book.people.alice) as alice:
        today = alice.get("/backoffice?kind=said_paid")
        assert today.text.count("/backoffice/replies/") >= 1
        with counted(desk.office.engine) as statements:
            shown = plain(alice.get("/backoffice/replies").text)
        assert len(statements) <= MOST_STATEMENTS
        assert "1 600,00 €" in shown
        reply = re.search(r'href="(/backoffice/replies/\d+)"', shown)
        assert reply is not None
        page = plain(alice.get(reply[1]).text)
        assert "VIR 42" in page
        assert alice.post(f"{reply[1]}/refuse", data={"answer": ""}).status_code == 422
        said = alice.post(f"{reply[1]}/refuse", data={"answer": "Rien reçu de vous."})
        assert said.status_code == 303
        assert alice.post(f"{reply[1]}/accept", data={}).status_code == 422
        assert "F-1" in alice.get("/backoffice/replies?state=any&format=csv").text
    assert "Rien reçu de vous." in desk.clerk.get(desk.page).text


def test_a_dispute_waits_for_staff_and_opens_with_its_paper(desk: Desk) -> None:
    number = desk.id_of("F-1")
    fields = {"invoice": number, "reason": "delivery", "amount": "400", "comment": "Deux colis",
              "name": "Paul"}  # fmt: skip
    path = f"{desk.page}/dispute"
    assert desk.clerk.get(path).status_code == 200
    wrong = desk.clerk.post(path, data=fields, files={"paper": ("x.exe", b"MZ", "x/y")})
    assert wrong.status_code == 422
    sent = desk.clerk.post(path, data=fields, files={"paper": ("bl.pdf", PDF, "x/y")})
    assert sent.headers["location"] == desk.page
    with desk.office.sits(desk.office.book.people.chloe) as chloe:
        listed = chloe.get("/backoffice/replies").text
        reply = re.search(r'href="(/backoffice/replies/\d+)"', listed)
        assert reply is not None
        page = chloe.get(reply[1]).text
        paper = re.search(r'href="(/backoffice/receivables/\d+/documents/\d+)"', page)
        assert paper is not None
        assert chloe.get(paper[1]).content == PDF
        assert chloe.post(f"{reply[1]}/accept", data={"answer": "Vu."}).status_code == 303
    assert "disputed €400.00" in plain(desk.clerk.get(desk.page).text)


def test_another_debtors_or_clients_invoice_is_as_unknown_as_any(desk: Desk) -> None:
    told = set()
    for stranger in (desk.id_of("F-3"), desk.id_of("B-1"), "999999999"):
        fields = {"invoice": stranger, "paid_on": "2026-11-13", "means": "other", "name": "x"}
        refused = desk.clerk.post(f"{desk.page}/paid", data=fields)
        assert refused.status_code == 422
        told.add(re.sub(r'value="\d+"', "", refused.text))
        contested = {"invoice": stranger, "reason": "price", "comment": "x", "name": "x"}
        assert desk.clerk.post(f"{desk.page}/dispute", data=contested).status_code == 422
    assert len(told) == 1


def test_a_wrong_account_is_a_no_and_an_alarm_a_right_one_a_yes(desk: Desk) -> None:
    path = f"{desk.page}/account"
    assert desk.clerk.get(path).status_code == 200
    yes = desk.clerk.post(path, data={"iban": PAY_TO.iban})
    no = desk.clerk.post(path, data={"iban": OTHER_IBAN})
    assert yes.status_code == no.status_code
    assert "Yes, pay to this account" in yes.text
    assert "No, do not pay to this account" in no.text
    assert desk.clerk.post(path, data={"iban": "FR00 1"}).status_code == 422
    with desk.office.sits(desk.office.book.people.alice) as alice:
        signals = plain(alice.get("/backoffice/signals").text)
        sign = re.search(r'href="(/backoffice/signals/\d+)"', signals)
        assert sign is not None
        assert alice.get(sign[1]).status_code == 200
    assert OTHER_IBAN in signals.replace(" ", "")
    for _ in range(20):
        last = desk.clerk.post(path, data={"iban": PAY_TO.iban})
    assert last.status_code == 422
    assert "used too often" in last.text


def test_wrong_codes_look_all_the_same_and_are_slowed(desk: Desk) -> None:
    with transaction(desk.office.engine) as session:
        code_id = session.execute(text("SELECT id FROM letter_code")).scalar_one()
    with desk.office.sits(desk.office.book.people.alice) as alice:
        page = f"/backoffice/letters/{code_id}"
        assert desk.code in alice.get(page).text
        assert alice.get(f"{page}/pdf").content.startswith(b"%PDF")
        assert alice.post(f"{page}/revoke", data={"why": "Perdu"}).status_code == 303
    revoked = desk.clerk.get(desk.page)
    unknown = desk.clerk.get("/pay/AAAA-AAAA-AAAA-AAAA")
    assert revoked.status_code == unknown.status_code == 404
    assert revoked.text.replace(desk.code, "") == unknown.text.replace("AAAA-AAAA-AAAA-AAAA", "")
    with transaction(desk.office.engine) as session:
        fresh = letter(session, desk.office.book, desk.office.now, debtor="mercier")
    assert desk.clerk.get(f"/pay/{fresh}").status_code == 200
    for _ in range(20):
        assert desk.clerk.get("/pay/AAAA-AAAA-AAAA-AAAA").status_code == 404
    assert desk.clerk.get(f"/pay/{fresh}").status_code == 404  # who guesses waits
    assert desk.clerk.post(f"/pay/{fresh}/account", data={"iban": OTHER_IBAN}).status_code == 404


def test_another_site_cannot_answer_for_the_debtor(desk: Desk) -> None:
    sent = desk.clerk.post(f"{desk.page}/account", data={"iban": OTHER_IBAN},
                           headers={"Sec-Fetch-Site": "cross-site"})  # fmt: skip
    assert sent.status_code == 403


def test_the_code_is_shown_to_those_who_deal_with_debtors_and_to_no_others(desk: Desk) -> None:
    people = desk.office.book.people
    with transaction(desk.office.engine) as session:
        code_id = session.execute(text("SELECT id FROM letter_code")).scalar_one()
    with desk.office.sits(people.karine) as karine:
        assert desk.code not in karine.get(f"/backoffice/letters/{code_id}").text
        assert karine.get(f"/backoffice/letters/{code_id}/pdf").status_code == 403
        listed = f"/backoffice/debtors/{people.durand.id}/letters"
        assert karine.get(listed).status_code == 200
        assert karine.post(listed, data={}).status_code == 403


@pytest.mark.parametrize("typed", ["%00", "a" * 3000, "%27%20OR%201=1", "..%2f..", "💥"])
def test_odd_codes_and_cursors_are_answered_calmly(desk: Desk, typed: str) -> None:
    assert desk.clerk.get(f"/pay/{typed}").status_code in (404, 414)
    assert desk.clerk.get("/pay", params={"code": typed}).status_code == 200
    assert desk.clerk.get(desk.page, params={"after": typed}).status_code in (200, 422)


def test_a_clerk_reads_what_it_agreed_to_pay_on_these_invoices_alone(desk: Desk) -> None:
    office = desk.office
    days = [office.now.date() + timedelta(days=each) for each in (10, 25)]
    with transaction(office.engine) as session:
        durand = {"debtor_id": office.book.people.durand.id, "by": "staff:alice", "at": office.now}
        collections.note_instalments(
            session, days=days, amounts=[1_000_00, 600_00],
            receivable_ids=[office.id_of("F-1"), office.id_of("F-2")], **durand,
        )  # fmt: skip
        collections.note_promise(session, due_on=days[0], receivable_ids=[office.id_of("B-1")],
                                 **durand)  # fmt: skip
    page = plain(desk.clerk.get(desk.page).text)
    assert "What you said you will pay" in page
    assert page.index("€1,000.00") < page.index("€600.00")
    assert "€450.00" not in page  # of another client's invoice
