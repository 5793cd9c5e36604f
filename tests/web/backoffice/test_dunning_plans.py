"""Dunning plans on screen: written, tried on the book, switched on, chosen for somebody."""

from __future__ import annotations

from datetime import timedelta

from cessio.collections import queries
from cessio.plumbing.database import transaction
from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office

HOME = "/backoffice/collections/plans"


def typed(*rows: dict[str, str], **more: str) -> dict[str, str]:
    fields = {"catch_up_days": "5", "quiet_days": "3", **more}
    for place, row in enumerate(rows):
        blank = dict.fromkeys(("text", "min", "max", "segment", "language", "mode"), "")
        fields |= {f"{name}_{place}": value for name, value in (blank | row).items()}
    return fields


def test_a_plan_is_written_tried_and_switched_on(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        assert alice.get(HOME).status_code == 200
        assert 'value="-5"' in alice.get(f"{HOME}/new").text
        refused = alice.post(HOME, data=typed({"days": "3", "channel": "mail"}, name="Mild"))
        assert refused.status_code == 422
        assert "un courriel ou un courrier a un texte" in refused.text.casefold()
        rows = ({"days": "-30", "channel": "mail", "text": "dunning_before_due"},
                {"days": "1", "channel": "call"}, {"days": "", "channel": ""})  # fmt: skip
        made = alice.post(HOME, data=typed(*rows, name="Mild"))
        assert made.status_code == 303, made.text
        simulated = alice.get(made.headers["location"])
        assert simulated.status_code == 200
        with transaction(office.engine) as session:
            [plan] = [one for one in queries.plans(session) if one.name == "Mild"]
        day = (office.now + timedelta(days=1)).date().isoformat()
        path = f"{HOME}/{plan.id}"
        with counted(office.engine) as statements:
            page = alice.get(f"{path}/simulation?day={day}&show=mail").text
        assert len(statements) <= MOST_STATEMENTS
        assert "Rien n’est envoyé" in page
        switched = alice.post(f"{path}/switch", data={
            "version": str(plan.latest.id), "effective_from": day})  # fmt: skip
        assert switched.status_code == 303, switched.text
        past = {"version": str(plan.latest.id), "effective_from": "2020-01-01"}
        assert alice.post(f"{path}/switch", data=past).status_code != 303
        page = alice.get(path).text
        assert "en service à partir du" in page
        assert alice.post(path, data=typed(*rows[:2])).status_code == 422  # nothing changes
        assert alice.post(path, data=typed(rows[0])).status_code == 303
        assert "La version 2 est rédigée" in alice.get(path).text
        assert "Mild" in alice.get(HOME).text


def test_a_plan_is_chosen_for_a_client_a_contract_or_a_debtor(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        rows = ({"days": "1", "channel": "call"},)
        made = alice.post(HOME, data=typed(*rows, name="Calls only"))
        path = made.headers["location"].removesuffix("/simulation")
        assert alice.post(f"{path}/choices", data={
            "whom": "client", "reference": "NOBODY"}).status_code == 422  # fmt: skip
        with transaction(office.engine) as session:
            reference = session.connection().exec_driver_sql(
                "SELECT reference FROM contract ORDER BY id LIMIT 1").scalar_one()  # fmt: skip
        assert alice.post(f"{path}/choices", data={
            "whom": "contract", "reference": reference}).status_code == 303  # fmt: skip
        page = alice.get(path).text
        assert reference in page
        with transaction(office.engine) as session:
            [one] = [each for each in queries.choices(session) if each.name == reference]
        ended = alice.post(f"{HOME}/choices/{one.id}/end", data={})
        assert ended.headers["location"] == path


def test_who_only_reads_changes_no_plan(office: Office) -> None:
    with office.sits(office.book.people.karine) as karine:
        assert karine.get(HOME).status_code == 200
        assert karine.get(f"{HOME}/new").status_code == 403
        assert karine.post(HOME, data=typed(name="X")).status_code == 403
