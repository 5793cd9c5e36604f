"""The API does what the screens do: strictly, once per key, and each for its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine

from cessio import contracts
from cessio.contracts import Product, product_defaults
from cessio.identity import Scope
from cessio.identity.operations.tokens import issue_token
from cessio.identity.rules import may_use
from cessio.limits.operations import NewLimit
from cessio.plumbing.database import transaction
from cessio.plumbing.settings import Settings
from cessio.receivables.operations.limits import decide_limit
from tests import people
from tests.people import Named, People
from tests.reusing import filled, shared_app


@dataclass
class World:
    """An application with Alpha's contract, and one machine per person."""

    client: TestClient[Litestar]
    people: People
    contract_id: int
    tokens: dict[int, str]

    def get(self, path: str, who: Named) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self._headers(who))

    def post(self, path: str, who: Named, body: object, key: str = "k1") -> Any:
        return self.client.post(
            f"/api/v1{path}", json=body, headers=self._headers(who) | {"Idempotency-Key": key}
        )

    def raw(self, path: str, who: Named, body: bytes, **headers: str) -> Any:
        sent = self._headers(who) | {"Idempotency-Key": "raw", "Content-Type": "application/json"}
        return self.client.post(f"/api/v1{path}", content=body, headers=sent | headers)

    def _headers(self, who: Named) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who.id]}", "Accept-Language": "en"}

    def remittance(self, number: str = "FA-2026-001", minor: int = 12_000_00) -> dict[str, Any]:
        return {
            "contract_id": self.contract_id,
            "documents": [
                {"number": number, "issue_date": "2026-11-02", "due_date": "2026-12-17",
                 "amount_minor": minor, "debtor_id": self.people.durand.id}
            ],
        }  # fmt: skip


@pytest.fixture
def world(engine: Engine, now: datetime, tmp_path: Path) -> Iterator[World]:
    who, contract_id, tokens = filled(engine, ("api", now), lambda: _fill(engine, now))
    settings = Settings.load({"CESSIO_DATA_DIR": str(tmp_path)})
    with TestClient(shared_app(engine, settings, now=lambda: now)) as client:
        yield World(client, who, contract_id, tokens)


def _fill(engine: Engine, now: datetime) -> tuple[People, int, dict[int, str]]:
    with transaction(engine) as session:
        who = people.settle_in(session, at=now)
        terms = product_defaults(Product.FULL, facility_limit_minor=100_000_00,
                                 payout_approval_threshold_minor=50_000_00)  # fmt: skip
        contract_id = contracts.sign_contract(
            session, client_id=who.alpha.id, product=Product.FULL, terms=terms,
            signed_on=date(2026, 9, 1), by="system:setup", at=now,
        )  # fmt: skip
        limit = NewLimit(contract_id=contract_id, debtor_id=who.durand.id, amount_minor=60_000_00)
        decide_limit(session, limit=limit, by=who.chloe.by, at=now)
        holders = {who.fanny: Scope, who.helene: Scope, who.alice: Scope, who.denis: Scope,
                   who.eva: Scope, who.chloe: Scope, who.jules: Scope,
                   who.ines: Scope}  # fmt: skip
        tokens = {}
        for person, scopes in holders.items():
            held = [one for one in scopes if may_use(person.role, one)]
            tokens[person.id] = issue_token(
                session, person_id=person.id, name="tests", scopes=held,
                expires_at=now + timedelta(days=30), by=person.by, at=now,
            ).secret  # fmt: skip
    return who, contract_id, tokens


def test_a_remittance_is_sent_checked_confirmed_and_drawn_on(world: World) -> None:
    fanny = world.people.fanny
    made = world.post("/remittances", fanny, world.remittance())
    assert made.status_code == 201, made.text
    told = made.json()
    assert told["lines"]["rows"][0]["verdict"] == "accepted"
    number = told["remittance"]["remittance"]["id"]

    done = world.post(f"/remittances/{number}/submission", fanny, {})
    assert done.json()["state"] == "assigned", done.text
    path = f"/contracts/{world.contract_id}/availability"
    assert world.get(path, fanny).json()["available_minor"] == 10_713_60

    body = {"contract_id": world.contract_id, "amount_minor": 10_000_00}
    drawn = world.post("/drawdowns", fanny, body)
    assert drawn.json()["state"] == "granted"
    refused = world.post("/drawdowns", fanny, body, key="k2").json()
    assert (refused["state"], refused["reasons"][0]["code"]) == ("refused", "above_available")
    assert world.get(path, fanny).json()["available_minor"] == 713_60


def test_the_portfolio_and_the_kept_days_are_read_by_those_they_concern(world: World) -> None:
    alice, fanny, helene = world.people.alice, world.people.fanny, world.people.helene
    whole = world.get("/portfolio", alice).json()
    assert [row["contract_id"] for row in whole["rows"]] == [world.contract_id]
    assert whole["totals"]["EUR"]["outstanding_minor"] == 0
    assert world.get("/portfolio", fanny).json()["count"] == 1
    assert world.get("/portfolio", helene).json()["count"] == 0
    assert world.get(f"/portfolio?manager={alice.id}", alice).json()["count"] == 1
    days = f"/contracts/{world.contract_id}/figures?from_on=2026-11-01&to_on=2026-11-30"
    assert world.get(days, fanny).json() == {"days": []}
    assert world.get(days, helene).status_code == 404


def test_the_same_key_is_one_effect_and_another_body_a_conflict(world: World) -> None:
    fanny = world.people.fanny
    first = world.post("/remittances", fanny, world.remittance())
    again = world.post("/remittances", fanny, world.remittance())
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = world.post("/remittances", fanny, world.remittance(minor=1_00))
    assert other.status_code == 409
    assert other.headers["content-type"].startswith("application/problem+json")


def test_a_post_without_a_key_is_refused(world: World) -> None:
    answer = world.client.post(
        "/api/v1/remittances", json=world.remittance(),
        headers={"Authorization": f"Bearer {world.tokens[world.people.fanny.id]}"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_missing")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"contract_id": 1, "contract_id": 2, "documents": []}', 422),
        (b'{"contract_id": NaN, "documents": []}', 422),
        (b'{"contract_id": 1, "documents": [], "state": "assigned"}', 400),
        (b'{"contract_id": 1.5, "documents": []}', 400),
        (b'{"contract_id": 1', 422),
        (b"[" * 100_000, 422),
        (b'{"contract_id": 1, "documents": [{"number": "A\\u0000"}]}', 422),
        (b"", 422),
    ],
)
def test_json_that_others_let_pass_is_refused(world: World, body: bytes, status: int) -> None:
    answer = world.raw("/remittances", world.people.fanny, body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_text_plain_does_not_carry_json(world: World) -> None:
    answer = world.raw("/remittances", world.people.fanny, b"{}", **{"Content-Type": "text/plain"})
    assert answer.status_code == 415


def test_bravo_sees_nothing_of_alpha(world: World) -> None:
    made = world.post("/remittances", world.people.fanny, world.remittance()).json()
    number = made["remittance"]["remittance"]["id"]
    world.post(f"/remittances/{number}/submission", world.people.fanny, {})
    helene = world.people.helene
    for path in (
        f"/contracts/{world.contract_id}",
        f"/contracts/{world.contract_id}/availability",
        f"/contracts/{world.contract_id}/statement?from_on=2026-11-01&to_on=2026-11-30",
        f"/remittances/{number}",
        "/receivables/1",
        f"/clients/{world.people.alpha.id}",
        f"/contracts/{world.contract_id}/debtors/{world.people.durand.id}/limits",
    ):
        answer = world.get(path, helene)
        assert answer.status_code == 404, (path, answer.text)
        assert "FA-2026" not in answer.text
    assert "FA-2026" not in world.get("/receivables?status=any", helene).text
    body = {"contract_id": world.contract_id, "amount_minor": 1_00}
    assert world.post("/drawdowns", helene, body).status_code == 404


def test_nobody_without_a_token_and_no_scope_beyond_it(world: World) -> None:
    assert world.client.get("/api/v1/contracts").status_code == 401
    assert world.get("/bank-lines", world.people.fanny).status_code == 403
    assert world.post("/bank-lines/1/applications", world.people.fanny, {}).status_code == 403


def test_the_api_describes_itself_to_those_who_hold_a_token(world: World) -> None:
    told = world.get("/openapi.json", world.people.fanny).json()
    assert "/api/v1/remittances" in told["paths"]
    assert all(path.startswith("/api/v1/") for path in told["paths"])
    assert world.client.get("/api/v1/openapi.json").status_code == 401
    assert world.client.get("/api/v1/schema").status_code in (401, 404)


def test_a_statement_is_the_same_in_json_and_csv(world: World) -> None:
    fanny = world.people.fanny
    made = world.post("/remittances", fanny, world.remittance()).json()
    number = made["remittance"]["remittance"]["id"]
    world.post(f"/remittances/{number}/submission", fanny, {})
    path = f"/contracts/{world.contract_id}/statement?from_on=2026-11-01&to_on=2026-11-30"
    told = world.get(path, fanny).json()
    table = world.get(f"{path}&file_format=csv", fanny)
    assert table.headers["content-type"].startswith("text/csv")
    balance = told["current"]["lines"][-1]["balance_minor"]
    assert f"{balance // 100},{balance % 100:02d}" in table.text
