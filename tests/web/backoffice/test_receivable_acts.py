"""Many receivables held or disputed in one go: shown before, done once, taken back exactly."""

from __future__ import annotations

from cessio.funding import queries as funding
from cessio.plumbing.database import transaction
from cessio.receivables import queries
from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office

ACTS = "/backoffice/receivables/acts"


def drawable(office: Office) -> int:
    with transaction(office.engine) as session:
        return funding.availability(session, contract_id=office.book.alpha,
                                    on=office.now.date()).available_minor  # fmt: skip


def fields(office: Office, act: str, *numbers: str) -> dict[str, object]:
    return {"act": act, "id": [str(office.id_of(number)) for number in numbers],
            "hold_reason": "document_missing", "dispute_reason": "price",
            "comment": "Delivery notes asked for"}  # fmt: skip


def test_a_hold_of_many_is_shown_done_and_taken_back(office: Office) -> None:
    before = drawable(office)
    form = fields(office, "hold", "F-1", "F-2", "B-1")
    with office.sits(office.book.people.alice) as alice:
        assert 'name="id"' in alice.get("/backoffice/receivables").text
        with counted(office.engine) as statements:
            shown = alice.post(ACTS, data=form)
        assert shown.status_code == 200
        assert len(statements) <= MOST_STATEMENTS
        assert "Bravo Textile SARL" in shown.text
        assert drawable(office) == before
        done = alice.post(ACTS, data={**form, "confirmed": "yes"}).headers["location"]
        assert drawable(office) < before
        assert "F-1" in alice.get(done).text
        again = alice.post(ACTS, data=form)  # held already: nothing is left to do
        assert 'name="confirmed"' not in again.text
        undone = alice.post(done.replace("/acts?", "/acts/undo?"))
        assert undone.status_code == 303
    assert drawable(office) == before


def test_disputes_of_many_lose_cover_and_get_it_back(office: Office) -> None:
    form = {**fields(office, "dispute", "F-1", "F-2"), "confirmed": "yes"}

    def covered() -> int:
        with transaction(office.engine) as session:
            rows = queries.rows_of(session, [office.id_of("F-1"), office.id_of("F-2")])
        return sum(row.covered_minor for row in rows)

    before = covered()
    with office.sits(office.book.people.alice) as alice:
        done = alice.post(ACTS, data=form).headers["location"]
        assert covered() == 0
        assert alice.post(done.replace("/acts?", "/acts/undo?")).status_code == 303
    assert covered() == before > 0


def test_an_act_of_many_needs_its_permission_and_something_ticked(office: Office) -> None:
    form = fields(office, "hold", "F-1")
    with office.sits(office.book.people.chloe) as analyst:
        assert analyst.post(ACTS, data=form).status_code == 403
    with office.sits(office.book.people.karine) as auditor:
        assert 'name="id"' not in auditor.get("/backoffice/receivables").text
        assert auditor.post(ACTS, data=form).status_code == 403
    with office.sits(office.book.people.alice) as alice:
        assert alice.post(ACTS, data={"act": "hold"}).status_code == 422
        assert alice.get(f"{ACTS}?act=hold&at=1").status_code == 404


def test_verified_invoices_are_funded_again(office: Office) -> None:
    before = drawable(office)
    form = {**fields(office, "hold", "F-1"), "hold_reason": "not_verified", "confirmed": "yes"}
    with office.sits(office.book.people.alice) as alice:
        alice.post(ACTS, data=form)
        assert drawable(office) < before
        verified = {**fields(office, "verify", "F-1", "F-2"), "confirmed": "yes"}
        assert alice.post(ACTS, data=verified).status_code == 303
    assert drawable(office) == before


def test_verifying_is_undone_exactly(office: Office) -> None:
    form = {**fields(office, "hold", "F-1", "F-2"), "hold_reason": "not_verified",
            "confirmed": "yes"}  # fmt: skip
    with office.sits(office.book.people.alice) as alice:
        alice.post(ACTS, data=form)
        held = drawable(office)
        verified = {**fields(office, "verify", "F-1", "F-2"), "confirmed": "yes"}
        done = alice.post(ACTS, data=verified).headers["location"]
        assert drawable(office) > held
        assert "F-1" in alice.get(done).text
        undone = alice.post(done.replace("/acts?", "/acts/undo?"))
        assert undone.status_code == 303
        assert drawable(office) == held
        assert alice.post(done.replace("/acts?", "/acts/undo?")).status_code == 303
    assert drawable(office) == held


def test_invoices_are_given_to_a_person_and_given_back(office: Office) -> None:
    people = office.book.people

    def followed(who: int) -> int:
        with transaction(office.engine) as session:
            wanted = queries.ReceivableFilter(on=office.now.date(), follower_id=who)
            return queries.found_totals(session, wanted).count or 0

    form = {**fields(office, "give", "F-1", "F-2"), "person": str(people.alice.id)}
    with office.sits(people.alice) as alice:
        assert alice.post(ACTS, data=form).status_code == 200
        assert followed(people.alice.id) == 0
        alice.post(ACTS, data={**form, "confirmed": "yes"})
        assert followed(people.alice.id) == 2
        other = {**form, "person": str(people.bruno.id), "confirmed": "yes"}
        done = alice.post(ACTS, data=other).headers["location"]
        assert (followed(people.alice.id), followed(people.bruno.id)) == (0, 2)
        assert "F-1" in alice.get(f"/backoffice/receivables?follower={people.bruno.id}").text
        assert alice.post(done.replace("/acts?", "/acts/undo?")).status_code == 303
        assert (followed(people.alice.id), followed(people.bruno.id)) == (2, 0)
        nobody = {**form, "person": "", "confirmed": "yes"}
        left = alice.post(ACTS, data=nobody).headers["location"]
        assert followed(people.alice.id) == 0
        assert alice.get(left).text.count("Alice Martin") >= 2
        assert alice.post(left.replace("/acts?", "/acts/undo?")).status_code == 303
        assert followed(people.alice.id) == 2
        client = {**form, "person": str(people.fanny.id), "confirmed": "yes"}
        assert alice.post(ACTS, data=client).status_code == 422


def test_an_act_on_all_that_the_filter_finds_is_on_exactly_that(office: Office) -> None:
    form = {"act": "hold", "hold_reason": "document_missing", "all": "yes"}
    with office.sits(office.book.people.alice) as alice:
        shown = alice.post(f"{ACTS}?who=durand&reference=", data=form).text
        assert all(number in shown for number in ("F-1", "F-2", "B-1"))
        assert "F-3" not in shown  # Mercier's
        ids = shown.partition('name="ids" value="')[2].partition('"')[0]
        sent = {"act": "hold", "hold_reason": "document_missing", "ids": ids, "confirmed": "yes"}
        done = alice.post(ACTS, data=sent).headers["location"]
        assert alice.get(done).text.count("/backoffice/receivables/") >= 3


def test_disputes_are_ended_together_and_opened_again(office: Office) -> None:
    opened = {**fields(office, "dispute", "F-1", "F-2"), "confirmed": "yes"}
    before = drawable(office)
    with office.sits(office.book.people.alice) as alice:
        alice.post(ACTS, data=opened)
        disputed = drawable(office)
        form = {"act": "end", "outcome": "unfounded", "all": "yes"}
        shown = alice.post(f"{ACTS}?list=disputes&reason=price", data=form)
        assert shown.status_code == 200
        assert drawable(office) == disputed < before
        ids = shown.text.partition('name="ids" value="')[2].partition('"')[0]
        sent = {"act": "end", "outcome": "unfounded", "ids": ids, "confirmed": "yes"}
        done = alice.post(ACTS, data=sent).headers["location"]
        assert drawable(office) == before
        assert "F-1" in alice.get("/backoffice/disputes?state=ended").text
        assert alice.post(done.replace("/acts?", "/acts/undo?")).status_code == 303
        assert drawable(office) == disputed
        assert "F-1" in alice.get("/backoffice/disputes").text
