"""Treasury in a real browser: run, two signatures, answer, what is unknown, reconciliation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cessio import funding
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.plumbing.database import transaction
from tests.banking.test_formats_pain002 import payment, report
from tests.browser import axe
from tests.browser.door import sign_in
from tests.browser.pictures import take
from tests.browser.test_main_job import open_day
from tests.people import Named
from tests.serving import lately, serve
from tests.web.backoffice.desk import Desk, make_desk, money_out

RUN = "/backoffice/funding"


@dataclass(frozen=True)
class Treasury:
    """A running server on the desk's database with two payouts granted."""

    address: str
    desk: Desk
    folder: Path
    drawn: tuple[int, int]

    def enter(self, page: Page, person: Named, language: str = "fr") -> None:
        sign_in(page, self.address, self.desk.engine, person, home="/backoffice",
                language=language)  # fmt: skip

    def open(self, page: Page, path: str) -> None:
        """Go there: it fits, axe has nothing serious, and its pictures are kept when asked for."""
        answer = page.goto(f"{self.address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert axe.serious(page) == [], path
        take(page, "treasury-" + re.sub(r"\W+", "-", path.removeprefix("/backoffice/")))

    def state(self, drawdown_id: int) -> str:
        with transaction(self.desk.engine) as session:
            return queries.drawdown_view(session, drawdown_id=drawdown_id).state.value


@pytest.fixture
def treasury(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[Treasury]:
    at = lately()
    desk = make_desk(engine, at, tmp_path / "desk", payout_approval_threshold_minor=50_000_00)
    with transaction(engine) as session:
        drawn = tuple(
            funding.request_drawdown(session, contract_id=desk.book.alpha, amount_minor=minor,
                                     by=desk.book.people.fanny.by, at=at).drawdown_id
            for minor in (4_000_00, 1_500_00)
        )  # fmt: skip
    with serve(database_url, tmp_path) as address:
        yield Treasury(address, desk, tmp_path, (drawn[0], drawn[1]))


def test_a_run_is_signed_twice_answered_and_its_unknown_ended_by_two_people(
    treasury: Treasury, tab: Page, narrow: Page
) -> None:
    who = treasury.desk.book.people
    treasury.enter(tab, who.bruno)
    treasury.open(tab, RUN)
    tab.fill("#f-execute_on", open_day())
    tab.click("#seal button.btn.primary")
    tab.wait_for_url(re.compile(r"/funding/orders/\d+$"))
    order = tab.url.removeprefix(treasury.address)
    treasury.open(tab, order)
    expect(tab.locator("main")).to_contain_text("Vous avez signé")
    take(tab, "treasury-signed-once")
    expect(tab.locator("a[href$='/file']")).to_have_count(0)

    treasury.enter(tab, who.ines, "en")
    treasury.open(tab, order)
    expect(tab.locator("main")).to_contain_text("€5,500.00")
    tab.click("form[action$='/signatures'] button")
    with tab.expect_download() as taken:
        tab.click("a[href$='/file']")
    assert b"<CtrlSum>5500.00</CtrlSum>" in Path(taken.value.path()).read_bytes()
    tab.click("form[action$='/sending'] button")
    expect(tab.locator("main")).to_contain_text("2 payouts")
    answered(treasury, tab, int(order.rsplit("/", 1)[1]))
    unknown(treasury, tab)
    reconciled(treasury, tab)
    treasury.enter(narrow, who.ines)
    for path in (RUN, order, f"{RUN}/position", f"{RUN}/reconciliation", f"{RUN}/limits"):
        treasury.open(narrow, path)


def answered(treasury: Treasury, page: Page, order_id: int) -> None:
    """The bank answers for one payout, and says nothing of the other."""
    with transaction(treasury.desk.engine) as session:
        name = bank.order(session, order_id=order_id).message_id
        first = queries.drawdown_view(session, drawdown_id=treasury.drawn[0]).end_to_end_id
    file = treasury.folder / "pain002.xml"
    file.write_bytes(report(payment(first or "", "ACSC"), name=name))
    page.set_input_files("input[type=file]", file)
    page.click("form[action$='/answers'] button")
    expect(page.locator("#flashes")).to_contain_text("accepted 1")
    take(page, "treasury-answered")
    assert [treasury.state(one) for one in treasury.drawn] == ["paid", "ordered"]


def unknown(treasury: Treasury, page: Page) -> None:
    """Inès says it is not paid; she cannot confirm herself, Bruno does."""
    path = f"{RUN}/{treasury.drawn[1]}"
    treasury.open(page, path)
    page.check("#outcome input[value=not_paid]")
    page.fill("#outcome textarea", "Mrs Weber of the bank: refused this morning, account closed")
    page.click("#outcome form button.btn:not(.danger)")
    expect(page.locator("#outcome")).to_contain_text("Another person")
    take(page, "treasury-outcome-said")
    assert treasury.state(treasury.drawn[1]) == "ordered"
    treasury.enter(page, treasury.desk.book.people.bruno)
    treasury.open(page, path)
    page.click("#outcome button[value=approve]")
    expect(page.locator("#flashes")).to_be_visible()
    assert treasury.state(treasury.drawn[1]) == "rejected"


def reconciled(treasury: Treasury, page: Page) -> None:
    """What is paid and not debited is the ledger's; then the statement debits it."""
    treasury.open(page, f"{RUN}/reconciliation")
    expect(page.locator("main")).to_contain_text("Égal au compte de virements")
    expect(page.locator("main tfoot")).to_contain_text("4 000,00")
    with transaction(treasury.desk.engine) as session:
        name = queries.drawdown_view(session, drawdown_id=treasury.drawn[0]).end_to_end_id
    treasury.desk.receive(money_out(treasury.desk, 4_000_00, name or ""))
    treasury.open(page, f"{RUN}/reconciliation")
    expect(page.locator("main")).to_contain_text("Tout est débité")
    treasury.open(page, f"{RUN}/position")
