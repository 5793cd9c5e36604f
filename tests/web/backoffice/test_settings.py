"""What the factor sets for itself: who it is, and what its documents then carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cessio import contracts
from cessio.house import BeyondAuthority
from cessio.kernel.calendar import value_date
from cessio.plumbing.database import transaction
from cessio.plumbing.i18n import use_language
from cessio.receivables.rules import DisputeReason
from cessio.statements import queries as statements
from cessio.web.words import choices, label
from tests.web.backoffice.desk import counted, make_desk

PATH = "/backoffice/settings"
TOLD = {
    "firm": "Cessio Affacturage SA", "legal": "Société de financement agréée par l’ACPR",
    "siren": "552 100 554", "street": "12 rue de la Paix", "post_code": "75002", "city": "Paris",
}  # fmt: skip


def test_the_factors_identity_is_said_once_and_printed_from_then_on(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    eva = desk.visit(desk.book.people.eva)
    with transaction(engine) as session:
        before = statements.parties_of(session, contract_id=desk.book.alpha)
    assert before.factor_name == "Cessio Factor"
    wrong = eva.post(f"{PATH}/identity", data={**TOLD, "siren": "552 100 555"})
    assert wrong.status_code == 422
    assert "552 100 555" in wrong.text
    assert eva.post(f"{PATH}/identity", data=TOLD).status_code == 303
    assert desk.denis.post(f"{PATH}/identity", data=TOLD).status_code == 403
    again = {**TOLD, "street": "14 rue de la Paix"}
    assert eva.post(f"{PATH}/identity", data=again).status_code == 303
    with transaction(engine) as session:
        after = statements.parties_of(session, contract_id=desk.book.alpha)
    assert after.factor_name == "Cessio Affacturage SA"
    assert "SIREN 552" in after.factor_legal
    assert after.factor_address == ("14 rue de la Paix", "75002 Paris")
    with counted(engine) as seen:
        page = eva.get(f"{PATH}/factor")
    assert len(seen) <= 50
    assert "14 rue de la Paix" in page.text
    journal = desk.visit(desk.book.people.karine).get("/backoffice/audit").text
    assert "Identity of the factor set" in journal


TEXT = f"{PATH}/texts/notice_of_assignment"
ATTACKS = (
    "{{ 7*7 }}", "{% for x in range(9999999) %}x{% endfor %}", "{client.__class__}",
    "{client:>99999999}", "{client!r}", "{password}", "<script>alert(1)</script>{",
)  # fmt: skip


def test_a_text_is_changed_with_a_preview_and_the_house_can_have_its_words_back(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    eva = desk.visit(desk.book.people.eva)
    typed = {"language": "en", "subject": "Pay us, {client} told you",
             "body": "Dear {debtor},\n\n{?bic}BIC {bic}{/bic}"}  # fmt: skip
    shown = eva.post(f"{TEXT}/preview", data=typed)
    assert shown.status_code == 200
    assert "Dear Distribution Durand SA," in shown.text
    assert "Pay us, Alpha Métallerie SAS told you" in shown.text
    block = eva.post(f"{TEXT}/preview", data=typed,
                     headers={"hx-request": "true", "hx-target": "preview"})  # fmt: skip
    assert block.text.lstrip().startswith("<section")
    assert "<html" not in block.text

    assert eva.post(TEXT, data={**typed, "note": "Shorter"}).status_code == 303
    with counted(engine) as seen:
        page = eva.get(f"{TEXT}?language=en")
    assert len(seen) <= 50
    assert "Shorter" in page.text
    assert "Our own" in eva.get(f"{PATH}/texts").text
    assert "1 in our own words" in eva.get(PATH).text
    journal = desk.visit(desk.book.people.karine).get("/backoffice/audit").text
    assert "Words of a text changed" in journal
    assert eva.post(f"{TEXT}/house", data={"language": "en"}).status_code == 303
    assert "The words of the house, as the program came" in eva.get(f"{TEXT}?language=en").text


def test_no_text_can_hold_more_than_words_and_values(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    eva = desk.visit(desk.book.people.eva)
    for attack in ATTACKS:
        typed = {"language": "fr", "subject": "Bonjour", "body": attack}
        answer = eva.post(TEXT, data=typed)
        assert answer.status_code == 422, attack
        assert "<script>alert" not in answer.text
        assert eva.post(f"{TEXT}/preview", data=typed).status_code == 200
    split = {"language": "fr", "subject": "a\r\nBcc: all@example.org", "body": "x"}
    assert eva.post(TEXT, data=split).status_code == 422
    html = {"language": "fr", "subject": "Bonjour", "body": "<b>{client}</b><img src=x>"}
    shown = eva.post(f"{TEXT}/preview", data=html).text
    assert "&lt;img src=x&gt;" in shown
    assert "<img src=x>" not in shown
    assert desk.denis.get(PATH).status_code == 403
    assert desk.bruno.post(TEXT, data=html).status_code == 403
    assert eva.get(f"{PATH}/texts/nothing").status_code == 404


def test_a_day_closed_here_moves_value_dates_of_this_process(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    eva = desk.visit(desk.book.people.eva)
    form = {"day": "2026-11-17", "label": "Inventory"}
    assert eva.post(f"{PATH}/calendar", data=form).status_code == 303
    with counted(engine) as seen:
        page = eva.get(f"{PATH}/calendar")
    assert len(seen) <= 50
    assert "Inventory" in page.text
    assert value_date(now.date(), 1) == date(2026, 11, 18)
    assert eva.post(f"{PATH}/calendar", data=form).status_code == 422
    assert eva.post(f"{PATH}/calendar", data={**form, "day": "2026-11-10"}).status_code == 422
    rows = eva.get(f"{PATH}/calendar?format=csv").text
    assert "Inventory" in rows
    assert rows.count("2026-") == page.text.count('<th scope="row">')
    assert desk.denis.post(f"{PATH}/calendar", data=form).status_code == 403
    assert eva.post(f"{PATH}/calendar/open", data={"day": "2026-11-17"}).status_code == 303
    eva.get(PATH)
    assert value_date(now.date(), 1) == date(2026, 11, 17)


def test_a_reason_is_called_as_the_house_wants_and_no_longer_offered(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    eva = desk.visit(desk.book.people.eva)
    named = {"code": "price", "label_fr": "Prix", "label_en": "Price <b>contested</b>",
             "position": "0", "is_offered": "yes"}  # fmt: skip
    assert eva.post(f"{PATH}/reasons/dispute", data=named).status_code == 303
    page = eva.get(f"{PATH}/reasons/dispute")
    assert "Price &lt;b&gt;contested" in page.text
    with use_language("en"):
        assert label(DisputeReason.PRICE) == "Price <b>contested</b>"
    assert choices(DisputeReason)[0][0] == "price"
    retired = {**named, "code": "quality"}
    del retired["is_offered"]
    assert eva.post(f"{PATH}/reasons/dispute", data=retired).status_code == 303
    eva.get(PATH)
    assert "quality" not in dict(choices(DisputeReason))
    assert eva.post(f"{PATH}/reasons/dispute", data={**named, "code": "own"}).status_code == 422
    own = {**named, "code": "waits_advice"}
    assert eva.post(f"{PATH}/reasons/parking", data=own).status_code == 303
    assert eva.get(f"{PATH}/reasons").status_code == 200
    assert eva.get(f"{PATH}/reasons/nothing").status_code == 404


def test_beyond_an_amount_a_decision_is_refused_with_a_sentence(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    eva = desk.visit(desk.book.people.eva)
    amounts = {"role_account_manager": "1 000,00"}
    assert eva.post(f"{PATH}/authority/sign_facility", data=amounts).status_code == 303
    page = eva.get(f"{PATH}/authority")
    assert "€1,000.00" in page.text
    assert eva.post(f"{PATH}/authority/nothing", data={}).status_code == 404
    assert eva.post(f"{PATH}/authority/sign_facility",
                    data={"role_account_manager": "-1"}).status_code == 422  # fmt: skip
    with transaction(engine) as session:
        terms = contracts.terms_in_force(session, desk.book.alpha, now.date())
        more = replace(terms, facility_limit_minor=terms.facility_limit_minor + 1_000_00)
        with pytest.raises(BeyondAuthority):
            contracts.change_terms(
                session, contract_id=desk.book.alpha, effective_from=now.date(), terms=more,
                by=f"person:{desk.book.people.alice.id}", at=now,
            )  # fmt: skip
