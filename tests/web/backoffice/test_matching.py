"""The workbench: proposals with their reasons and consequence, by hand, parked, undone exactly."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cessio.cash import queries as cash
from cessio.cash.queries import WorkbenchLine
from cessio.funding import queries as funding
from cessio.ledger import bulk as proof
from cessio.ledger import queries as ledger
from cessio.plumbing.database import transaction
from cessio.receivables.bulk.verifying import verify as verify_receivables
from cessio.receivables.models import Receivable
from tests.counting import counted
from tests.people import ALPHA, MERCIER
from tests.web.agreed import agree
from tests.web.backoffice.desk import Desk, make_desk, money_in

PATH = "/backoffice/bank/matching"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path)


def waiting(desk: Desk) -> list[WorkbenchLine]:
    with transaction(desk.engine) as session:
        return cash.workbench(session)


def address(line: WorkbenchLine) -> str:
    return f"/backoffice/bank/lines/{line.line_id}"


def proposal(text: str) -> str:
    found = re.search(r'name="proposal" value="(\d+)"', text)
    assert found is not None, text
    return found.group(1)


def receivable(desk: Desk, number: str) -> int:
    with transaction(desk.engine) as session:
        return session.scalars(select(Receivable.id).where(Receivable.number == number)).one()


def receivables_of(session: Session, kind: str) -> list[Receivable]:
    return list(session.scalars(select(Receivable).where(Receivable.kind == kind)))


def books(desk: Desk) -> tuple[Any, Any, Any]:
    """Everything that an undone application must leave as it was."""
    with transaction(desk.engine) as session:
        assert proof.verify(session) == []
        return (
            ledger.trial_balance(session),
            funding.availability(session, contract_id=desk.book.alpha, on=desk.today).figures(),
            cash.unallocated(session),
        )


def short_payment(desk: Desk) -> WorkbenchLine:
    """11 760 for FA-1001 of 12 000: two per cent are missing."""
    desk.receive(money_in(desk, 11_760_00, "FACTURE FA-1001 ESCOMPTE"))
    return waiting(desk)[0]


def test_a_proposal_says_why_and_what_it_changes(desk: Desk) -> None:
    line = short_payment(desk)
    with counted(desk.engine) as statements:
        shown = desk.denis.get(PATH)
    assert shown.status_code == 200
    assert len(statements) <= 50, len(statements)
    assert "The payer wrote FA-1001." in shown.text
    assert "A part payment: €240.00 stay open." in shown.text
    assert "Availability of Alpha Métallerie SAS" in shown.text
    assert desk.denis.get(address(line)).status_code == 200


def test_the_consequence_shown_is_the_one_that_comes_true_and_looking_changes_nothing(
    desk: Desk,
) -> None:
    line = short_payment(desk)
    before = books(desk)
    shown = desk.denis.get(address(line)).text
    assert books(desk) == before
    told = re.search(r"→ ([^<]+)<", shown)
    assert told is not None
    done = desk.denis.post(f"{address(line)}/confirmation", data={"proposal": proposal(shown)})
    assert done.status_code == 303, done.text
    with transaction(desk.engine) as session:
        found = funding.availability(session, contract_id=desk.book.alpha, on=desk.today)
    minor = int(re.sub(r"[^0-9]", "", told.group(1))) * (-1 if "−" in told.group(1) else 1)
    assert found.available_minor == minor


def test_confirming_goes_on_to_the_next_line_and_undo_gives_everything_back(desk: Desk) -> None:
    desk.receive(money_in(desk, 11_760_00, "FACTURE FA-1001"), money_in(desk, 77_77))
    before = books(desk)
    first, second = waiting(desk)
    shown = desk.denis.get(address(first)).text
    done = desk.denis.post(f"{address(first)}/confirmation", data={"proposal": proposal(shown)})
    assert done.headers["location"] == f"{address(second)}?done={first.line_id}"
    onwards = desk.denis.get(done.headers["location"]).text
    assert f"{address(first)}/taking-back" in onwards
    undoing = desk.denis.get(f"{address(first)}?undo=1").text
    application = re.search(r'name="application" value="(\d+)"', undoing)
    assert application is not None
    silent = desk.denis.post(
        f"{address(first)}/undo", data={"application": application.group(1), "reason": ""}
    )
    assert silent.status_code == 422
    undone = desk.denis.post(
        f"{address(first)}/undo", data={"application": application.group(1), "reason": "wrong one"}
    )
    assert undone.status_code == 303
    after = books(desk)
    assert after == before
    shown = desk.denis.get(address(first)).text
    assert "Undone on" in shown
    assert "wrong one" in shown
    assert "The payer wrote FA-1001." in shown  # proposed again, not applied again


def test_a_payment_is_split_over_clients_with_a_difference_and_the_rest_on_account(
    desk: Desk,
) -> None:
    desk.receive(money_in(desk, 15_100_00, "REGLEMENT DIVERS", name="CENTRALE", iban=None))
    line = waiting(desk)[0]
    first, second = receivable(desk, "FA-1001"), receivable(desk, "BT-77")
    found = desk.denis.get(f"{address(line)}?q=FA-1001").text
    assert f"pick={first}" in found
    picked = desk.denis.get(f"{address(line)}?pick={first}&pick={second}").text
    assert 'value="12,000.00"' in picked
    form = {
        f"amount_{first}": "11 900,00", f"difference_{first}": "100.00",
        f"amount_{second}": "3000", f"difference_{second}": "",
        "home": f"{desk.book.alpha}:{desk.book.people.durand.id}", "held": "200",
    }  # fmt: skip
    before = books(desk)
    seen = desk.denis.post(f"{address(line)}/application", data={**form, "look": "1"})
    assert seen.status_code == 200
    assert "Availability of Alpha" in seen.text
    assert "Availability of Bravo" in seen.text
    assert books(desk) == before
    done = desk.denis.post(f"{address(line)}/application", data=form)
    assert done.status_code == 303, done.text
    assert waiting(desk) == []
    with transaction(desk.engine) as session:
        application = cash.applications_of(session, line_id=line.line_id)[0]
        assert [(part.amount_minor, part.kind) for part, _ in application.allocations] == [
            (11_900_00, "payment"), (100_00, "difference"), (3_000_00, "payment"),
            (200_00, "on_account"),
        ]  # fmt: skip
        assert proof.verify(session) == []
        assert verify_receivables(session) == []
        credit = receivables_of(session, "on_account")
    assert [one.open_minor for one in credit] == [-200_00]
    application_id = application.application_id
    undone = desk.denis.post(
        f"{address(line)}/undo", data={"application": str(application_id), "reason": "no"}
    )
    assert undone.status_code == 303, undone.text
    assert books(desk)[1:] == before[1:]


def test_what_does_not_fit_is_refused_and_nothing_is_half_done(desk: Desk) -> None:
    line = short_payment(desk)
    number = receivable(desk, "BT-77")
    before = books(desk)
    for amount in ("99 999", "-5", "x", "3 000,001"):
        answer = desk.denis.post(f"{address(line)}/application", data={f"amount_{number}": amount})
        assert answer.status_code == 422, amount
        assert amount in answer.text
    assert desk.denis.post(f"{address(line)}/application", data={}).status_code == 422
    gone = desk.denis.post(f"{address(line)}/confirmation", data={"proposal": "999999"})
    assert gone.status_code == 422
    assert books(desk) == before


def test_a_part_leaves_the_rest_to_be_matched_with_a_fresh_proposal(desk: Desk) -> None:
    desk.receive(money_in(desk, 9_000_00, "VIREMENT", name="INCONNU", iban=None))
    line = waiting(desk)[0]
    number = receivable(desk, "FA-1002")
    answer = desk.denis.post(f"{address(line)}/application", data={f"amount_{number}": "8000"})
    assert answer.status_code == 303
    assert waiting(desk)[0].open_minor == 1_000_00
    assert "€1,000.00 of it are still to be matched." in desk.denis.get(address(line)).text


def test_the_clients_own_money_goes_to_its_account(desk: Desk) -> None:
    desk.receive(money_in(desk, 1_500_00, "REMBOURSEMENT", name=ALPHA.name, iban=ALPHA.iban))
    line = waiting(desk)[0]
    with transaction(desk.engine) as session:
        before = funding.availability(session, contract_id=desk.book.alpha, on=desk.today)
    answer = desk.denis.post(
        f"{address(line)}/client",
        data={"contract": str(desk.book.alpha), "client_amount": "1,500.00"},
    )
    assert answer.status_code == 303, answer.text
    with transaction(desk.engine) as session:
        after = funding.availability(session, contract_id=desk.book.alpha, on=desk.today)
    assert after.current_account_minor - before.current_account_minor == 1_500_00


def test_a_line_is_set_aside_with_owner_and_note_and_comes_back(desk: Desk) -> None:
    line = short_payment(desk)
    owner = desk.book.people.alice
    silent = desk.denis.post(f"{address(line)}/parking", data={"owner": str(owner.id), "note": ""})
    assert silent.status_code == 422
    done = desk.denis.post(
        f"{address(line)}/parking", data={"owner": str(owner.id), "note": "called them"}
    )
    assert done.status_code == 303
    assert waiting(desk) == []
    assert "Everything is matched" in desk.denis.get(PATH).text
    aside = desk.denis.get(f"{PATH}?parked=1").text
    assert "Alice Martin" in aside
    assert "called them" in aside
    assert desk.denis.post(f"{address(line)}/unparking").status_code == 303
    assert len(waiting(desk)) == 1


def test_a_confirmed_match_teaches_the_payer_and_the_page_forgets_it(desk: Desk) -> None:
    desk.receive(money_in(desk, 4_900_00, "FA-1003", name="HOLDING MERCIER", iban=None))
    line = waiting(desk)[0]
    shown = desk.denis.get(address(line)).text
    desk.denis.post(f"{address(line)}/confirmation", data={"proposal": proposal(shown)})
    listed = desk.denis.get(f"{PATH}/payers").text
    assert "HOLDING MERCIER" in listed
    assert "Denis Moreau" in listed
    alias = re.search(r"payers/(\d+)/end", listed)
    assert alias is not None
    assert desk.denis.post(f"{PATH}/payers/{alias.group(1)}/end").status_code == 303
    assert "HOLDING MERCIER" not in desk.denis.get(f"{PATH}/payers").text


def test_a_payer_is_entered_by_hand(desk: Desk) -> None:
    form = {"debtor": MERCIER.siren, "kind": "name", "seen": "SARL MERCIER PERE"}
    assert desk.denis.post(f"{PATH}/payers", data=form).status_code == 303
    assert "SARL MERCIER PERE" in desk.denis.get(f"{PATH}/payers?q=mercier").text
    wrong = desk.denis.post(f"{PATH}/payers", data={**form, "kind": "iban", "seen": "FR76 1"})
    assert wrong.status_code == 422
    nobody = desk.denis.post(f"{PATH}/payers", data={**form, "debtor": "zzzzzz"})
    assert "No debtor is called so" in nobody.text


def test_how_sure_is_sure_enough_is_the_factors_choice(desk: Desk) -> None:
    form = {"auto_apply_from": "100", "tolerance": "0.05"}
    assert desk.denis.post(f"{PATH}/settings", data=form).status_code == 403
    karine = desk.visit(desk.book.people.karine)
    agree(karine, desk.bruno.post(f"{PATH}/settings", data=form))
    desk.receive(money_in(desk, 12_000_00, "FACTURE FA-1001"))
    assert len(waiting(desk)) == 1
    beyond = desk.bruno.post(f"{PATH}/settings", data={**form, "auto_apply_from": "50"})
    assert beyond.status_code == 422
    assert "Between 80 % and 100 %" in desk.bruno.get(f"{PATH}/settings").text
    looser = desk.bruno.post(f"{PATH}/settings", data={**form, "auto_apply_from": "95"})
    agree(karine, looser)
    assert desk.denis.post(PATH).status_code == 303
    assert waiting(desk) == []


def test_who_may_only_look_sees_no_button_and_a_debit_is_no_receipt(desk: Desk) -> None:
    line = short_payment(desk)
    karine = desk.visit(desk.book.people.karine)
    shown = karine.get(address(line))
    assert shown.status_code == 200
    assert "By hand" not in shown.text
    assert karine.post(f"{address(line)}/confirmation").status_code == 403
    assert desk.denis.get("/backoffice/bank/lines/999999").status_code == 404


def test_the_pages_speak_french(desk: Desk) -> None:
    short_payment(desk)
    denis = desk.visit(desk.book.people.denis, "fr")
    for path in (PATH, f"{PATH}?parked=1", f"{PATH}/payers", f"{PATH}/settings"):
        assert "Payeurs connus" in denis.get(path).text
