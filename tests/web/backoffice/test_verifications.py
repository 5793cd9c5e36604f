"""The verification queue: asked by mail, answered by key or by the debtor, the next follows."""

from __future__ import annotations

import re

import pytest
from litestar.testing import TestClient
from sqlalchemy import text

from cessio.contracts import Product, product_defaults
from cessio.contracts.operations import change_terms
from cessio.plumbing.database import transaction
from cessio.receivables import queries
from tests.counting import counted
from tests.receivables.books import assigned, invoice
from tests.web.backoffice.office import MOST_STATEMENTS, Office

HOME = "/backoffice/verifications"


@pytest.fixture
def three(office: Office) -> list[int]:
    """Three large invoices of Alpha's wait to be verified, oldest first."""
    book, now = office.book, office.now
    terms = product_defaults(Product.FULL, facility_limit_minor=100_000_000,
                             verification_min_minor=2_000_00)  # fmt: skip
    with transaction(office.engine) as session:
        change_terms(session, contract_id=book.alpha, terms=terms, effective_from=now.date(),
                     by="system:setup", at=now)  # fmt: skip
        assigned(session, book, now, *(invoice(book, f"V-{n}", n * 2_000_00) for n in (1, 2, 3)))
        rows = session.scalars(text("SELECT id FROM verification ORDER BY id"))
        return list(rows)


def test_the_queue_is_worked_with_one_key_an_outcome(office: Office, three: list[int]) -> None:
    first, second, third = three
    with office.sits(office.book.people.alice) as alice:
        with counted(office.engine) as statements:
            shown = alice.get(HOME)
        assert len(statements) <= MOST_STATEMENTS
        assert f'href="{HOME}/{first}"' in shown.text
        assert "12 000,00" in shown.text.replace("\u202f", " ")  # the total is what is withheld
        with counted(office.engine) as statements:
            page = alice.get(f"{HOME}/{first}").text
        assert len(statements) <= MOST_STATEMENTS
        assert {'data-hotkey="y"', 'data-hotkey="p"', 'data-hotkey="n"'} <= set(
            re.findall(r'data-hotkey="."', page)
        )
        said = {"method": "call", "contact": "Mme Petit"}
        done = alice.post(f"{HOME}/{first}/answer", data={**said, "answer": "yes"})
        assert done.headers["location"] == f"{HOME}/{second}"
        wrong = alice.post(f"{HOME}/{second}/answer", data={**said, "answer": "partly"})
        assert wrong.status_code == 422
        part = alice.post(f"{HOME}/{second}/answer",
                          data={**said, "answer": "partly", "confirmed": "1500"})  # fmt: skip
        assert part.headers["location"] == f"{HOME}/{third}"
        no = {**said, "answer": "no", "dispute": "not_ordered", "note": "Commande inconnue."}
        assert alice.post(f"{HOME}/{third}/answer", data=no).headers["location"] == HOME
        assert alice.post(f"{HOME}/{third}/again").status_code == 303
    with transaction(office.engine) as session:
        views = [queries.receivable(session, office.id_of(f"V-{n}")) for n in (1, 2, 3)]
        held = [any(one.ended_at is None for one in view.holds) for view in views]
        assert held == [False, False, True]
        assert [view.row.disputed_minor for view in views] == [0, 2_500_00, 6_000_00]


def test_a_debtor_answers_on_the_page_of_its_mail_and_only_once(
    office: Office, three: list[int]
) -> None:
    with office.sits(office.book.people.alice) as alice:
        sent = alice.post(f"{HOME}/{three[0]}/request", data={"email": "compta@durand.example"})
        assert sent.headers["location"] == f"{HOME}/{three[1]}"
        assert alice.post(f"{HOME}/{three[1]}/request", data={"email": "x"}).status_code == 422
    with transaction(office.engine) as session:
        body = session.execute(text("SELECT body FROM message")).scalar_one()
    found = re.search(r"/confirm/([0-9A-Z-]{14})", body)
    assert found is not None
    path = f"/confirm/{found.group(1)}"
    with TestClient(office.app) as debtor:
        debtor.headers.update({"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})
        page = debtor.get(path)
        assert "V-1" in page.text
        assert "Mercier" not in page.text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        fields = {"csrf_token": token.group(1)} if token else {}
        assert debtor.post(path, data={**fields, "answer": "yes"}).status_code == 422  # who?
        thanks = debtor.post(path, data={**fields, "answer": "yes", "name": "Paul, comptable"})
        assert thanks.status_code in (200, 201)
        assert debtor.get(path).status_code == 404
        assert debtor.get("/confirm/AAAA-BBBB-CCCC").status_code == 404
    with transaction(office.engine) as session:
        row = session.execute(
            text("SELECT state, contact, ended_by FROM verification WHERE id = :id"),
            {"id": three[0]},
        ).one()
    assert tuple(row) == ("confirmed", "Paul, comptable", f"debtor:{office.book.people.durand.id}")


def test_guessing_codes_is_stopped(office: Office, three: list[int]) -> None:
    with TestClient(office.app) as guesser:
        guesser.headers.update({"Accept": "text/html"})
        for _ in range(25):
            assert guesser.get("/confirm/AAAA-BBBB-CCCC").status_code == 404


def test_the_queue_is_exported_as_filtered(office: Office, three: list[int]) -> None:
    with office.sits(office.book.people.karine) as karine:
        csv = karine.get(f"{HOME}?from=4000&order=amount&format=csv").text
        assert karine.post(f"{HOME}/{three[0]}/answer", data={}).status_code == 403
    assert csv.index("V-3") < csv.index("V-2")
    assert "V-1" not in csv
