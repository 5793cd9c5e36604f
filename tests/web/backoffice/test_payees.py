"""What banks say of the payees: taken from a file on the page, or asked for by the gateway."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cessio.plumbing import payee_gateway
from cessio.plumbing.jobs import run_pending
from cessio.worker import load_jobs
from tests.funding.test_payee_answers import CSV, bank
from tests.people import ALPHA
from tests.web.backoffice.desk import Desk, make_desk

PAGE = "/backoffice/funding/payees"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    load_jobs()
    return make_desk(engine, now, tmp_path)


def test_a_file_of_answers_is_taken_and_shown(desk: Desk) -> None:
    answer = desk.bruno.post(f"{PAGE}/answers", files={"file": ("answers.csv", CSV)})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    page = desk.bruno.get(PAGE).text
    assert "Answers kept: 2; known before: 0; about nobody we pay: 1." in page
    assert "BRAVO TEXTILES" in page
    again = json.dumps([{"name": ALPHA.name, "iban": ALPHA.iban, "outcome": "NMTC"}]).encode()
    assert desk.ines.post(
        f"{PAGE}/answers", files={"file": ("answers.json", again)}
    ).status_code == 303  # fmt: skip
    assert "Answers kept: 1" in desk.ines.get(PAGE).text


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "The file is empty"), (b"name,iban\nA,B\n", "one column each"), (b"[", "no JSON"),
     (b"name,iban,outcome\n=1+1,<b>x</b>,YES\n", "YES")],
)  # fmt: skip
def test_a_file_that_is_no_answer_changes_nothing_and_says_why(
    desk: Desk, content: bytes, said: str
) -> None:
    before = desk.bruno.get(PAGE).text
    answer = desk.bruno.post(f"{PAGE}/answers", files={"file": ("a.csv", content)})
    assert answer.status_code == 422
    assert said in answer.text
    assert "<b>x</b>" not in answer.text
    assert desk.bruno.get(PAGE).text.count("<tr") == before.count("<tr")


def test_only_treasury_takes_answers_and_asks(desk: Desk) -> None:
    karine = desk.visit(desk.book.people.karine)
    assert karine.post(f"{PAGE}/answers", files={"file": ("a.csv", CSV)}).status_code == 403
    assert karine.post(f"{PAGE}/questions").status_code == 403


def test_the_bank_is_asked_where_a_gateway_is_set(desk: Desk) -> None:
    assert desk.bruno.post(f"{PAGE}/questions").status_code == 422
    assert f"{PAGE}/questions" not in desk.bruno.get(PAGE).text
    with bank() as (gateway, heard):
        payee_gateway.use(gateway)
        try:
            assert f"{PAGE}/questions" in desk.bruno.get(PAGE).text
            assert desk.bruno.post(f"{PAGE}/questions").status_code == 303
            run_pending(desk.engine)
        finally:
            payee_gateway.use(None)
    [question] = heard
    assert ALPHA.iban in {one["iban"] for one in question["payees"]}
    with desk.engine.connect() as connection:
        kept = connection.execute(text("SELECT count(*) FROM payee_check WHERE source = 'gateway'"))
        assert kept.scalar_one() == len(question["payees"])
