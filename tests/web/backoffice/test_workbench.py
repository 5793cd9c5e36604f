"""The workbench for two hundred lines: lists, totals, undo by one keystroke, known payers."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from cessio import cash
from cessio.banking import queries as bank
from cessio.banking.models import BankLine
from cessio.cash import queries
from cessio.cash.models import MatchProposal
from cessio.cash.queries import LineFilter, LineState
from cessio.kernel.paging import PageRequest, decode_cursor
from cessio.plumbing.database import transaction
from tests.counting import counted
from tests.people import MERCIER
from tests.web.backoffice.desk import Desk, make_desk, money_in, money_out
from tests.web.backoffice.test_matching import address, books, proposal, waiting

LINES = "/backoffice/bank/lines"
DONE = "/backoffice/bank/matching/done"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path)


def several(desk: Desk) -> None:
    """Short payments, strangers, and a movement out that nobody knows."""
    desk.receive(
        money_in(desk, 11_760_00, "FACTURE FA-1001 ESCOMPTE"),
        money_in(desk, 7_840_00, "FACTURE FA-1002 ESCOMPTE"),
        money_in(desk, 77_77, "LOYER", name="SCI LES TILLEULS", iban=None),
        money_in(desk, 1_234_56, "SOLDE", name="SCI LES TILLEULS", iban=None),
        money_out(desk, 42_00, "FRAIS"),
    )


def totals(desk: Desk, state: LineState) -> dict[int, int]:
    with transaction(desk.engine) as session:
        found = queries.line_totals(session, LineFilter(on=desk.today, state=state))
        return {one.account_id: one.open_minor for one in found}


def suspense(desk: Desk) -> dict[int, int]:
    with transaction(desk.engine) as session:
        assert bank.suspense_differences(session) == []
        return {one.account.account_id: one.unallocated_minor for one in bank.positions(session)}


def confirm(desk: Desk, line: queries.WorkbenchLine) -> str:
    shown = desk.denis.get(address(line)).text
    done = desk.denis.post(f"{address(line)}/confirmation", data={"proposal": proposal(shown)})
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


def test_everything_not_applied_is_the_suspense_account_after_every_act(desk: Desk) -> None:
    several(desk)
    assert totals(desk, LineState.OPEN) == suspense(desk)
    first, second, third = waiting(desk)[:3]
    confirm(desk, first)
    assert totals(desk, LineState.OPEN) == suspense(desk)
    with transaction(desk.engine) as session:
        cash.park_line(session, line_id=third.line_id, owner_id=desk.book.people.jules.id,
                       note="whose rent?", by=desk.book.people.denis.by, at=desk.now)  # fmt: skip
    parts = (LineState.MATCH, LineState.PARKED)
    waits = sum(sum(totals(desk, state).values()) for state in parts)
    assert waits - 42_00 == sum(suspense(desk).values())
    assert second.line_id in {one.line_id for one in waiting(desk)}
    page = desk.denis.get(f"{LINES}?state=open").text
    assert "As the suspense account" in page
    assert "The suspense account holds" not in page


def test_what_waits_is_known_without_reading_what_is_applied(desk: Desk) -> None:
    several(desk)
    with transaction(desk.engine) as session:
        kept = set(session.scalars(text("SELECT bank_line_id FROM waiting_line")))
        open_lines = select(BankLine.id).where(BankLine.applied_minor != BankLine.amount_minor)
        assert kept == set(session.scalars(open_lines))
    confirm(desk, waiting(desk)[0])
    with transaction(desk.engine) as session:
        kept = set(session.scalars(text("SELECT bank_line_id FROM waiting_line")))
        assert kept == set(session.scalars(open_lines))
        assert len(kept) == 4


def test_lines_are_found_by_payer_amount_owner_and_state_and_exported_as_shown(desk: Desk) -> None:
    several(desk)
    tilleuls = desk.denis.get(f"{LINES}?payer=tilleuls").text
    assert "SCI LES TILLEULS" in tilleuls
    assert "FA-1001" not in tilleuls
    assert desk.denis.get(f"{LINES}?amount=77,77").text.count('<th scope="row"><a href') == 1
    sheet = desk.denis.get(f"{LINES}?payer=tilleuls&sort=-amount&format=csv")
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig")), delimiter=","))
    assert [row[3] for row in rows[1:]] == ["SCI LES TILLEULS"] * 2
    assert "LOYER" in rows[2][5]
    confirm(desk, waiting(desk)[0])
    applied = desk.denis.get(f"{LINES}?state=applied").text
    assert "FA-1001" in applied
    assert desk.denis.get(f"{LINES}?state=open&format=xlsx").status_code == 200


def test_pages_of_lines_follow_each_other_in_every_order(desk: Desk) -> None:
    several(desk)
    for order in queries.LineOrder:
        wanted = LineFilter(on=desk.today, state=LineState.OPEN, order=order)
        with transaction(desk.engine) as session:
            whole = [one.line_id for one in queries.lines(session, PageRequest(50), wanted).rows]
            paged, request = [], PageRequest(2)
            for _ in range(4):
                page = queries.lines(session, request, wanted)
                paged += [one.line_id for one in page.rows]
                if page.next is None:
                    break
                request = PageRequest(2, after=decode_cursor(page.next))
        assert paged == whole, order
        assert len(whole) == 5


def test_a_mistake_is_taken_back_by_one_keystroke_and_another_s_is_not(desk: Desk) -> None:
    several(desk)
    before = books(desk)
    first = waiting(desk)[0]
    onwards = desk.denis.get(confirm(desk, first)).text
    taken = re.search(rf'{address(first)}/taking-back".*?name="application" value="(\d+)"', onwards,
                      re.DOTALL)  # fmt: skip
    assert taken is not None
    form = {"application": taken.group(1)}
    bruno = desk.visit(desk.book.people.ines)
    assert bruno.post(f"{address(first)}/taking-back", data=form).status_code in {403, 422}
    undone = desk.denis.post(f"{address(first)}/taking-back", data=form)
    assert undone.headers["location"] == address(first)
    assert books(desk) == before
    assert waiting(desk)[0].line_id == first.line_id


def test_today_s_work_lists_what_one_did_and_undoes_it_there(desk: Desk) -> None:
    several(desk)
    before = books(desk)
    first, second = waiting(desk)[:2]
    confirm(desk, first)
    confirm(desk, second)
    page = desk.denis.get(DONE).text
    assert "FA-1001" in page
    assert "FA-1002" in page
    assert "€19,600.00" in page
    for application in re.findall(r'name="application" value="(\d+)"', page):
        line = (
            first
            if application == min(re.findall(r'"application" value="(\d+)"', page))
            else second
        )
        sent = {"application": application, "back": "done"}
        answer = desk.denis.post(f"{address(line)}/taking-back", data=sent)
        assert answer.headers["location"] == DONE
    assert books(desk) == before
    sheet = desk.denis.get(f"{DONE}?format=csv").content.decode("utf-8-sig")
    assert sheet.count("FA-100") == 2


def test_a_line_that_loses_its_invoice_is_proposed_for_anew(desk: Desk) -> None:
    desk.receive(money_in(desk, 11_760_00, "FACTURE FA-1001"), money_in(desk, 11_770_00, "FA-1001"))
    first, second = waiting(desk)
    assert "FA-1001" in desk.denis.get(address(second)).text
    confirm(desk, first)
    with transaction(desk.engine) as session:
        for one in queries.proposals_of(session, line_id=second.line_id):
            for part, known in zip(one.proposal.allocations, one.receivables, strict=True):
                assert abs(part.amount_minor) <= abs(known.open_minor)


def test_a_proposal_that_fits_no_more_is_never_shown_nor_a_dead_end(desk: Desk) -> None:
    desk.receive(money_in(desk, 11_760_00, "FACTURE FA-1001"))
    line = waiting(desk)[0]
    with transaction(desk.engine) as session:  # the client was paid itself meanwhile
        found = queries.proposals_of(session, line_id=line.line_id)[0].receivables[0]
        cash.record_direct_payment(
            session, receivable_id=found.receivable_id, amount_minor=12_000_00, paid_on=desk.today,
            by=desk.book.people.denis.by, at=desk.now,
        )  # fmt: skip
        kept = session.scalar(select(func.count()).select_from(MatchProposal))
        assert kept
    page = desk.denis.get(address(line)).text
    assert "no longer open for the chosen amount" not in page
    shown = re.search(r'name="shown" value="([^"]+)"', page)
    assert shown is not None
    answer = desk.denis.post(
        f"{address(line)}/confirmation", data={"proposal": "0", "shown": shown.group(1)}
    )
    assert answer.status_code == 303, answer.text


def test_amounts_in_reasons_read_in_the_line_s_own_currency(desk: Desk) -> None:
    several(desk)
    line = waiting(desk)[0]
    with transaction(desk.engine) as session:
        session.execute(text("ALTER TABLE factor_account DISABLE TRIGGER factor_account_kept"))
        session.execute(text("UPDATE factor_account SET currency = 'GBP'"))
        session.execute(text("ALTER TABLE factor_account ENABLE TRIGGER factor_account_kept"))
    with transaction(desk.engine) as session:
        reasons = [
            reason for one in queries.proposals_of(session, line_id=line.line_id)
            for reason in one.proposal.reasons if "short_minor" in reason.params
        ]  # fmt: skip
        assert reasons
        assert {reason.params["currency"] for reason in reasons} == {"GBP"}


def test_people_without_the_right_are_not_told_to_search_below(desk: Desk) -> None:
    several(desk)
    line = next(one for one in waiting(desk) if one.amount_minor == 77_77)
    assert "Search below" in desk.denis.get(address(line)).text
    karine = desk.visit(desk.book.people.karine).get(address(line)).text
    assert "speaks for an invoice." in karine
    assert "Search below" not in karine


def test_earlier_payments_of_the_payer_stand_beside_the_line(desk: Desk) -> None:
    several(desk)
    confirm(desk, waiting(desk)[0])
    second = waiting(desk)[0]
    page = desk.denis.get(address(second)).text
    assert "Earlier payments of this payer" in page
    assert "€11,760.00" in page


def test_what_was_learned_says_why_and_is_put_right(desk: Desk) -> None:
    desk.receive(money_in(desk, 5_000_00, "VIR FA-1003", name="MERCIER TRESORERIE", iban=None),
                 money_in(desk, 70_00, "VIR", name="MERCIER TRESORERIE", iban=None))  # fmt: skip
    with transaction(desk.engine) as session:
        if waits := [one for one in queries.workbench(session) if one.amount_minor == 5_000_00]:
            found = queries.proposals_of(session, line_id=waits[0].line_id)[0]
            cash.apply_proposal(session, proposal_id=found.proposal_id,
                                by=desk.book.people.denis.by, at=desk.now)  # fmt: skip
        else:
            cash.add_alias(session, debtor_id=desk.book.people.mercier.id, kind="name",
                           seen="MERCIER TRESORERIE", by=desk.book.people.denis.by,
                           at=desk.now)  # fmt: skip
        known = next(one for one in queries.aliases(session) if one.kind == "name")
    page = desk.denis.get("/backoffice/bank/matching/payers").text
    assert known.seen in page
    one = f"/backoffice/bank/matching/payers/{known.alias_id}"
    assert MERCIER.details.name.split()[1] in desk.denis.get(one).text
    wrong = desk.denis.post(one, data={"debtor": "Nobody at all", "seen": known.seen})
    assert wrong.status_code == 422
    right = desk.denis.post(one, data={"debtor": "Garages Leroy", "seen": "LEROY TRESORERIE"})
    assert right.status_code == 303, right.text
    with transaction(desk.engine) as session:
        now = [(one.debtor_name, one.seen) for one in queries.aliases(session)]
    assert ("Garages Leroy", "LEROY TRESORERIE") in now
    assert known.seen not in {seen for _name, seen in now}
    assert (
        "MERCIER TRESORERIE" in desk.denis.get("/backoffice/bank/matching/payers?state=ended").text
    )
    assert desk.denis.get("/backoffice/bank/matching/payers?format=csv").status_code == 200


def test_parked_lines_are_told_by_owner_and_age(desk: Desk) -> None:
    several(desk)
    people = desk.book.people
    for line, owner, days in zip(waiting(desk), (people.jules, people.denis), (9, 2), strict=False):
        with transaction(desk.engine) as session:
            cash.park_line(session, line_id=line.line_id, owner_id=owner.id, note="ask",
                           by=people.denis.by, at=desk.now - timedelta(days=days))  # fmt: skip
    page = desk.denis.get(f"{LINES}?state=parked").text
    assert page.index(people.jules.name) < page.index(people.denis.name, page.index("Who holds"))
    assert "9 days" in page
    one = desk.denis.get(f"{LINES}?state=parked&owner={people.denis.id}").text
    assert "set aside 2 days ago" in one
    assert "set aside 9 days ago" not in one


@pytest.mark.parametrize("path", ["/backoffice/bank/matching", f"{LINES}?state=open", DONE,
                                  "/backoffice/bank/matching/payers"])  # fmt: skip
def test_no_page_asks_more_as_lines_grow(desk: Desk, path: str) -> None:
    several(desk)
    confirm(desk, waiting(desk)[0])
    with counted(desk.engine) as few:
        assert desk.denis.get(path).status_code == 200
    desk.receive(*(money_in(desk, 100_00 + n, f"DIVERS {n}", name=f"PAYEUR {n}", iban=None)
                   for n in range(30)))  # fmt: skip
    with counted(desk.engine) as many:
        assert desk.denis.get(path).status_code == 200
    assert len(many) <= 50
    assert len(many) <= len(few) + 2
