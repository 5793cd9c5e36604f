"""Dunning plans on screen: written, tried on the book, switched on, chosen for somebody."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

from cessio import collections
from cessio.collections import DunningChannel, Steps, queries
from cessio.collections.queries import letters
from cessio.collections.rules import Step
from cessio.plumbing.database import transaction
from tests.counting import counted
from tests.web.agreed import agree
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
        with office.sits(office.book.people.jules) as jules:
            agree(jules, switched)
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


def test_reminders_of_a_day_are_listed_read_and_taken_for_the_printer(office: Office) -> None:
    day, home = office.now.date(), "/backoffice/collections/letters"
    with transaction(office.engine) as session:
        due = (
            session.connection()
            .exec_driver_sql(
                "UPDATE company SET street = '1 rue du Port', city = 'Lyon' FROM debtor, receivable"
                " WHERE debtor.company_id = company.id AND receivable.debtor_id = debtor.id"
                " AND receivable.number = 'F-1' RETURNING receivable.due_date"
            )
            .scalar_one()
        )
        days = (day - due).days
        step = Step(days=days, channel=DunningChannel.LETTER, template="dunning_reminder")
        who = {"by": office.book.people.alice.by, "at": office.now}
        plan_id = collections.add_plan(session, name="Today", steps=Steps((step,)), **who)
        collections.choose_plan(session, plan_id=plan_id, contract_id=office.book.alpha, **who)
        version = queries.plan(session, plan_id).latest.id
        collections.switch_on(session, plan_id=plan_id, version_id=version, effective_from=day,
                              **{**who, "by": "system:setup"})  # fmt: skip
        assert collections.choose_day(session, on=day, **who)
        collections.write_letters(session, letter_ids=letters.unwritten(session, day), **who)
    with office.sits(office.book.people.alice) as alice:
        with counted(office.engine) as statements:
            page = alice.get(home).text
        assert len(statements) <= MOST_STATEMENTS
        found = re.search(rf'{home}/(\d+)"', page)
        assert found is not None
        one = f"{home}/{found[1]}"
        assert "F-1" in alice.get(one).text
        assert alice.get(f"{one}/pdf").content.startswith(b"%PDF")
        batch = alice.get(f"{home}/batch?format=zip&day={day}")
        with zipfile.ZipFile(io.BytesIO(batch.content)) as archive:
            *papers, manifest = archive.namelist()
            listed = archive.read(manifest).decode()
        assert [name in listed for name in papers] == [True] * len(papers)
        assert papers
        assert alice.get(f"{home}/batch?format=zip&day=2020-01-06").status_code == 404
        life = alice.get(f"/backoffice/receivables/{office.id_of('F-1')}").text
        assert one in life
        assert alice.post(f"{home}/run", data={}).status_code == 303
        assert alice.get(f"{home}?format=csv").status_code == 200
