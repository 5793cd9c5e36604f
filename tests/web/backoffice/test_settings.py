"""What the factor sets for itself: who it is, and what its documents then carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from sqlalchemy import Engine, func, literal_column, select, text

from cessio import contracts
from cessio.contracts.queries import ContractView
from cessio.house import BeyondAuthority
from cessio.identity import queries as identity
from cessio.kernel.calendar import value_date
from cessio.plumbing.database import transaction
from cessio.plumbing.i18n import use_language
from cessio.receivables.rules import DisputeReason
from cessio.statements import queries as statements
from cessio.statements.formats.files import Parties
from cessio.web.words import choices, label
from tests.counting import counted
from tests.web.agreed import agree
from tests.web.backoffice.desk import Desk, make_desk

PATH = "/backoffice/settings"
TOLD = {
    "firm": "Cessio Affacturage SA", "legal": "Société de financement agréée par l’ACPR",
    "siren": "552 100 554", "street": "12 rue de la Paix", "post_code": "75002", "city": "Paris",
}  # fmt: skip


def test_the_factors_identity_is_what_two_people_said_and_is_printed_from_then_on(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    eva, karine = desk.visit(desk.book.people.eva), desk.visit(desk.book.people.karine)
    assert _printed(engine, desk).factor_name == "Cessio Factor"
    wrong = eva.post(f"{PATH}/identity", data={**TOLD, "siren": "552 100 555"})
    assert wrong.status_code == 422
    assert "552 100 555" in wrong.text
    assert desk.denis.post(f"{PATH}/identity", data=TOLD).status_code == 403
    agree(karine, eva.post(f"{PATH}/identity", data=TOLD))
    again = {**TOLD, "street": "14 rue de la Paix"}
    asked = eva.post(f"{PATH}/identity", data=again)
    assert _printed(engine, desk).factor_address == ("12 rue de la Paix", "75002 Paris")
    shown = html.fromstring(karine.get(asked.headers["location"]).content)
    [line] = shown.xpath("//tbody/tr[th='Street']")
    assert [cell.text_content() for cell in line.xpath("td")] == [
        "12 rue de la Paix", "14 rue de la Paix"]  # fmt: skip
    agree(karine, asked)
    after = _printed(engine, desk)
    assert after.factor_name == "Cessio Affacturage SA"
    assert "SIREN 552" in after.factor_legal
    assert after.factor_address == ("14 rue de la Paix", "75002 Paris")
    with counted(engine) as seen:
        page = eva.get(f"{PATH}/factor")
    assert len(seen) <= 50
    assert "14 rue de la Paix" in page.text
    assert eva.post(f"{PATH}/identity", data=again).status_code == 422  # nothing changes
    assert "Identity of the factor set" in karine.get("/backoffice/audit").text


def _printed(engine: Engine, desk: Desk) -> Parties:
    with transaction(engine) as session:
        return statements.parties_of(session, contract_id=desk.book.alpha)


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
    late = {"payout_until": "14:45", "payout_place": "Europe/Paris"}
    there = f"{PATH}/calendar/cut-offs/payout"
    assert eva.post(there, data=late).status_code == 303
    assert eva.post(there, data={**late, "payout_until": "25:99"}).status_code == 422
    assert eva.post(f"{PATH}/calendar/cut-offs/nothing", data=late).status_code == 404
    assert 'value="14:45"' in eva.get(f"{PATH}/calendar").text
    assert "14:45" in desk.bruno.get("/backoffice/funding").text
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
    karine = desk.visit(desk.book.people.karine)
    agree(karine, eva.post(f"{PATH}/authority/sign_facility", data=amounts))
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
                by=desk.book.people.alice.by, at=now,
            )  # fmt: skip


def test_a_product_is_named_priced_and_signed(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    eva, alice = desk.visit(desk.book.people.eva), desk.visit(desk.book.people.alice)
    grid = {"code": "STD", "name_fr": "Standard", "name_en": "Standard list",
            "effective_from": "2026-11-16", "kind_0": "payout", "from_0": "", "flat_0": "8,00",
            "rate_0": "", "kind_1": "", "from_1": "", "flat_1": "", "rate_1": ""}  # fmt: skip
    made = eva.post(f"{PATH}/fees", data=grid)
    karine = desk.visit(desk.book.people.karine)
    agree(karine, made)
    grid_id = str(made_id(engine, "fee_grid"))
    assert eva.post(f"{PATH}/fees", data={**grid, "flat_0": ""}).status_code == 422
    assert "€8.00" in eva.get(f"{PATH}/fees/{grid_id}").text

    form = typed(eva.get(f"{PATH}/products/new?kind=full").text)
    form |= {"code": "SME", "name_fr": "PME", "name_en": "For small firms", "fee_grid": grid_id,
             "commission_rate": "0,45"}  # fmt: skip
    made = eva.post(f"{PATH}/products", data=form)
    agree(karine, made)
    place = f"{PATH}/products/{made_id(engine, 'offer')}"
    with counted(engine) as seen:
        page = eva.get(place)
    assert len(seen) <= 50
    assert "0.45%" in page.text
    assert eva.post(f"{PATH}/products", data=form).status_code == 422
    assert alice.post(f"{PATH}/products", data=form).status_code == 403

    client = contract_of(engine, desk.book.alpha).client_id
    start = alice.get(f"/backoffice/contracts/new?client={client}")
    assert "For small firms" in start.text
    offer = place.rpartition("/")[2]
    signing = typed(
        alice.get(f"/backoffice/contracts/new?client={client}&product=offer-{offer}").text
    )
    assert signing["commission_rate"].startswith("0")
    answer = alice.post("/backoffice/contracts", data=signing)
    agree(desk.visit(desk.book.people.chloe), answer)
    signed = contract_of(engine, made_id(engine, "contract"))
    assert (str(signed.offer_id), str(signed.fee_grid_id)) == (offer, grid_id)
    assert signed.reference in eva.get(place).text
    assert eva.post(f"{place}/retired", data={"retire": "yes"}).status_code == 303
    assert "For small firms" not in alice.get(f"/backoffice/contracts/new?client={client}").text


def made_id(engine: Engine, table: str) -> int:
    """What was added last."""
    with transaction(engine) as session:
        return int(session.scalar(select(func.max(literal_column("id"))).select_from(text(table))))


def contract_of(engine: Engine, contract_id: int) -> ContractView:
    with transaction(engine) as session:
        return contracts.contract(session, contract_id)


def typed(page: str) -> dict[str, Any]:
    """What the form of a page would send as it stands."""
    form = next(one for one in html.fromstring(page).forms
                if one.method == "POST" and len(one.fields) > 20)  # fmt: skip
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    del sent["csrf_token"]
    return {name: values[0] if len(values) == 1 else values for name, values in sent.items()}


def test_a_team_an_absence_and_a_portfolio(engine: Engine, now: datetime, tmp_path: Path) -> None:
    desk = make_desk(engine, now, tmp_path)
    eva = desk.visit(desk.book.people.eva)
    alice, jules = desk.book.people.alice.id, desk.book.people.jules.id
    assert eva.post(f"{PATH}/teams", data={"team": "Lyon"}).status_code == 303
    assert eva.post(f"{PATH}/teams", data={"team": "LYON"}).status_code == 422
    with transaction(engine) as session:
        team = identity.teams(session)[0].id
    assert eva.post(f"{PATH}/teams/{team}", data={"person": str(alice)}).status_code == 303
    away = {"substitute": str(jules), "from_on": "2026-11-16", "to_on": "2026-11-20"}
    page = f"{PATH}/teams/people/{alice}"
    assert eva.post(f"{page}/absences", data=away).status_code == 303
    assert eva.post(f"{page}/absences", data=away).status_code == 422
    client = contract_of(engine, desk.book.alpha).client_id
    given = {"part": "account_manager", "to": str(jules), "client": [str(client)]}
    assert eva.post(f"{page}/clients", data=given).status_code == 303
    assert eva.post(f"{page}/clients", data={**given, "client": []}).status_code == 422
    with counted(engine) as seen:
        shown = eva.get(f"{PATH}/teams")
    assert len(seen) <= 50
    assert "Lyon" in shown.text
    assert "replaced by" in shown.text
    assert "Alpha Métallerie" in eva.get(f"{PATH}/teams/people/{jules}").text
    assert "1 away today" in eva.get(PATH).text
    assert desk.denis.post(f"{PATH}/teams", data={"team": "X"}).status_code == 403


def test_one_person_is_read_changed_and_signed_out(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    people = desk.book.people
    eva, denis = desk.visit(people.eva), desk.denis
    page = f"/backoffice/users/{people.denis.id}"
    with counted(engine) as seen:
        shown = eva.get(page)
    assert len(seen) <= 50
    assert "Denis" in shown.text
    with transaction(engine) as session:
        their = identity.open_sessions(session, people.denis.id, now)
    assert eva.post(f"{page}/sessions/{their[0].id}/end").status_code == 303
    assert denis.get("/backoffice").status_code in (303, 401)
    role = {"name": "Denis Roux", "role": "treasury", "language": "en"}
    assert eva.post(page, data=role).status_code == 422
    assert eva.post(page, data={**role, "why": "Moves to treasury"}).status_code == 303
    shown = eva.get(page).text
    assert "Moves to treasury" in shown
    assert "Signed in nowhere" in shown
    own = {"name": "Eva", "role": "auditor", "language": "en", "why": "tired"}
    assert eva.post(f"/backoffice/users/{people.eva.id}", data=own).status_code == 422
    assert eva.post(page, data={**role, "role": "signatory", "why": "x"}).status_code == 422
    assert desk.bruno.get(page).status_code == 403
