"""A party is found from whatever one knows of it, and lists turn their pages exactly."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session
from tests import people
from tests.people import People

from cessio import parties
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import page_request
from cessio.parties import CompanyDetails, queries


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    return people.settle_in(session, at=now)


@pytest.mark.parametrize(
    ("typed", "name", "matched"),
    [
        ("456 780 014", people.DURAND.name, "siren"),
        ("4567", people.DURAND.name, "siren"),
        ("456780014 00019", people.DURAND.name, "siret"),
        ("FR05 456780014", people.DURAND.name, "vat_number"),
        ("HRB 12345 Hamburg", people.NORDBAU.name, "registration_number"),
        ("FR76 1027 8060 0000 0204 5670 135", people.MERCIER.name, "iban"),
        ("bravo", people.BRAVO.name, "code"),
        ("distribution durant", people.DURAND.name, "name"),
        ("mercier", people.MERCIER.name, "name"),
        ("OCEANE LEVAGE", people.SOCIETE_OCEANE.name, "name"),
        ("Alpha Metal", people.ALPHA.name, "name"),
    ],
)
def test_a_party_is_found_by_what_one_types(
    session: Session, there: People, typed: str, name: str, matched: str
) -> None:
    hit = queries.search(session, typed)[0]
    assert (hit.name, hit.matched) == (name, matched)


@pytest.mark.parametrize("typed", ["", "  ", "zzzz qqqq", "%", "_", "'", "00", "\\"])
def test_nothing_is_found_by_what_means_nothing(
    session: Session, there: People, typed: str
) -> None:
    assert queries.search(session, typed) == ()


def test_a_company_is_found_once_with_all_its_parts(
    session: Session, there: People, now: datetime
) -> None:
    parties.register_debtor(session, details=people.ALPHA.details, by=people.SETUP, at=now)
    hits = queries.search(session, "ALPHA")
    assert [(hit.client_id, hit.debtor_id is not None) for hit in hits] == [(there.alpha.id, True)]


def test_the_list_of_debtors_turns_its_pages_both_ways(
    session: Session, there: People, now: datetime
) -> None:
    everyone = [row.id for row in queries.debtors(session).rows]
    assert len(everyone) == 5
    first = queries.debtors(session, page=page_request(limit=2))
    second = queries.debtors(session, page=page_request(limit=2, after=first.next))
    third = queries.debtors(session, page=page_request(limit=2, after=second.next))
    read = [row.id for page in (first, second, third) for row in page.rows]
    assert read == everyone
    assert (first.previous, third.next) == (None, None)
    back = queries.debtors(session, page=page_request(limit=2, before=third.previous))
    assert back.rows == second.rows


def test_two_debtors_of_one_name_are_both_listed(
    session: Session, there: People, now: datetime
) -> None:
    for siren in ("399887058", "776655060", "332211077"):
        details = CompanyDetails("Jumeaux SARL", siren=siren)
        parties.register_debtor(session, details=details, by=people.SETUP, at=now)
    first = queries.debtors(session, text="jumeaux", page=page_request(limit=2))
    second = queries.debtors(session, text="jumeaux", page=page_request(limit=2, after=first.next))
    sirens = [row.siren for row in (*first.rows, *second.rows)]
    assert sirens == ["399887058", "776655060", "332211077"]


def test_lists_are_narrowed(session: Session, there: People) -> None:
    def names(**narrow: object) -> list[str]:
        return [row.name for row in queries.clients(session, **narrow).rows]  # type: ignore[arg-type]

    assert names() == [people.ALPHA.name, people.BRAVO.name]
    assert names(text="brav") == [people.BRAVO.name]
    assert names(text="8123") == [people.ALPHA.name]
    assert names(text="alpha metal") == [people.ALPHA.name]
    assert names(text="100%") == []
    assert names(account_manager_id=there.alice.id, segment="gold") == []
    assert queries.clients(session).rows[0].account_manager == "Alice Martin"
    assert len(queries.debtors(session, insolvent=False, segment="new").rows) == 5
    assert queries.debtors(session, insolvent=True).rows == ()


def test_a_file_shows_identity_accounts_contacts_and_history(
    session: Session, there: People
) -> None:
    client = queries.client_file(session, there.alpha.id)
    assert client.company.vat_number == people.ALPHA.vat_number
    assert [account.state for account in client.accounts] == ["confirmed"]
    assert {event.verb for event in client.history} == {
        "register", "add_account", "confirm_account",
    }  # fmt: skip
    assert [event.id for event in client.history] == sorted(
        (event.id for event in client.history), reverse=True
    )
    debtor = queries.debtor_file(session, there.durand.id)
    assert [contact.email for contact in debtor.contacts] == ["compta@debiteur.example"]
    for ask in (queries.client_file, queries.debtor_file, queries.company):
        with pytest.raises(NotFound):
            ask(session, 0)


def test_names_and_ids_are_read_by_number(session: Session, there: People) -> None:
    assert queries.client_names(session, [there.alpha.id, 0]) == {there.alpha.id: people.ALPHA.name}
    assert queries.client_names(session, []) == {}
    assert queries.company_of_client(session, there.alpha.id) == there.alpha.company_id
    assert queries.company_of_debtor(session, there.leroy.id) == there.leroy.company_id
    assert queries.client_by_code(session, " alpha ") == there.alpha.id
    assert parties.find_by_siren(session, "999999999") is None
