"""What was raised becomes a page, a fragment or a problem, and never tells what it should not."""

from __future__ import annotations

import pytest

from tests.web.pages import client


@pytest.mark.parametrize(
    ("name", "status"),
    [("missing", 404), ("late", 409), ("closed", 403), ("problems", 422), ("bug", 500)],
)
def test_each_error_has_its_status_in_every_shape(name: str, status: int) -> None:
    with client() as browser:
        page = browser.get(f"/raise/{name}", headers={"accept": "text/html"})
        fragment = browser.get(f"/raise/{name}", headers={"hx-request": "true"})
        problem = browser.get(f"/api/raise/{name}")
    assert [page.status_code, fragment.status_code, problem.status_code] == [status] * 3
    assert "<html" in page.text
    assert "<html" not in fragment.text
    assert fragment.headers["hx-retarget"] == "#flashes"
    assert problem.headers["content-type"].startswith("application/problem+json")
    assert problem.json()["status"] == status


def test_a_fault_of_ours_says_nothing_of_its_cause() -> None:
    with client() as browser:
        for path in ("/raise/bug", "/api/raise/bug"):
            answer = browser.get(path)
            assert "secret" not in answer.text
            assert "Traceback" not in answer.text


def test_the_values_of_an_error_are_escaped() -> None:
    with client() as browser:
        text = browser.get("/raise/problems").text
    assert "<b>" not in text
    assert "&lt;b&gt;" in text


def test_the_api_gets_every_problem_with_its_field() -> None:
    with client() as browser:
        body = browser.get("/api/raise/problems").json()
    assert [(one["code"], one["field"]) for one in body["errors"]] == [
        ("too_big", "amount"),
        ("no_date", "due"),
    ]
    assert body["errors"][0]["params"] == {"name": "<b>"}


def test_an_unknown_address_is_a_page_of_ours() -> None:
    with client() as browser:
        answer = browser.get("/nowhere", headers={"accept-language": "en"})
        method = browser.put("/list")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert method.status_code == 405


def test_who_accepts_json_only_gets_json() -> None:
    with client() as browser:
        answer = browser.get("/raise/late", headers={"accept": "application/json"})
    assert answer.json()["code"] == "late"
