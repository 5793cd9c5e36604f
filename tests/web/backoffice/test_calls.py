"""The collector's day: the late debtors of all clients, a call, its promise, the next one."""

from __future__ import annotations

from datetime import timedelta

from cessio.collections.operations.figures import keep_results
from cessio.collections.operations.insolvency import declare_insolvency
from cessio.collections.operations.recovery import hand_over
from cessio.collections.queries import calls
from cessio.collections.rules.insolvency import Judgment, Procedure
from cessio.kernel.calendar import ONE_DAY
from cessio.plumbing.database import transaction
from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office

HOME = "/backoffice/collections/calls"


def test_a_call_is_noted_with_its_promise_and_leaves_the_list(office: Office) -> None:
    later = office.now + timedelta(days=90)
    durand = office.book.people.durand.id
    with transaction(office.engine) as session:
        found = calls.to_call(session, on=later.date())
        assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)
        assert durand in {one.debtor_id for one in found}
    with office.sits(office.book.people.alice) as alice:
        with counted(office.engine) as statements:
            assert alice.get(HOME).status_code == 200
            assert "F-1" in alice.get(f"{HOME}/{durand}").text
        assert len(statements) <= 2 * MOST_STATEMENTS
        path = f"{HOME}/{durand}"
        assert alice.post(path, data={"outcome": "again"}).status_code == 422
        noted = alice.post(path, data={
            "outcome": "promised", "due_on": (office.now + timedelta(days=3)).date().isoformat(),
            "invoice": str(office.id_of("F-2")), "contact": "Mme Petit"})  # fmt: skip
        assert noted.status_code == 303, noted.text
        assert "Mme Petit" in alice.get(path).text
        assert alice.post(path, data={"outcome": "no_answer"}).status_code == 303
    with transaction(office.engine) as session:
        assert calls.made_on(session, office.now.date()) == 2
        assert durand not in {one.debtor_id for one in calls.to_call(session, on=office.now.date())}


def test_what_is_handed_over_or_insolvent_is_not_called_for_and_says_so(office: Office) -> None:
    later = (office.now + timedelta(days=90)).date()
    durand, jules = office.book.people.durand.id, office.book.people.jules
    told = {"debtor_id": durand, "by": jules.by, "at": office.now}

    def late() -> dict[int, int]:
        with transaction(office.engine) as session:
            return {one.debtor_id: one.late_minor for one in calls.to_call(session, on=later)}

    before = late()[durand]
    with transaction(office.engine) as session:
        hand_over(session, given_to="Me H", receivable_ids=[office.id_of("F-1")], **told)
    assert late()[durand] == before - 900_00
    with office.sits(jules) as browser:
        page = browser.get(f"{HOME}/{durand}").text
        assert "F-1<" not in page
        assert "F-2" in page
        assert "Remise au contentieux" in browser.get("/backoffice/receivables?number=F-1").text
        invoice = browser.get(f"/backoffice/receivables/{office.id_of('F-1')}").text
        assert "Remise au contentieux" in invoice
        with transaction(office.engine) as session:
            ids = [office.id_of("F-2"), office.id_of("B-1")]
            hand_over(session, given_to="Me H", receivable_ids=ids, **told)
        assert durand not in late()
        with transaction(office.engine) as session:
            judgment = Judgment(Procedure.LIQUIDATION, office.now.date(), None, None, None, ())
            declare_insolvency(session, judgment=judgment, **told)
        assert "Procédure collective" in browser.get("/backoffice/receivables?number=F-2").text


def test_the_results_are_shown_with_their_definitions_and_given_as_a_file(office: Office) -> None:
    home = "/backoffice/collections/results"
    with office.sits(office.book.people.alice) as alice:
        for by in ("plan", "collector", "segment"):
            assert "Jours gagnés" in alice.get(f"{home}?by={by}").text
            assert alice.get(f"{home}?by={by}&format=csv").status_code == 200
        assert "chiffres de la nuit" not in alice.get(home).text
        with transaction(office.engine) as session:
            keep_results(session, on=office.now.date() - ONE_DAY, at=office.now)
        assert "chiffres de la nuit" in alice.get(home).text
        assert alice.get(f"{home}?format=csv").status_code == 200
        assert "chiffres de la nuit" not in alice.get(f"{home}?from=2026-11-01").text
        odd = alice.get(f"{home}?by=x&from=2030-01-01&to=1999-01-01")
        assert odd.status_code == 200
