"""Who owns a company, as the form of its page records it."""

from __future__ import annotations

import re

import pytest

from tests.web.backoffice.office import Office

OWNER = {"name": "Claire Duval", "born_on": "1970-05-01", "share": "40", "since_on": "2020-01-01"}


def _page(office: Office) -> str:
    return f"/backoffice/companies/{office.book.people.alpha.company_id}/owners"


def test_an_owner_is_recorded_shown_and_ended(office: Office) -> None:
    alice, page = office.sits(office.book.people.alice), _page(office)
    assert alice.get(f"{page}/new").status_code == 200
    answer = alice.post(page, data=OWNER)
    assert answer.status_code == 303
    shown = alice.get(answer.headers["location"].partition("#")[0]).text
    assert "Claire Duval" in shown
    found = re.search(rf'action="({re.escape(page)}/\d+/end)"', shown)
    assert found is not None
    assert alice.post(found[1]).status_code == 303
    assert f'action="{found[1]}"' not in alice.get(
        answer.headers["location"].partition("#")[0]
    ).text  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [({"share": "140"}, ""), ({"share": "12.345"}, "Deux décimales au plus"),
     ({"born_on": "2026-02-30"}, "2026-02-30"), ({"name": ""}, "Ce champ est obligatoire"),
     ({"born_on": "2090-01-01"}, ""), ({"name": "<b>x</b>", "since_on": ""}, "obligatoire")],
)  # fmt: skip
def test_what_cannot_be_of_an_owner_comes_back_with_its_field(
    office: Office, change: dict[str, str], said: str
) -> None:
    alice = office.sits(office.book.people.alice)
    answer = alice.post(_page(office), data={**OWNER, **change})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text or 'role="alert"' in answer.text
    assert "<b>x</b>" not in answer.text
