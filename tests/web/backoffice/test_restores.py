"""The page of restores: who sees it, what is compared there, and two people who let work go on."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text, update

from cessio import funding
from cessio.approvals import queries as approvals
from cessio.identity.models import WebSession
from cessio.plumbing import keeper, restored
from cessio.plumbing.database import transaction
from cessio.plumbing.keeper import Keeper
from tests.people import Named
from tests.web.agreed import agree
from tests.web.backoffice.desk import Desk, make_desk

PATH = "/backoffice/settlement/restores"
WHY = "disk of the <server> lost"
FOUND = {"bank": "Mme Weber of the bank: <one> order left", "seals": "the chain holds to seal 4",
         "papers": "nothing was sent since noon"}  # fmt: skip


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    keeper.use(Keeper(tmp_path / "seals", tmp_path / "seal.key"))
    return make_desk(engine, now, tmp_path)


def restore(desk: Desk) -> None:
    """A granted payout, then the book is put back as it was an hour ago."""
    with transaction(desk.engine) as session:
        funding.request_drawdown(session, contract_id=desk.book.alpha, amount_minor=1_234_00,
                                 by=desk.book.people.fanny.by, at=desk.now)  # fmt: skip
        funding.operations.mark_restored(session, as_of=desk.now - timedelta(hours=1), reason=WHY,
                                         by="job:restored", at=desk.now)  # fmt: skip


def holds(desk: Desk) -> bool:
    with transaction(desk.engine) as session:
        return restored.held(session) is not None


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_who_sees_the_books_or_releases_payments_sees_restores_and_nobody_else(desk: Desk) -> None:
    people = desk.book.people
    for one in (people.bruno, people.karine, people.alice):
        assert desk.visit(one).get(PATH).status_code == 200, one
    for one in (people.jules, people.chloe, people.fanny, people.helene):
        assert desk.visit(one).get(PATH).status_code == 403, one
    assert "This book was never restored" in desk.bruno.get(PATH).text


def test_a_restored_book_shows_what_is_compared_first(desk: Desk) -> None:
    restore(desk)
    page = desk.bruno.get(PATH).text
    told = words(page)
    assert "1 payout may have left since" in told
    assert "Payouts still unknown 1 · €1,234.00" in told
    assert "disk of the &lt;server&gt; lost" in page
    assert "Verified since the restore Not yet" in told
    assert "Last seal kept None" in told
    assert "Held" in told
    for address in ("/backoffice/bank", "/backoffice/funding/reconciliation",
                    "/backoffice/settlement/seals", "/backoffice/jobs"):  # fmt: skip
        assert f'href="{address}"' in page
    read_only = desk.visit(desk.book.people.karine).get(PATH).text
    assert 'name="bank"' in page
    assert 'name="bank"' not in read_only
    assert "Those who release payments say what they found." in read_only


def test_a_book_that_nobody_looked_at_yet_says_who_speaks_first(desk: Desk) -> None:
    with transaction(desk.engine) as session:
        session.execute(text("SELECT hold_restored(:at, 'from a script')"), {"at": desk.now})
    page = desk.bruno.get(PATH).text
    assert "Whoever runs the server says it first" in page
    assert 'name="bank"' not in page
    assert desk.bruno.post(PATH, data=FOUND).status_code == 422
    assert holds(desk)


def test_work_goes_on_when_a_second_person_found_the_same(desk: Desk) -> None:
    restore(desk)
    asked = desk.bruno.post(PATH, data=FOUND)
    place = asked.headers["location"]
    assert holds(desk)
    assert f'href="{place}"' in desk.ines.get(PATH).text
    shown = desk.ines.get(place).text
    assert "Mme Weber of the bank: &lt;one&gt; order left" in shown
    assert "1,234.00" in shown
    agree(desk.ines, asked)
    assert not holds(desk)
    page = desk.bruno.get(PATH).text
    assert all(one in words(page).replace("&lt;one&gt;", "<one>") for one in FOUND.values())
    assert desk.book.people.ines.name in page
    again = desk.bruno.post(PATH, data=FOUND)
    assert again.status_code == 422


def test_nobody_lets_work_go_on_alone(desk: Desk) -> None:
    restore(desk)
    place = desk.bruno.post(PATH, data=FOUND).headers["location"]
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', desk.ines.get(place).text)
    assert seen is not None
    yes = {"answer": "approve", "seen": seen.group(1)}
    refused: list[Named] = [desk.book.people.bruno, desk.book.people.karine]
    for one in refused:
        assert desk.visit(one).post(f"{place}/decision", data=yes).status_code in (403, 422)
    other = {**yes, "seen": "00" * 32}
    assert desk.ines.post(f"{place}/decision", data=other).status_code == 422
    assert holds(desk)


def test_what_says_nothing_or_nobody_may_say_is_refused(desk: Desk, now: datetime) -> None:
    restore(desk)
    for wrong in ({**FOUND, "bank": ""}, {**FOUND, "seals": "ok"}, {**FOUND, "papers": "x" * 1001},
                  {**FOUND, "more": "1"}, {"bank": FOUND["bank"]}):  # fmt: skip
        answer = desk.bruno.post(PATH, data=wrong)
        assert answer.status_code == 422, wrong
    kept = desk.bruno.post(PATH, data={**FOUND, "bank": ""}).text
    assert FOUND["papers"] in kept
    assert desk.visit(desk.book.people.karine).post(PATH, data=FOUND).status_code == 403
    assert desk.visit(desk.book.people.fanny).post(PATH, data=FOUND).status_code == 403
    with transaction(desk.engine) as session:
        session.execute(update(WebSession).values(proved_at=now - timedelta(hours=1)))
    stale = desk.bruno.post(PATH, data=FOUND)
    assert stale.headers["location"].startswith("/account/proof")
    with transaction(desk.engine) as session:
        assert approvals.pending(session) == ()
    assert holds(desk)
