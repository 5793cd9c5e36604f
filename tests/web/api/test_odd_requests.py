"""Whatever is sent to the API, by whomever holds a token: an answer or a problem, never a fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.people import Named
from tests.web.api.test_api import World, world

__all__ = ["world"]

#: What a field may be given instead of what it is for.
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**18, 10**19, 10**400, "", " ", "x" * 10_000, "é\u202e\ud7ff",
    "2026-02-30", "9999-12-31", "0001-01-01", "NaN", "1e999999", "0x10", [], [[]], {},
    {"a": {"b": []}},
)  # fmt: skip
RAW = (
    b"", b"null", b"[]", b"1", b'"text"', b"{", b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1,"a":1}',
    b'\xff\xfe{"a":1}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b"\xef\xbb\xbf{}", b'{"a":1}garbage',
    b"{" * 60_000, b'{"unknown_field": 1}',
)  # fmt: skip
QUERIES = (
    "before=x", "after=x", "after=-1", "limit=0", f"limit={10**30}", f"before={10**30}",
    "before=1&before=2", "contract_id=%FF", "status=nope", "as_of=never", "as_of=9999-12-31",
    "from_on=2026-01-01&to_on=2025-01-01", "from_on=x&to_on=y", "q=%00", "number=%00", "verdict=x",
    "file_format=exe", "index=libor", "open=maybe", "preview=true",
)  # fmt: skip


def described(world: World) -> dict[str, Any]:
    told: dict[str, Any] = world.get("/openapi.json", world.people.alice).json()
    return told


def address(path: str, number: int = 1) -> str:
    filled = path
    while "{" in filled:
        start, end = filled.index("{"), filled.index("}")
        filled = filled[:start] + str(number) + filled[end + 1 :]
    return filled.removeprefix("/api/v1")


def bodies(told: dict[str, Any], operation: dict[str, Any]) -> Iterator[bytes]:
    """Every field of a body in turn made odd, the others left plausible."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    name = str(schema.get("$ref", "")).rsplit("/", 1)[-1]
    fields = told["components"]["schemas"].get(name, {}).get("properties", {})
    plain = {field: 1 if "id" in field or "minor" in field else "2026-11-10" for field in fields}
    for field in fields:
        for value in ODD:
            yield json.dumps({**plain, field: value}).encode()


def holds(answer: Any, told: str) -> None:
    assert answer.status_code < 500, f"{told}: {answer.status_code} {answer.text[:300]}"
    if answer.status_code >= 400:
        assert answer.headers["content-type"].startswith("application/problem+json"), told
        assert answer.json()["code"], told


def people_of(world: World) -> tuple[Named, Named]:
    return world.people.alice, world.people.fanny


def test_every_field_of_every_body_may_be_odd(world: World) -> None:
    told = described(world)
    sent = 0
    for path, methods in told["paths"].items():
        if "post" not in methods:
            continue
        for body in bodies(told, methods["post"]):
            sent += 1
            answer = world.raw(address(path), people_of(world)[sent % 2], body)
            holds(answer, f"POST {path} {body[:200]!r}")
    assert sent > 500


def test_every_route_may_get_a_body_that_is_none(world: World) -> None:
    told = described(world)
    for path, methods in told["paths"].items():
        for body in RAW if "post" in methods else ():
            answer = world.raw(address(path), world.people.alice, body)
            holds(answer, f"POST {path} {body[:60]!r}")
        for media in ("text/plain", "application/xml", "application/x-www-form-urlencoded",
                      "multipart/form-data; boundary=x", "application/json; charset=utf-16",
                      "nonsense", ""):  # fmt: skip
            if "post" in methods:
                answer = world.raw(
                    address(path), world.people.alice, b'{"a": 1}', **{"Content-Type": media}
                )
                holds(answer, f"POST {path} as {media}")
                assert answer.status_code >= 400, f"{path} took a body said to be {media!r}"


def test_every_address_may_ask_odd_questions(world: World) -> None:
    told = described(world)
    for path, methods in told["paths"].items():
        if "get" not in methods:
            continue
        for number in (0, 1, 10**12, 10**30):
            holds(world.get(address(path, number), world.people.alice), f"GET {path} of {number}")
        for place, query in enumerate(QUERIES, start=len(path)):
            who = people_of(world)[place % 2]
            holds(world.get(f"{address(path)}?{query}", who), f"GET {path}?{query}")


def test_every_operation_is_described(world: World) -> None:
    told = described(world)
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary") or operation.get("description"), f"{method} {path}"
            assert operation.get("tags"), f"{method} {path}"


def test_the_whole_line_of_work_is_offered(world: World) -> None:
    offered = {
        f"{method} {path.removeprefix('/api/v1')}"
        for path, methods in described(world)["paths"].items()
        for method in methods
    }
    assert offered >= {
        "post /remittances", "get /remittances/{remittance_id}/effect",
        "post /remittances/{remittance_id}/submission", "get /contracts/{contract_id}/availability",
        "post /drawdowns", "post /drawdowns/{drawdown_id}/decision", "post /payment-orders",
        "get /payment-orders/{order_id}/file", "post /payment-orders/{order_id}/answers",
        "post /bank-statements", "get /bank-lines", "post /bank-lines/{line_id}/applications",
        "post /applications/{application_id}/undo", "get /contracts/{contract_id}/statement",
        "post /limits", "post /limit-requests", "post /receivables/{receivable_id}/disputes",
        "post /disputes/{dispute_id}/end", "post /fixings",
    }  # fmt: skip


@pytest.mark.parametrize("field", ["contract_id", "amount_minor"])
def test_a_problem_names_the_field(world: World, field: str) -> None:
    body = {"contract_id": world.contract_id, "amount_minor": 1_00, field: "much"}
    answer = world.post("/drawdowns", world.people.fanny, body)
    assert 400 <= answer.status_code < 500
    assert field in answer.text


def test_no_token_no_answer(world: World) -> None:
    client: TestClient[Any] = world.client
    for path in described(world)["paths"]:
        assert client.get(f"/api/v1{address(path)}").status_code in (401, 405)
