"""A standing instruction from the client's page: foreseen, given, looked at, refused in words."""

from __future__ import annotations

from cessio.funding import queries, request_drawdown
from cessio.funding.rules import Instruction, StandingMode
from cessio.plumbing.database import transaction
from tests.receivables.books import assigned, invoice
from tests.web.portal.conftest import Portal

PAGE = "/portal/funding/standing"
EMPTY = {"above": "", "reserve": "", "minimum": "", "paused_until": ""}


def held(portal: Portal) -> Instruction:
    with transaction(portal.engine) as session:
        contract_id = portal.book.alpha
        day = queries.next_run_day(session, portal.now)
        return queries.standing_on(session, contract_id=contract_id, on=day).said


def test_a_signatory_sees_what_it_would_do_then_gives_it(portal: Portal) -> None:
    fanny = portal.fanny
    page = fanny.get(PAGE).text
    assert "Nothing is drawn by itself" in page
    wanted = {**EMPTY, "mode": "daily", "reserve": "1,000.00"}
    looked = fanny.post(PAGE, data={**wanted, "look": "yes"})
    assert looked.status_code == 200
    assert "Nothing is saved yet" in looked.text
    assert held(portal) == Instruction()
    answer = fanny.post(PAGE, data=wanted)
    assert answer.status_code == 303
    assert held(portal) == Instruction(mode=StandingMode.DAILY, reserve_minor=1_000_00)
    page = fanny.get(PAGE).text
    assert "all you can draw above €1,000.00" in page
    assert "Fanny" in page
    assert fanny.get("/portal/funding").text.count("Standing instruction") >= 1


def test_what_cannot_be_meant_is_said_beside_its_field(portal: Portal) -> None:
    fanny = portal.fanny
    for sent, words in (
        ({"mode": "weekdays"}, "Choose one weekday at least"),
        ({"mode": "above"}, "Say above which amount we draw"),
        ({"mode": "daily", "paused_until": "2026-11-01"}, "A pause ends after today"),
        ({"mode": "off"}, "nothing changes"),
    ):
        answer = fanny.post(PAGE, data={**EMPTY, **sent})
        assert (answer.status_code, words in answer.text) == (422, True), sent
    assert held(portal) == Instruction()


def test_only_a_signatory_instructs(portal: Portal) -> None:
    operator = portal.visit(portal.book.people.gilles)
    assert operator.get(PAGE).status_code == 200
    assert '<form class="form"' not in operator.get(PAGE).text
    assert operator.post(PAGE, data={**EMPTY, "mode": "daily"}).status_code == 403
    assert held(portal) == Instruction()


def test_funds_received_are_found_sorted_added_up_and_taken_as_a_file(portal: Portal) -> None:
    """By the reference that the bank shows, by state and day; a file of exactly that."""
    fanny, book = portal.fanny, portal.book
    with transaction(portal.engine) as session:
        assigned(session, book, portal.now, invoice(book, "F-1", 9_000_00))
        for minor in (100_00, 300_00):
            request_drawdown(session, contract_id=book.alpha, amount_minor=minor,
                             by=book.people.fanny.by, at=portal.now)  # fmt: skip
    page = fanny.get("/portal/funding?sort=amount").text
    assert page.index("€100.00") < page.index("€300.00") < page.index("€400.00")
    first = fanny.get("/portal/funding?q=d0000000001").text
    assert "1 drawdown<" in first
    told = fanny.get("/portal/funding?state=refused&format=csv").text
    assert "D0000000001" not in told
    told = fanny.get("/portal/funding?from=2026-11-16&format=csv").text
    assert told.count("D000000000") == 2
    assert "No drawdown here" in fanny.get("/portal/funding?to=2026-11-15").text
