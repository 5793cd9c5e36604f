"""Search everywhere: whatever people have in hand leads to the thing, within what they may see."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, text

from cessio import funding
from cessio.plumbing.database import transaction
from tests.counting import counted
from tests.people import DURAND
from tests.web.backoffice.desk import Desk, make_desk, money_in

PATH = "/backoffice/search"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    made = make_desk(engine, now, tmp_path)
    made.receive(money_in(made, 3_210_99, "VIREMENT", name="CENTRALE DE PAIEMENT", iban=None))
    return made


def opened(desk: Desk, words: str) -> str:
    """Where a question leads when there is one answer; else the page."""
    answer = desk.bruno.get(f"{PATH}?q={quote(words)}")
    return answer.headers["location"] if answer.status_code == 303 else answer.text


@pytest.mark.parametrize("words", ["FA-1001", "fa1001", "fa 1001"])
def test_an_invoice_opens_by_its_number_however_it_is_written(desk: Desk, words: str) -> None:
    assert opened(desk, words).startswith("/backoffice/receivables/")


def test_the_beginning_of_a_number_lists_what_begins_so(desk: Desk) -> None:
    page = opened(desk, "FA-100")
    for number in ("FA-1001", "FA-1002", "FA-1003"):
        assert number in page
    assert "BT-77" not in page


def test_a_company_is_found_by_name_with_a_slip_by_siren_and_by_iban(desk: Desk) -> None:
    durand = f"/backoffice/debtors/{desk.book.people.durand.id}"
    siren = DURAND.details.siren or ""
    assert durand in opened(desk, "Distribition Durand")
    assert durand in opened(desk, siren)
    assert durand in opened(desk, f"{siren[:3]} {siren[3:6]} {siren[6:]}")
    assert durand in opened(desk, DURAND.iban or "")


@pytest.mark.parametrize("words", ["3210,99", "3 210,99 €", "3 210.99"])
def test_an_amount_finds_the_movement_of_the_bank(desk: Desk, words: str) -> None:
    assert opened(desk, words).startswith("/backoffice/bank/lines/")


def test_an_amount_finds_the_invoices_of_it(desk: Desk) -> None:
    assert opened(desk, "8000,00").startswith("/backoffice/receivables/")


def test_references_open_their_remittance_and_their_payout(desk: Desk) -> None:
    with transaction(desk.engine) as session:
        drawn = funding.request_drawdown(
            session, contract_id=desk.book.alpha, amount_minor=1_000_00,
            by=desk.book.people.fanny.by, at=desk.now,
        )  # fmt: skip
        reference = session.scalar(text("SELECT reference FROM contract ORDER BY id LIMIT 1"))
        name = session.scalar(text("SELECT end_to_end_id FROM drawdown"))
    assert opened(desk, f"{reference}-00001").startswith("/backoffice/remittances/")
    assert opened(desk, str(name)) == f"/backoffice/funding/{drawn.drawdown_id}"


def test_what_one_may_not_see_is_not_searched(desk: Desk) -> None:
    chloe = desk.visit(desk.book.people.chloe)
    page = chloe.get(f"{PATH}?q=3210,99")
    assert "CENTRALE" not in page.text
    assert page.headers.get("location", "") == ""


@pytest.mark.parametrize(
    "words", ["", "x", "zzzzzz", "%", "__", "'", "1e400", "9" * 100, "\\", "NaN"]
)
def test_any_text_is_answered_and_an_empty_answer_says_what_to_try(desk: Desk, words: str) -> None:
    answer = desk.bruno.get(f"{PATH}?q={quote(words)}")
    assert answer.status_code == 200
    assert 'class="empty' in answer.text


def test_the_search_asks_little_of_the_database(desk: Desk) -> None:
    for words in ("FA-100", "Durand", "12000", "501234025"):
        with counted(desk.engine) as statements:
            desk.bruno.get(f"{PATH}?q={quote(words)}")
        assert len(statements) <= 50
