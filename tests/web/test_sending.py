"""Files that leave while they are made: whole, of one instant, and broken off rather than cut."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import fastexcel
import pytest
from litestar import Litestar, Request, Response, get
from litestar.datastructures import State
from litestar.testing import TestClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cessio.plumbing import xlsx
from cessio.web import errors, sending
from cessio.web.exports import Column, export
from cessio.web.requests import DEPENDENCIES, Db

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
#: More than what an answer holds back before it begins to leave.
LINES = 3_200


def numbers(session: Session, *, last: int = LINES, size: int = 400) -> Iterator[tuple[int, int]]:
    """The numbers to a last one, each asked of the database, and how many accounts it has."""
    for first in range(1, last + 1, size):
        rows = session.execute(
            text("SELECT n, (SELECT count(*) FROM factor_account) FROM generate_series"
                 "(CAST(:first AS int), CAST(:last AS int)) AS n"),
            {"first": first, "last": min(first + size - 1, last)},
        )  # fmt: skip
        yield from ((row[0], row[1]) for row in rows)


@pytest.fixture
def site(engine: Engine) -> Iterator[TestClient[Litestar]]:
    """A list of numbers as a file, and one that fails in its middle."""

    def opened(name: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(
                "INSERT INTO factor_account (name, iban, bic, holder, currency, opened_at,"
                " opened_by) VALUES (:name, :name, 'B', 'H', 'EUR', now(), 'system:setup')"),
                {"name": name})  # fmt: skip

    @get("/numbers", sync_to_thread=True)
    def list_numbers(request: Request[Any, Any, Any], session: Db) -> Response[Any]:
        last = int(request.query_params.get("last", LINES))

        def rows() -> Iterator[tuple[int, int]]:
            for number, count in numbers(session, last=last):
                if number == 2_000 and "opens" in request.query_params:
                    opened("meanwhile")
                if number == 2_000 and "fails" in request.query_params:
                    raise RuntimeError("the disk is gone")
                yield number, count

        return export(
            request, request.query_params["format"], "numbers",
            [Column("Number", "number"), Column("Accounts", "number")], rows(), at=AT,
            title="Numbers", count=int(request.query_params.get("count", 0)),
        )  # fmt: skip

    state = State({"engine": engine, "clock": lambda: AT})
    made = Litestar([list_numbers], dependencies=DEPENDENCIES, state=state,
                    exception_handlers=errors.EXCEPTION_HANDLERS)  # fmt: skip
    with TestClient(made, raise_server_exceptions=False) as client:
        client.headers["accept"] = "application/json"
        yield client


def lines(answer: Any) -> list[list[str]]:
    content = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))


def busy(engine: Engine) -> int:
    return int(engine.pool.checkedout())  # type: ignore[attr-defined]


def test_a_long_list_leaves_in_pieces_and_every_line_arrives_once(
    site: TestClient[Litestar], engine: Engine
) -> None:
    answer = site.get("/numbers?format=csv")
    assert "content-length" not in answer.headers
    assert [int(row[0]) for row in lines(answer)[1:]] == list(range(1, LINES + 1))
    assert busy(engine) == 0


@pytest.mark.parametrize("last", [0, 1, 499, 500, 501, 1_000, 1_001])
def test_no_line_is_lost_where_pieces_meet(site: TestClient[Litestar], last: int) -> None:
    found = lines(site.get(f"/numbers?format=csv&last={last}"))
    assert [int(row[0]) for row in found[1:]] == list(range(1, last + 1))


def test_a_file_is_of_one_instant_whatever_happens_meanwhile(
    site: TestClient[Litestar], engine: Engine
) -> None:
    found = lines(site.get("/numbers?format=csv&opens=1"))
    assert {row[1] for row in found[1:]} == {"0"}
    with Session(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM factor_account")) == 1


def test_a_file_that_fails_is_broken_off_and_lets_go_of_everything(
    site: TestClient[Litestar], engine: Engine
) -> None:
    for _ in range(sending.AT_ONCE + 1):
        with pytest.raises(Exception, match="after response started"):
            TestClient(site.app).get("/numbers?format=csv&fails=1")
        assert busy(engine) == 0
    assert len(lines(site.get("/numbers?format=csv"))) == LINES + 1


def test_what_is_not_read_to_its_end_is_let_go(site: TestClient[Litestar], engine: Engine) -> None:
    made: list[sending.Sending] = []

    def pieces() -> Any:
        with Session(engine) as session:
            for number, _count in numbers(session):
                yield str(number).encode()

    one = sending.Sending(pieces(), lambda: made.clear())
    made.append(one)
    assert one.piece() == b"1"
    assert busy(engine) == 1
    one.close()
    one.close()
    assert (busy(engine), made) == (0, [])


def test_more_large_files_than_one_process_makes_are_refused_in_words(
    site: TestClient[Litestar],
) -> None:
    taken = [sending._places.acquire(blocking=False) for _ in range(sending.AT_ONCE)]
    try:
        answer = site.get("/numbers?format=csv")
        assert answer.status_code == 409
        assert "redemandez dans une minute" in answer.text
        assert site.get("/numbers?format=csv&last=10").status_code == 200
    finally:
        assert all(taken)
        for _ in taken:
            sending._places.release()


def test_a_workbook_is_made_beside_memory_and_what_no_sheet_holds_is_offered_as_csv(
    site: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "IN_MEMORY", 10_000)
    answer = site.get("/numbers?format=xlsx")
    sheet = fastexcel.read_excel(answer.content).load_sheet(0)
    assert sheet.height == LINES
    told = site.get(f"/numbers?format=xlsx&count={xlsx.MAX_ROWS}")
    assert told.status_code == 422
    assert "demandez un CSV" in told.text
    monkeypatch.setattr(xlsx, "MAX_ROWS", 1_000)
    assert site.get("/numbers?format=xlsx").status_code == 422
