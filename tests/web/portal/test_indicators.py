"""The client chooses its indicators and their order, and they tell the figures of its books."""

from __future__ import annotations

from cessio.plumbing import formats
from tests.counting import counted
from tests.web.portal.conftest import Portal

NONE = dict.fromkeys(
    ("dso", "aged_balance", "payment_rates", "delay_by_amount", "dilution", "concentration",
     "forecast"), "",
)  # fmt: skip


def test_all_indicators_are_there_at_first(portal: Portal, first: int) -> None:
    with counted(portal.engine) as ran:
        shown = portal.fanny.get("/portal/indicators")
    assert shown.status_code == 200
    assert len(ran) <= 50
    for name in NONE:
        assert f'id="{name}"' in shown.text
    assert formats.money(1_800_00, "EUR", code="en") in shown.text


def test_the_reader_chooses_which_and_in_what_order(portal: Portal, first: int) -> None:
    fanny = portal.fanny
    refused = fanny.post("/portal/indicators/choice", data=NONE)
    assert refused.status_code == 422
    assert "at least one" in refused.text
    chosen = {**NONE, "dilution": "1", "aged_balance": "2"}
    assert fanny.post("/portal/indicators/choice", data=chosen).status_code == 303
    shown = fanny.get("/portal/indicators").text
    assert shown.index('id="dilution"') < shown.index('id="aged_balance"')
    assert 'id="dso"' not in shown
    gilles = portal.visit(portal.book.people.gilles)
    assert 'id="dso"' in gilles.get("/portal/indicators").text


def test_a_place_that_is_none_is_refused(portal: Portal) -> None:
    answer = portal.fanny.post("/portal/indicators/choice", data={**NONE, "dso": "9"})
    assert answer.status_code == 422
