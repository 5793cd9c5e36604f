"""Today: what waits for the person signed in, in order; deciding leads to the next."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import text

from cessio.plumbing import mail
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import enqueue
from cessio.plumbing.mail import Mail
from cessio.receivables.operations import open_dispute
from cessio.receivables.rules import DisputeReason
from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office

FIRST = re.compile(r'<a href="([^"]+)" data-hotkey="o"')


def opened(office: Office) -> None:
    """A dispute older than its contract lets it be."""
    with transaction(office.engine) as session:
        open_dispute(
            session, receivable_id=office.id_of("F-3"), reason=DisputeReason.PRICE,
            by=office.book.people.alice.by, at=office.now - timedelta(days=45),
        )  # fmt: skip
        session.execute(text("UPDATE dispute SET defunds_on = opened_on + 31"))


def test_each_sees_what_they_may_decide_and_nothing_else(office: Office) -> None:
    people = office.book.people
    remittance, request = f"/remittances/{office.waiting}?queue", f"request={office.request}&amp;"
    with office.sits(people.alice) as alice:
        page = alice.get("/backoffice").text
    assert remittance in page
    assert request not in page
    with office.sits(people.chloe) as chloe:
        page = chloe.get("/backoffice").text
    assert remittance not in page
    assert request in page
    with office.sits(people.karine) as auditor:
        page = auditor.get("/backoffice").text
    assert remittance not in page
    assert request not in page


def test_what_is_late_comes_first_and_deciding_leads_to_the_next(office: Office) -> None:
    opened(office)
    with office.sits(office.book.people.alice) as alice:
        with counted(office.engine) as statements:
            first = FIRST.search(alice.get("/backoffice").text)
        assert len(statements) <= MOST_STATEMENTS
        assert first is not None
        path = f"/backoffice/receivables/{office.id_of('F-3')}?queue=0"
        assert first.group(1) == path
        page = alice.get(path).text
        assert 'href="/backoffice/next?queue=1"' in page
        skipped = alice.get("/backoffice/next?queue=1").headers["location"]
        assert skipped == f"/backoffice/remittances/{office.waiting}?queue=1"
        ended = re.search(r'name="dispute" value="(\d+)"', page)
        assert ended is not None
        answer = alice.post(
            f"/backoffice/receivables/{office.id_of('F-3')}/disputes/end?queue=0",
            data={"dispute": ended.group(1), "outcome": "withdrawn"},
        )
        assert answer.headers["location"] == "/backoffice/next?queue=0"
        following = alice.get("/backoffice/next?queue=0").headers["location"]
        assert following == f"/backoffice/remittances/{office.waiting}?queue=0"
        taken = alice.post(f"/backoffice/remittances/{office.waiting}/acceptance?queue=0")
        assert taken.headers["location"] == "/backoffice/next?queue=0"
        assert "remittances" not in alice.get("/backoffice/next?queue=0").headers["location"]
        assert (
            alice.get("/backoffice/next?queue=49").headers["location"] == "/backoffice?scope=mine"
        )


def test_a_limit_decided_from_the_queue_leads_on_through_its_preview(office: Office) -> None:
    people = office.book.people
    form = {"request": str(office.request), "contract": str(office.book.alpha),
            "debtor": str(people.mercier.id), "kind": "cover", "amount": "2 000,00"}  # fmt: skip
    with office.sits(people.chloe) as chloe:
        shown = chloe.post("/backoffice/limits/decide?queue=0", data=form).text
        assert 'action="/backoffice/limits/decide?queue=0"' in shown
        done = chloe.post("/backoffice/limits/decide?queue=0", data={**form, "confirmed": "yes"})
    assert done.headers["location"] == "/backoffice/next?queue=0"


def test_an_item_put_off_leaves_ones_own_queue_until_its_day(office: Office) -> None:
    people, item = office.book.people, f"/backoffice/queue/remittance/{office.waiting}"
    shown = f"/backoffice/remittances/{office.waiting}?queue"
    with office.sits(people.alice) as alice:
        assert alice.get(item).status_code == 200
        late = {"until_on": "2026-11-16", "reason": "Waits for the proof of delivery"}
        assert alice.post(f"{item}/delay", data=late).status_code == 422
        kept = {**late, "until_on": "2026-11-20"}
        done = alice.post(f"{item}/delay?queue=0", data=kept)
        assert done.headers["location"] == "/backoffice/next?queue=0"
        assert shown not in alice.get("/backoffice").text
        page = alice.get("/backoffice?later=1").text
        assert shown in page
        assert "Waits for the proof of delivery" in page
        assert alice.post(f"{item}/return").status_code == 303
        assert shown in alice.get("/backoffice").text
        assert alice.post(f"{item}/return").status_code == 404


def test_an_item_handed_over_heads_the_colleagues_queue(office: Office) -> None:
    opened(office)
    people, item = office.book.people, "/backoffice/queue/dispute/1"
    shown = f"/backoffice/receivables/{office.id_of('F-3')}?queue"
    with office.sits(people.alice) as alice:
        nobody = alice.post(f"{item}/hands", data={"to_id": people.karine.id, "reason": "x"})
        assert nobody.status_code == 422
        given = alice.post(f"{item}/hands", data={"to_id": people.jules.id, "reason": "On leave"})
        assert given.status_code == 303, given.text
        assert shown not in alice.get("/backoffice").text
    with office.sits(people.jules) as jules:
        page = jules.get("/backoffice").text
        first = FIRST.search(page)
        assert first is not None
        assert first.group(1).startswith(shown)
        assert "On leave" in page
        assert jules.post(f"{item}/taking").status_code == 303


def test_a_queue_of_one_kind_leads_on_within_it(office: Office) -> None:
    opened(office)
    with office.sits(office.book.people.alice) as alice:
        page = alice.get("/backoffice?kind=remittance").text
        assert "F-3" not in page
        first = FIRST.search(page)
        assert first is not None
        path, place = first.group(1).split("?queue=")
        assert path == f"/backoffice/remittances/{office.waiting}"
        taken = alice.post(f"{path}/acceptance?queue={place}")
        following = alice.get(taken.headers["location"]).headers["location"]
    assert following == "/backoffice?scope=mine&kind=remittance"


def test_the_queue_costs_the_same_whatever_waits(office: Office) -> None:
    people = office.book.people
    for who in (people.alice, people.chloe, people.denis, people.bruno, people.eva):
        with office.sits(who) as someone, counted(office.engine) as statements:
            assert someone.get("/backoffice?scope=all").status_code == 200
        assert len(statements) <= MOST_STATEMENTS


def test_a_statement_that_failed_waits_for_who_closes_with_its_cause_and_runs_again(
    office: Office,
) -> None:
    with transaction(office.engine) as session:
        enqueue(session, kind="statements.period", key="x", by="system", at=office.now, payload={
            "contract_id": office.book.alpha, "from_on": "2026-10-01", "to_on": "2026-10-31",
            "rhythm": "monthly"})  # fmt: skip
        mail.post(session, Mail(to="compta@durand.example", subject="x", text="x"), key="y",
                  by="system", at=office.now)  # fmt: skip
        session.execute(text(
            "UPDATE job SET state = 'dead', finished_at = :at, attempts = max_attempts,"
            " error = 'no terms', error_code = 'period_order',"
            " error_params = '{\"template\": \"the period ends before it begins\"}'"
        ), {"at": office.now})  # fmt: skip
        number = session.scalar(text("SELECT id FROM job WHERE kind = 'statements.period'"))
        reference = session.scalar(text("SELECT reference FROM contract WHERE id = :id"),
                                   {"id": office.book.alpha})  # fmt: skip
    with office.sits(office.book.people.ines) as ines:
        page = ines.get("/backoffice?kind=job").text
        assert f"/backoffice/jobs/{number}?queue" in page
        for words in ("Relevé d’un contrat", reference, "01/10/2026", "31/10/2026"):
            assert words in page, words
        listed = ines.get("/backoffice/jobs").text
        assert "c•••@durand.example" in listed
        assert "compta@durand" not in listed
        shown = ines.get(f"/backoffice/jobs/{number}?queue=0").text
        assert reference in shown
        assert f"/backoffice/jobs/{number}/again" in shown
        assert ines.post(f"/backoffice/jobs/{number}/again").status_code == 303
        assert f"/backoffice/jobs/{number}?queue" not in ines.get("/backoffice?kind=job").text
