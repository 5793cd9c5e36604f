"""A filter that cannot be read is told beside it; a file of it, or an act on it, is refused."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine

from tests.web.backoffice.office import open_office

NO_NUMBER, NO_DATE = "Abc n’est pas un nombre", "La date est illisible"


@pytest.mark.parametrize(
    ("person", "page", "said"),
    [
        ("alice", "/backoffice/receivables?amount=abc", NO_NUMBER),
        ("alice", "/backoffice/receivables?amount_from=abc", NO_NUMBER),
        ("alice", "/backoffice/receivables?amount_to=abc", NO_NUMBER),
        ("alice", "/backoffice/receivables?due_from=32/13/2026", NO_DATE),
        ("alice", "/backoffice/receivables?contract=abc", "Abc n’est pas un nombre entier"),
        ("alice", "/backoffice/disputes?amount_from=abc", NO_NUMBER),
        ("denis", "/backoffice/bank/lines?amount=abc&from=32/13/2026", NO_NUMBER),
        ("denis", "/backoffice/bank/lines?to=32/13/2026", NO_DATE),
        ("bruno", "/backoffice/funding/drawdowns?amount=abc", NO_NUMBER),
        ("bruno", "/backoffice/funding/drawdowns?to=32/13/2026", NO_DATE),
        ("karine", "/backoffice/audit?from=32/13/2026", NO_DATE),
    ],
)
def test_what_cannot_be_read_is_told(
    engine: Engine, now: datetime, person: str, page: str, said: str
) -> None:
    office = open_office(engine, now)
    with office.sits(getattr(office.book.people, person)) as browser:
        shown = browser.get(page)
        assert shown.status_code == 200
        assert said in shown.text
        if "amount" in page:
            assert "F-2" not in shown.text
        filed = browser.get(f"{page}&format=csv")
        if said is NO_NUMBER and "from=32" not in page:
            assert len(filed.text.splitlines()) == 1
        else:
            assert filed.status_code == 422


def test_nothing_is_done_to_all_that_an_unread_filter_finds(engine: Engine, now: datetime) -> None:
    office = open_office(engine, now)
    with office.sits(office.book.people.alice) as alice:
        asked = alice.post(
            "/backoffice/receivables/acts?due_from=32/13/2026",
            data={"act": "hold", "all": "yes", "hold_reason": "on_hold"},
        )
    assert asked.status_code == 422
    assert NO_DATE in asked.text
