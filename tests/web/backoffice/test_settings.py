"""What the factor sets for itself: who it is, and what its documents then carry."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from cessio.plumbing.database import transaction
from cessio.statements import queries as statements
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
