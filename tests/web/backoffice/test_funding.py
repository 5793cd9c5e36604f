"""From a drawdown to the bank's word: a second person decides, an order is sealed and answered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cessio import contracts, funding
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.plumbing.database import transaction
from tests.banking.test_formats_pain002 import payment, report
from tests.counting import counted
from tests.web.backoffice.desk import Desk, make_desk, money_out

PATH = "/backoffice/funding"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path, payout_approval_threshold_minor=5_000_00)


def drawn(desk: Desk, minor: int) -> int:
    with transaction(desk.engine) as session:
        answer = funding.request_drawdown(
            session, contract_id=desk.book.alpha, amount_minor=minor,
            by=desk.book.people.fanny.by, at=desk.now,
        )  # fmt: skip
    assert answer.state in ("requested", "granted"), answer.reasons
    return answer.drawdown_id


def state(desk: Desk, drawdown_id: int) -> str:
    with transaction(desk.engine) as session:
        return queries.drawdown_view(session, drawdown_id=drawdown_id).state


def seen(text: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', text)
    assert found is not None
    return found.group(1)


def sealed(desk: Desk, *drawdown_ids: int) -> str:
    answer = desk.bruno.post(
        f"{PATH}/orders",
        data={"account": desk.account_id, "execute_on": "2026-11-16",
              "drawdown": [str(number) for number in drawdown_ids]},
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_second_person_decides_on_exactly_what_was_shown(desk: Desk) -> None:
    number = drawn(desk, 6_000_00)
    shown = desk.bruno.get(f"{PATH}/{number}").text
    done = desk.bruno.post(
        f"{PATH}/{number}/decision",
        data={"answer": "approve", "seen": seen(shown), "reason": ""},
    )
    assert done.status_code == 303
    assert state(desk, number) == "granted"


def test_a_decision_on_something_else_is_refused(desk: Desk) -> None:
    number = drawn(desk, 6_000_00)
    for hashed in ("00" * 32, "not hexadecimal"):
        answer = desk.bruno.post(
            f"{PATH}/{number}/decision", data={"answer": "approve", "seen": hashed, "reason": ""}
        )
        assert answer.status_code == 422
    assert state(desk, number) == "requested"


def test_a_refusal_says_why_and_gives_the_money_back(desk: Desk) -> None:
    number = drawn(desk, 6_000_00)
    form = {"answer": "reject", "seen": seen(desk.bruno.get(f"{PATH}/{number}").text)}
    silent = desk.bruno.post(f"{PATH}/{number}/decision", data={**form, "reason": ""})
    assert silent.status_code == 422
    assert "Say why you refuse" in silent.text
    said = desk.bruno.post(f"{PATH}/{number}/decision", data={**form, "reason": "doubt"})
    assert said.status_code == 303
    assert state(desk, number) == "refused"
    with transaction(desk.engine) as session:
        whole = queries.availability(session, contract_id=desk.book.alpha, on=desk.today)
    assert whole.drawings_net_minor == 0


def test_other_terms_since_it_was_asked_are_said_and_leave_a_refusal(desk: Desk) -> None:
    number = drawn(desk, 6_000_00)
    with transaction(desk.engine) as session:
        held = contracts.terms_in_force(session, desk.book.alpha, desk.today)
        contracts.change_terms(
            session, contract_id=desk.book.alpha, effective_from=desk.today, at=desk.now,
            terms=replace(held, value_days_out=held.value_days_out + 1), by="system:setup",
        )  # fmt: skip
    page = desk.bruno.get(f"{PATH}/{number}").text
    assert "What it depends on has changed since it was asked" in page
    assert 'value="approve"' not in page
    form = {"seen": seen(page), "reason": "other terms"}
    assert desk.bruno.post(f"{PATH}/{number}/decision",
                           data={**form, "answer": "approve"}).status_code == 422  # fmt: skip
    assert desk.bruno.post(f"{PATH}/{number}/decision",
                           data={**form, "answer": "reject"}).status_code == 303  # fmt: skip


def test_figures_that_moved_while_looking_are_looked_at_again(desk: Desk) -> None:
    number = drawn(desk, 6_000_00)
    looked = desk.bruno.get(f"{PATH}/{number}").text
    assert "Available now, this amount taken" in looked
    drawn(desk, 10_00)
    yes = {"answer": "approve", "seen": seen(looked), "reason": ""}
    again = desk.bruno.post(f"{PATH}/{number}/decision", data=yes)
    assert again.status_code == 422
    assert "have moved since you looked" in again.text
    done = desk.bruno.post(f"{PATH}/{number}/decision", data={**yes, "seen": seen(again.text)})
    assert done.status_code == 303


def test_the_clerk_sees_and_does_not_decide(desk: Desk) -> None:
    number = drawn(desk, 6_000_00)
    assert "Your decision" not in desk.denis.get(f"{PATH}/{number}").text
    assert desk.denis.post(f"{PATH}/{number}/decision").status_code == 403


def test_an_order_is_sealed_sent_and_confirmed_by_the_bank_statement(desk: Desk) -> None:
    number = drawn(desk, 4_000_00)
    address = sealed(desk, number)
    assert desk.bruno.get(f"{address}/file").status_code == 409  # one signature is none
    assert desk.bruno.post(f"{address}/sending").status_code == 409
    desk.sign(address)
    first, again = (desk.bruno.get(f"{address}/file") for _ in range(2))
    assert b"pain.001.001.09" in first.content
    assert first.content == again.content
    assert desk.bruno.post(f"{address}/sending").status_code == 303
    assert desk.bruno.post(f"{address}/sending").status_code == 409
    with transaction(desk.engine) as session:
        name = queries.drawdown_view(session, drawdown_id=number).end_to_end_id or ""
    desk.receive(money_out(desk, 4_000_00, name))
    assert state(desk, number) == "paid"
    assert "The bank answered by its statements." in desk.bruno.get(address).text


def test_a_rejection_of_the_bank_gives_the_money_back(desk: Desk) -> None:
    kept, lost = drawn(desk, 1_000_00), drawn(desk, 2_000_00)
    address = sealed(desk, kept, lost)
    with transaction(desk.engine) as session:
        order = bank.order(session, order_id=int(address.rsplit("/", 1)[1]))
        names = [one.end_to_end_id or ""
                 for one in queries.orders_drawdowns(session, order_id=order.order_id)]  # fmt: skip
    data = report(payment(names[0], "ACSC"), payment(names[1], "RJCT", "AC04"),
                  name=order.message_id)  # fmt: skip
    answer = desk.bruno.post(
        f"{address}/answers", files={"file": ("answer.xml", data, "application/xml")}
    )
    assert answer.status_code == 303, answer.text
    assert sorted([state(desk, kept), state(desk, lost)]) == ["paid", "rejected"]
    shown = desk.bruno.get(address).text
    assert "AC04" in shown
    assert "The bank accepted 1 and rejected 1." in shown


def test_an_order_without_payouts_or_on_a_closed_day_is_refused(desk: Desk) -> None:
    number = drawn(desk, 1_000_00)
    nothing = desk.bruno.post(
        f"{PATH}/orders", data={"account": desk.account_id, "execute_on": "2026-11-16"}
    )
    assert nothing.status_code == 422
    assert "Choose at least one payout" in nothing.text
    sunday = desk.bruno.post(
        f"{PATH}/orders",
        data={"account": desk.account_id, "execute_on": "2026-11-22", "drawdown": str(number)},
    )
    assert sunday.status_code == 422
    assert state(desk, number) == "granted"


def test_the_pages_ask_little_of_the_database(desk: Desk) -> None:
    numbers = [drawn(desk, 500_00 + step) for step in range(6)]
    address = sealed(desk, *numbers[:3])
    for path in (PATH, f"{PATH}/{numbers[0]}", address):
        with counted(desk.engine) as statements:
            assert desk.bruno.get(path).status_code == 200
        assert len(statements) <= 50


def test_a_payee_its_bank_does_not_recognise_waits_for_a_second_person(desk: Desk) -> None:
    address = sealed(desk, drawn(desk, 1_000_00))
    assert "1 payee is not verified" in desk.bruno.get(address).text
    answer = {"payee": "0", "outcome": "no_match"}
    assert desk.bruno.post(f"{address}/payees", data={**answer, "payee": "7"}).status_code == 422
    assert desk.bruno.post(f"{address}/payees", data=answer).status_code == 303
    desk.sign(address)
    assert desk.ines.post(f"{address}/sending").status_code == 409
    assert desk.ines.get(f"{address}/file").status_code == 409
    check = re.search(r'<option value="(\d+)"[^>]*>Alpha', desk.ines.get(address).text)
    assert check is not None
    said = {"check": check.group(1), "why": "Mme Weber of the bank, 16/11 at 10:40."}
    assert desk.bruno.post(f"{address}/payees/acceptance", data=said).status_code == 422
    assert desk.ines.post(f"{address}/payees/acceptance", data=said).status_code == 303
    assert "Mme Weber" in desk.ines.get(address).text
    assert desk.ines.post(f"{address}/sending").status_code == 303
