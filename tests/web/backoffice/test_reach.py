"""How a debtor is reached: a refusal is noted by hand with how we know, and lifted."""

from __future__ import annotations

import re

from cessio.parties.models import Contact, Debtor
from cessio.plumbing.database import transaction
from tests.web.backoffice.office import Office


def test_a_refusal_is_noted_with_how_we_know_and_lifted(office: Office) -> None:
    people = office.book.people
    with transaction(office.engine) as session:
        company_id = session.get_one(Debtor, people.durand.id).company_id
        session.add(Contact(company_id=company_id, name="Mme Roche", phone="06 12 34 56 78",
                            email="Compta@durand.example", added_at=office.now,
                            added_by="staff:alice"))  # fmt: skip
    page = f"/backoffice/debtors/{people.durand.id}/reach"
    told = {"address": "+33612345678", "why": "asked", "source": "Mme Roche au téléphone"}
    with office.sits(people.jules) as jules:
        assert "compta@durand.example" in jules.get(page).text
        for wrong in ({"source": ""}, {"why": "refused"}, {"address": "+33600000000"}):
            assert jules.post(page, data=told | wrong).status_code == 422, wrong
        assert jules.post(page, data=told).status_code == 303
        shown = jules.get(page).text
        assert "Mme Roche au téléphone" in shown
        assert jules.post(page, data=told).status_code == 422  # it is noted
        found = re.search(rf"/backoffice/debtors/{people.durand.id}/mail-stops/\d+/lift", shown)
        assert found is not None
        assert jules.post(found.group()).status_code == 303
        assert "Mme Roche au téléphone" not in jules.get(page).text
    with office.sits(people.chloe) as chloe:
        assert chloe.get(page).status_code == 200
        assert chloe.post(page, data=told).status_code == 403
