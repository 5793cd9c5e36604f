"""The portfolio cockpit: its totals are the ledger's, its files what is shown, its cost fixed."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from cessio.contracts import queries as contracts
from cessio.funding import queries as funding
from cessio.funding.operations import keep_day
from cessio.kernel.calendar import business_date
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from cessio.web import cockpit
from cessio.web.backoffice import contracts as contract_pages
from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office

PAGE = "/backoffice/portfolio"


def foot_of(page: str) -> str:
    return page[page.index("<tfoot>") : page.index("</tfoot>")]


def owed(office: Office) -> int:
    """What debtors owe, as the ledger has it."""
    with transaction(office.engine) as session:
        balances = ledger.trial_balance(session)
    return sum(minor for (kind, _), minor in balances.items() if kind is AccountKind.RECEIVABLE)


def shows(page: str, minor: int) -> bool:
    return any(formats.money(minor, "EUR", code=code) in page for code in ("en", "fr"))


def test_the_outstanding_in_the_foot_is_the_ledgers(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice, counted(office.engine) as statements:
        page = alice.get(PAGE).text
    assert len(statements) <= MOST_STATEMENTS
    foot = page[page.index("<tfoot>") :]
    assert shows(foot, owed(office))
    assert shows(foot, 2_850_00)
    assert f"/backoffice/remittances?contract={office.book.alpha}&amp;state=submitted" in page


def test_a_large_portfolio_is_summed_from_the_ledger_and_the_kept_day(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = business_date(office.now) - timedelta(days=1)
    monkeypatch.setattr(cockpit, "LIVE_MOST", 0)
    with transaction(office.engine) as session:
        on = business_date(office.now)
        terms = contracts.terms_of_all(session, on)
        book = funding.book_availability(session, on=on)
        assert keep_day(session, on=yesterday, found=book, terms=terms, at=office.now) == 2
        assert keep_day(session, on=yesterday, found=book, terms=terms, at=office.now) == 0
    with office.sits(office.book.people.alice) as alice, counted(office.engine) as statements:
        page = alice.get(PAGE).text
    assert len(statements) <= MOST_STATEMENTS
    foot = page[page.index("<tfoot>") :]
    assert shows(foot, owed(office))
    assert formats.date(yesterday, code="fr") in foot


def test_a_long_list_of_contracts_is_paged_with_figures_of_now_and_a_foot_of_the_kept_day(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = business_date(office.now) - timedelta(days=1)
    with office.sits(office.book.people.alice) as alice:
        whole = alice.get("/backoffice/contracts").text
        monkeypatch.setattr(contract_pages, "SHOWN", 1)
        short = alice.get("/backoffice/contracts").text
        assert "1 sur 2" in short
        assert foot_of(short) == foot_of(whole)
        with transaction(office.engine) as session:
            on = business_date(office.now)
            terms = contracts.terms_of_all(session, on)
            book = funding.book_availability(session, on=on)
            keep_day(session, on=yesterday, found=book, terms=terms, at=office.now)
        monkeypatch.setattr(contract_pages, "LIVE_MOST", 1)
        with counted(office.engine) as statements:
            first = alice.get("/backoffice/contracts").text
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following is not None
        second = alice.get(following[1]).text
    assert len(statements) <= MOST_STATEMENTS
    for page, name, other in ((first, "Alpha", "Bravo"), (second, "Bravo", "Alpha")):
        body = page[page.index("<tbody>") : page.index("</tbody>")]
        assert name in body
        assert other not in body
        row = body[body.index("<tr>") : body.index("</tr>")]
        assert row in whole  # as of now
        assert shows(foot_of(page), owed(office))
        assert formats.date(yesterday, code="fr") in foot_of(page)
    assert 'rel="next"' not in second


def test_a_file_has_the_rows_of_the_page_and_their_sum(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        answer = alice.get(f"{PAGE}?format=csv&sort=client")
        assert alice.get(f"{PAGE}?format=xlsx").status_code == 200
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text else ","))
    assert [row["Encours"] for row in rows] == ["2400,00", "450,00"]


def test_filters_keep_what_has_such_work(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        assert "1 sur 1" in alice.get(f"{PAGE}?waiting=remittances").text
        assert "0 sur 0" in alice.get(f"{PAGE}?waiting=overdrawn").text
        assert "0 sur 0" in alice.get(f"{PAGE}?q=nobody").text
        for sort in cockpit.ORDERS:
            assert alice.get(f"{PAGE}?sort=-{sort}").status_code == 200


def test_those_without_clients_see_everybodys(office: Office) -> None:
    with office.sits(office.book.people.karine) as auditor:
        page = auditor.get(PAGE).text
    assert "2 sur 2" in page
    assert "Mes clients" not in page
