"""Every list of the back office: sorted by its heads, totalled, filed, paged, empty with words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from lxml import html
from sqlalchemy import text

from cessio import app
from cessio.plumbing.settings import Settings
from tests.counting import counted
from tests.sharing import Shelf
from tests.walking import NOW, Walk

#: The lists, with the role that reads each.
LISTS = {
    "/backoffice/clients": "account_manager", "/backoffice/debtors": "account_manager",
    "/backoffice/contracts": "account_manager", "/backoffice/portfolio": "account_manager",
    "/backoffice/remittances?state=all": "account_manager",
    "/backoffice/receivables": "account_manager", "/backoffice/disputes": "account_manager",
    "/backoffice/verifications": "account_manager", "/backoffice/signals?state=any":
    "account_manager", "/backoffice/replies?state=any": "account_manager",
    "/backoffice/collections/promises": "account_manager", "/backoffice/limits": "credit_analyst",
    "/backoffice/limits?state=answered": "credit_analyst",
    "/backoffice/limits/in-force": "credit_analyst", "/backoffice/groups": "credit_analyst",
    "/backoffice/bank": "cash_clerk", "/backoffice/bank/lines?state=open": "cash_clerk",
    "/backoffice/bank/matching/done?who=all": "cash_clerk",
    "/backoffice/bank/matching/payers": "cash_clerk",
    "/backoffice/funding/drawdowns": "treasury", "/backoffice/settlement/funds": "treasury",
    "/backoffice/settlement/financing": "treasury", "/backoffice/jobs": "auditor",
    "/backoffice/audit": "auditor", "/backoffice/users": "admin",
    "/backoffice/mappings": "account_manager",
}  # fmt: skip
#: Of these nothing is summed: work done, people, acts, shapes of files, names.
NO_SUMS = {
    "/backoffice/jobs", "/backoffice/audit", "/backoffice/users", "/backoffice/mappings",
    "/backoffice/bank/matching/payers",
}  # fmt: skip


@pytest.fixture(scope="module")
def walk(shelf: Shelf) -> Iterator[Walk]:
    """The small demonstration."""
    with shelf.walked() as engine:
        yield Walk(app.build(engine, Settings.load({}), now=lambda: NOW), engine)


def _rows(page: str) -> list[list[str]]:
    """The lines of the first table with heads that sort."""
    for table in html.fromstring(page).iter("table"):
        if "sort=" in html.tostring(table.find("thead"), encoding="unicode"):
            return [[" ".join(cell.text_content().split()) for cell in line]
                    for line in table.findall("tbody/tr") if len(line) > 1]  # fmt: skip
    raise AssertionError("no table sorts")


@pytest.mark.parametrize("path", LISTS)
def test_a_list_sorts_by_its_heads_and_is_filed_as_shown(walk: Walk, path: str) -> None:
    browser = walk.browser(LISTS[path])
    page = browser.get(path)
    assert page.status_code == 200
    heads = {
        unescape(one) for one in re.findall(r'<th[^>]*><a href="([^"]*sort=[^"]*)"', page.text)
    }
    assert heads
    for address in heads:
        for wanted in (address, re.sub(r"sort=-?", "sort=-", address)):
            with counted(walk.engine) as statements:
                answer = browser.get(wanted)
            assert answer.status_code == 200, wanted
            assert len(statements) <= 50, wanted
            assert 'aria-sort="' in answer.text, wanted
            assert len(_rows(answer.text)) == len(_rows(page.text)), wanted
    filed = browser.get(f"{path}{'&' if '?' in path else '?'}format=csv")
    assert filed.headers["content-disposition"].startswith("attachment")
    if path not in NO_SUMS and _rows(page.text):
        assert "<tfoot>" in page.text


def test_the_lists_of_companies_add_up_to_the_ledger(walk: Walk) -> None:
    with walk.engine.connect() as connection:
        owed = connection.execute(text(
            "SELECT sum(balance_minor) FROM ledger_account WHERE kind = 'RECEIVABLE'"
        )).scalar_one()  # fmt: skip
    browser = walk.browser("account_manager")
    for path in ("/backoffice/clients", "/backoffice/debtors"):
        page = browser.get(path).text
        foot = html.fromstring(page).find(".//tfoot/tr")
        assert foot is not None
        assert int(re.sub(r"\D", "", foot[-1].text_content())) == owed
        shown = [int(re.sub(r"\D", "", row[-1]) or 0) for row in _rows(page)]
        narrow = browser.get(f"{path}?q=zzzz")
        assert "<tfoot>" not in narrow.text
        by_amount = _rows(browser.get(f"{path}?sort=-{_amount(path)}").text)
        largest = [int(re.sub(r"\D", "", row[-1]) or 0) for row in by_amount]
        assert largest == sorted(largest, reverse=True)
        assert max(shown) <= largest[0]


def _amount(path: str) -> str:
    return "owed" if path.endswith("debtors") else "outstanding"


def test_a_cursor_of_another_order_is_told(walk: Walk) -> None:
    browser = walk.browser("account_manager")
    page = browser.get("/backoffice/debtors?sort=owed").text
    cursor = re.search(r"after=([\w-]+)", page)
    assert cursor is not None
    for sort in ("name", "owed"):
        answer = browser.get(f"/backoffice/debtors?sort={sort}&after={cursor[1]}")
        assert answer.status_code == (422 if sort == "name" else 200)


def test_the_journal_calls_things_by_their_names(walk: Walk) -> None:
    browser = walk.browser("auditor")
    for kind, address in (
        ("client", "/backoffice/clients/"),
        ("receivable", "/backoffice/receiv"),
        ("limit", "/backoffice/limits/pairs/"),
        ("company", "/backoffice/"),
    ):
        with counted(walk.engine) as statements:
            page = browser.get(f"/backoffice/audit?subject={kind}")
        assert len(statements) <= 50
        linked = re.findall(r'<span class="sub">[^<]*<a href="([^"]+)">([^<]+)</a>', page.text)
        assert linked or kind == "receivable"
        for href, name in linked[:3]:
            assert href.startswith(address)
            assert name.strip()
            assert browser.get(unescape(href)).status_code == 200
    oldest = browser.get("/backoffice/audit?sort=at").text
    assert oldest != browser.get("/backoffice/audit").text
    assert "after=" in oldest


def test_no_key_means_two_things_on_what_the_queue_opens(walk: Walk) -> None:
    """Of each kind that waits for each desk, one is opened from Today: its keys differ."""
    kinds = set()
    for role in ("account_manager", "credit_analyst", "cash_clerk", "treasury"):
        browser = walk.browser(role)
        today = html.fromstring(browser.get("/backoffice").text)
        for row in today.iterfind(".//tbody/tr"):
            link = row.find("th/a")
            named = row.xpath("string(.//span[contains(@class, 'badge')])").strip()
            if link is None or (role, named) in kinds:
                continue
            kinds.add((role, named))
            answer = browser.get(link.get("href"))
            if answer.status_code != 200:
                continue
            main = html.fromstring(answer.text).find(".//main")
            assert main is not None
            keys = [one.get("data-hotkey") for one in main.iterfind(".//*[@data-hotkey]")]
            twice = {key for key in keys if keys.count(key) > 1}
            assert not twice, (role, named, link.get("href"), twice)
    assert len(kinds) > 5
