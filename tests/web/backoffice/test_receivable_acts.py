"""Many receivables held or disputed in one go: shown before, done once, taken back exactly."""

from __future__ import annotations

from cessio.funding import queries as funding
from cessio.plumbing.database import transaction
from cessio.receivables import queries
from tests.web.backoffice.office import MOST_STATEMENTS, Office, counted

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
