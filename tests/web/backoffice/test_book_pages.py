"""Every page of the book answers, quickly, and only to those whose role includes it."""

from __future__ import annotations

from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office


def pages(office: Office) -> list[str]:
    alpha, durand = office.book.alpha, office.book.people.durand.id
    company = office.book.people.alpha.company_id
    contract = f"/backoffice/contracts/{alpha}"
    return [
        "/backoffice", "/backoffice?mine=1&sort=-available", "/backoffice/contracts",
        contract, f"{contract}?on=2026-11-01", f"{contract}/changes", f"{contract}/terms",
        f"{contract}/terms/edit", f"{contract}/withheld?line=over_limit",
        f"{contract}/what-if?debtor={durand}&kind=cover&amount=100",
        "/backoffice/contracts/new",
        f"/backoffice/contracts/new?client={office.book.people.alpha.id}&product=abl",
        "/backoffice/clients", "/backoffice/clients?q=812340016", "/backoffice/clients/new",
        f"/backoffice/clients/{office.book.people.alpha.id}", "/backoffice/debtors",
        "/backoffice/debtors/new", f"/backoffice/debtors/{durand}",
        f"/backoffice/companies/{company}/edit", f"/backoffice/companies/{company}/accounts/new",
        f"/backoffice/companies/{company}/contacts/new", "/backoffice/limits",
        "/backoffice/limits?state=answered", "/backoffice/limits/in-force",
        "/backoffice/limits/watch", "/backoffice/groups", "/backoffice/limits/rules",
        f"/backoffice/limits/pairs/{alpha}/{durand}",
        "/backoffice/remittances", "/backoffice/remittances?state=submitted",
        f"/backoffice/remittances/{office.waiting}", "/backoffice/remittances/new",
        "/backoffice/receivables", f"/backoffice/receivables?contract={alpha}&status=any",
        f"/backoffice/receivables/{office.id_of('F-1')}", "/backoffice/disputes",
    ]  # fmt: skip


def test_every_page_answers_within_its_statements(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        for path in pages(office):
            with counted(office.engine) as statements:
                answer = alice.get(path)
            assert answer.status_code == 200, path
            assert len(statements) <= MOST_STATEMENTS, (path, len(statements))


def test_the_cockpit_asks_no_more_of_a_larger_book(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice, counted(office.engine) as statements:
        page = alice.get("/backoffice/portfolio?scope=all").text
    assert "Alpha Métallerie SAS" in page
    assert "Bravo Textile SARL" in page
    assert len(statements) <= 40


def test_a_list_is_exported_as_it_is_shown(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        for path in ("contracts", "clients", "debtors", "limits/in-force", "remittances",
                     "receivables", "disputes"):  # fmt: skip
            csv = alice.get(f"/backoffice/{path}?format=csv")
            assert csv.status_code == 200
            assert "attachment" in csv.headers["content-disposition"]
        found = alice.get(f"/backoffice/receivables?contract={office.book.bravo}&format=csv").text
    assert "B-1" in found
    assert "F-1" not in found


def test_the_invoice_is_found_by_number_amount_and_siren(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        for query in ("number=f2", "amount=700", "siren=456780014"):
            page = alice.get(f"/backoffice/receivables?{query}").text
            assert f'/backoffice/receivables/{office.id_of("F-2")}"' in page, query
        assert "F-2" not in alice.get("/backoffice/receivables?amount=abc").text


def test_a_client_is_found_by_its_iban(office: Office) -> None:
    iban = office.book.people.alpha.firm.iban
    with office.sits(office.book.people.alice) as alice:
        page = alice.get(f"/backoffice/clients?q={iban}").text
    assert "Alpha Métallerie" in page
    assert "Bravo" not in page


def test_acts_are_closed_to_other_roles(office: Office) -> None:
    with office.sits(office.book.people.karine) as auditor:
        assert auditor.get("/backoffice/contracts").status_code == 200
        assert auditor.get("/backoffice/limits/decide").status_code == 403
        assert auditor.get("/backoffice/users").status_code == 403
        accepted = auditor.post(f"/backoffice/remittances/{office.waiting}/acceptance")
    assert accepted.status_code == 403
